"""What a cluster of similar procedures says, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en

__all__ = ["cluster_sentence"]

_LEVEL_NAMES = {
    "central": Text("trung ương", "central"),
    "province": Text("tỉnh", "province"),
    "commune": Text("xã", "commune"),
    "other": Text("khác", "other"),
}
_PEOPLE = {
    "citizen": Text("cá nhân", "citizens"),
    "business": Text("doanh nghiệp", "businesses"),
    "both": Text("cá nhân và doanh nghiệp", "citizens and businesses"),
    "organisation": Text("tổ chức", "organisations"),
    "state": Text("cơ quan nhà nước", "state bodies"),
}


def _range(values: tuple[float, ...], digits: int, unit: Text) -> Text:
    """Return the least and the most of figures, and how many are not known."""
    known = [round(float(value), digits) for value in values if not math.isnan(value)]
    ends = sorted({min(known), max(known)} if known else ())
    vi = "–".join(map(format_number, ends))
    en = "–".join(map(format_number_en, ends))
    lacking = len(values) - len(known)
    more = Text(f" ({lacking} chưa rõ)", f" ({lacking} not known)") if lacking else Text("", "")
    return Text(f"{vi} {unit.vi}".strip() + more.vi, f"{en} {unit.en}".strip() + more.en)


def _listed(values: tuple[str, ...], words: Mapping[str, Text]) -> Text:
    """Return the different values, lists of levels joined by a dash."""
    found = [
        [words.get(part, Text(part, part)) for part in value.split(";")]
        for value in dict.fromkeys(values)
        if value
    ]
    return Text(
        "; ".join("–".join(text.vi for text in parts) for parts in found),
        "; ".join("–".join(text.en for text in parts) for parts in found),
    )


_NO_WORDS: Mapping[str, Text] = {}
_LISTS = (
    ("acts", Text("việc làm", "act"), _NO_WORDS),
    ("levels", Text("cấp thực hiện", "level"), _LEVEL_NAMES),
    ("audience", Text("đối tượng", "audience"), _PEOPLE),
)
_FIGURES = (
    (
        "limit_days",
        Text("thời hạn giải quyết", "time limit"),
        1,
        Text("ngày làm việc", "working days"),
    ),
    ("fees_vnd", Text("phí, lệ phí", "fees"), 0, Text("đồng", "VND")),
    ("documents", Text("thành phần hồ sơ", "papers"), 0, Text("", "")),
    ("conditions", Text("điều kiện", "conditions"), 0, Text("", "")),
)


def _differences(
    catalogue: Mapping[str, Text], differs: Mapping[str, tuple[Any, ...]]
) -> Iterator[Text]:
    """Yield each difference in words."""
    for name, label, words in _LISTS:
        if name in differs:
            text = _listed(differs[name], words)
            yield Text(f"{label.vi} ({text.vi})", f"{label.en} ({text.en})")
    for name, label, digits, unit in _FIGURES:
        if name in differs:
            text = _range(differs[name], digits, unit)
            yield Text(f"{label.vi} {text.vi}", f"{label.en} {text.en}")
    found = [kind for cell in differs.get("other_types", ()) for kind in cell.split(";")]
    if found:
        text = _papers(catalogue, tuple(dict.fromkeys(found)), 4)
        yield Text(
            f"giấy tờ chỉ một số thủ tục yêu cầu ({text.vi})",
            f"papers that only some ask for ({text.en})",
        )


def _papers(catalogue: Mapping[str, Text], kinds: tuple[str, ...], most: int) -> Text:
    """Return the names of the first document types, and how many more there are."""
    named = [catalogue.get(kind, Text(kind, kind)) for kind in kinds if kind]
    more = len(named) - most
    rest = Text(f"; và {more} loại khác", f"; and {more} more") if more > 0 else Text("", "")
    return Text(
        "; ".join(text.vi for text in named[:most]) + rest.vi,
        "; ".join(text.en for text in named[:most]) + rest.en,
    )


def cluster_sentence(
    catalogue: Mapping[str, Text],
    count: int,
    similarity: float,
    subject: str,
    shared: tuple[str, ...],
    differs: Mapping[str, tuple[Any, ...]],
) -> Text:
    """Return a cluster in words: what its members share and in what they differ.

    Parameters
    ----------
    catalogue
        Names of the document types.
    count, similarity, subject, shared, differs
        As in `procsim.measures.similar.Cluster`.
    """
    about = Text(f" về “{subject}”", f" on “{subject}”") if subject else Text("", "")
    percent = math.floor(100 * similarity + 1e-6)
    vi = f"{count} thủ tục{about.vi} giống nhau ít nhất {percent} %."
    en = f"{count} procedures{about.en} are at least {percent} % alike."
    if percent == 100:
        vi = f"{count} thủ tục{about.vi} có tên và hồ sơ như nhau."
        en = f"{count} procedures{about.en} have the same names and papers."
    if shared:
        text = _papers(catalogue, shared, 6)
        vi += f" Cùng yêu cầu: {text.vi}."
        en += f" All ask for: {text.en}."
    texts = list(_differences(catalogue, differs))
    if texts:
        vi += f" Khác nhau: {'; '.join(text.vi for text in texts)}."
        en += f" They differ in: {'; '.join(text.en for text in texts)}."
    return Text(vi + " Xem xét hợp nhất.", en + " Consider merging them.")
