"""The rank of a legal text, read from its number (số, ký hiệu văn bản)."""

from __future__ import annotations

import re

from procsim.language.vietnamese import fold

__all__ = ["rank_of"]

# Luật Ban hành văn bản quy phạm pháp luật fixes the sign of each kind of text.
_SIGNS: tuple[tuple[str, str], ...] = (
    (r"ubtvqh\d*$", "phap_lenh"),
    (r"qh\d*$", "luat"),
    (r"nd-?cp$", "nghi_dinh"),
    (r"nq-(?:cp|hdnd|qh\d*)$", "nghi_quyet"),
    (r"qd-ttg$", "quyet_dinh_ttg"),
    (r"(?:tt|ttlt)-?[a-z-]+$", "thong_tu"),
    (r"qd-[a-z-]+$", "quyet_dinh_bo_truong"),
)
_NAMES: tuple[tuple[str, str], ...] = (
    ("hien phap", "hien_phap"),
    ("bo luat", "luat"),
    ("luat", "luat"),
    ("phap lenh", "phap_lenh"),
    ("nghi dinh", "nghi_dinh"),
    ("nghi quyet", "nghi_quyet"),
    ("thong tu", "thong_tu"),
)


def rank_of(number: str, name: str = "") -> str:
    """Return the rank of a legal text.

    Parameters
    ----------
    number
        Such as ``"113/2017/NĐ-CP"``.
    name
        Used where the number says nothing.

    Returns
    -------
    str
        A category of ``legal_bases.rank``; ``"unknown"`` when neither tells.

    Examples
    --------
    >>> rank_of("113/2017/NĐ-CP")
    'nghi_dinh'
    >>> rank_of("19/2012/QH13")
    'luat'
    """
    sign = fold(number).replace(" ", "").rpartition("/")[2]
    for pattern, rank in _SIGNS:
        if re.search(pattern, sign):
            return rank
    title = fold(name)
    return next((rank for start, rank in _NAMES if title.startswith(start)), "unknown")
