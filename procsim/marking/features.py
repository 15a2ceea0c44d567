"""What the learning model sees of a dossier row: words, letters and what the rules say.

Words are taken without diacritics and in lower case, after `spell`, so that a row
gives the same features however it was typed. Features are hashed with CRC-32,
which is the same on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from procsim.marking.rows import Reading
from procsim.marking.spelling import Spelled, bare, spell
from procsim.marking.variants import TypeVariants

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "KIND_SIZE",
    "LABELLED",
    "PAPER_SIZE",
    "Candidate",
    "Row",
    "candidates",
    "flat",
    "kind_features",
    "paper_features",
    "score",
]

KIND_SIZE = 1 << 14
"""Columns of the features that decide the kind."""
PAPER_SIZE = 1 << 12
"""Columns of the features that decide whether a named paper is asked for."""

LABELLED = frozenset(
    {
        "anh_the", "bao_cao_tai_chinh", "can_cuoc", "chung_chi", "gcn_dang_ky_xe", "gcn_dau_tu",
        "gcn_dk_ho_kinh_doanh", "gcn_dk_htx", "gcn_dkdn", "gcn_qsdd", "giay_chung_tu",
        "giay_cn_ket_hon", "giay_khai_sinh", "giay_kham_suc_khoe", "giay_ly_hon",
        "giay_phep_lai_xe", "ho_chieu", "phieu_lltp", "quyet_dinh_thanh_lap", "so_bhxh",
        "the_bhyt", "van_ban_uy_quyen", "van_bang", "xac_nhan_cu_tru",
        "xac_nhan_tinh_trang_hon_nhan", "xac_nhan_thue",
    }
)  # fmt: skip
"""Document types of the labelling guide: on others the labels are silent."""

_LONGEST = 50
_SEEN = 500
_REMEMBERED = 300_000
_LETTERS_OF = 12
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[:;()/~]")
_WORD = re.compile(r"\w+")

Values = tuple[list[int], list[float]]
"""Columns and their values; a column that stands twice counts twice."""


class Row(NamedTuple):
    """A dossier row with what stands around it.

    Attributes
    ----------
    name
        The row as written.
    case, procedure
        Names of what it stands under.
    quantity
        Originals and copies asked for; ``None`` where nobody stated them.
    """

    name: str
    case: str = ""
    procedure: str = ""
    quantity: int | None = None


class Candidate(NamedTuple):
    """A document type that a row names somewhere.

    Attributes
    ----------
    document_type
        Id of the catalogue.
    start, end
        Where it is named first (or where the rules found it asked for).
    said
        What the rules say: ``"asked"``, ``"passed"`` over, or ``"hidden"`` in a
        clause that asks for nothing.
    """

    document_type: str
    start: int
    end: int
    said: str


@cache
def _letters(word: str, size: int) -> tuple[int, ...]:
    """Return the columns of the letter groups (2–5) within a word."""
    edged = f"<{word}>"
    return tuple(
        crc32(edged[at : at + n].encode()) % size
        for n in range(2, 6)
        for at in range(len(edged) - n + 1)
    )


class _Columns(dict[str, int]):
    """Feature to column, filled as features are met; forgets all when it grows too large."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __missing__(self, feature: str) -> int:
        if len(self) > _REMEMBERED:
            self.clear()
        self[feature] = made = crc32(feature.encode()) % self.size
        return made


_KIND = _Columns(KIND_SIZE)
_PAPER = _Columns(PAPER_SIZE)


def _tokens(text: str) -> list[str]:
    return ["0" if token.isdecimal() else token for token in _TOKEN.findall(bare(text))]


def _shape(row: Row, text: str) -> tuple[str, ...]:
    stated = "?" if row.quantity is None else str(min(row.quantity, 1))
    length = len(text)
    size = "s" if length < 60 else "m" if length < 200 else "l" if length < 500 else "x"
    return f"quantity={stated}", f"size={size}", f"colon={text.rstrip().endswith(':')}"


@lru_cache(maxsize=50_000)
def _case_features(case: str) -> tuple[int, ...]:
    words = _tokens(spell(case).text)[:12]
    return tuple(_KIND[f"case:{word}"] for word in words)


# Rows come sorted by name, so the few last names serve all that stand in several cases.
@lru_cache(maxsize=8)
def _name_features(spelled: Spelled) -> Values:
    """Return what the words of a name alone give, whatever it stands under."""
    tokens = _tokens(spelled.text[:_SEEN])[:_LONGEST]
    words = [token for token in tokens if token.isalnum()]
    opening = [word for word in words if len(word) > 1 or word == "0"][:5]
    columns = [_KIND[token] for token in tokens]
    columns += [_KIND[f"{a} {b}"] for a, b in pairwise(tokens)]
    values = [1.0 / max(1.0, len(words) ** 0.5)] * len(columns)
    marks = [f"^{place}{word}" for place, word in enumerate(opening)]
    marks += ["^^" + " ".join(opening[:2]), "^^" + " ".join(opening[:3])]
    columns += [_KIND[mark] for mark in marks]
    values += [0.5] * len(marks)
    few = 0.3 / max(1.0, min(len(words), _LETTERS_OF) ** 0.5)
    for word in words[:_LETTERS_OF]:
        letters = _letters(word, KIND_SIZE)
        columns += letters
        values += [few] * len(letters)
    return columns, values


def kind_features(row: Row, spelled: Spelled) -> Values:
    """Return the features of a row for its kind."""
    columns, values = _name_features(spelled)
    case = _case_features(row.case)
    shape = [_KIND[said] for said in _shape(row, spelled.text)]
    return (
        [*columns, *case, *shape],
        [*values, *([0.3] * len(case)), *([1.0] * len(shape))],
    )


@lru_cache(maxsize=8)
def _named(spelled: Spelled, variants: TypeVariants) -> tuple[tuple[str, int, int], ...]:
    """Return every document type that a text names, with where it stands."""
    found: list[tuple[str, int, int]] = []
    taken = 0
    starts = variants.starts(plain=spelled.plain)
    for word in _WORD.finditer(spelled.text):
        start = word.start()
        if start < taken or word.group() not in starts:
            continue
        hit = variants.at(spelled.text, start, plain=spelled.plain)
        if hit is not None:
            taken = hit[1]
            found.append((hit[0], start, taken))
    return tuple(found)


def candidates(
    spelled: Spelled, blanked: str, variants: TypeVariants, reading: Reading
) -> list[Candidate]:
    """Return every document type that a row names, asked for or not.

    A type that the rules found asked for stands where they found it, any other
    where it is named first.
    """
    asked: dict[str, tuple[int, str]] = {}
    for item in reading.items:
        if item.document_type in LABELLED:
            asked.setdefault(item.document_type, (item.position, item.words))
    found: dict[str, Candidate] = {}
    for name, start, end in _named(spelled, variants):
        if name in LABELLED and name not in asked and name not in found:
            said = "hidden" if blanked[start] == "~" else "passed"
            found[name] = Candidate(name, start, end, said)
    for document_type, (start, words) in asked.items():
        found[document_type] = Candidate(document_type, start, start + len(words), "asked")
    return sorted(found.values(), key=lambda candidate: candidate.start)


def paper_features(row: Row, spelled: Spelled, candidate: Candidate) -> Values:
    """Return the features of one named paper, for whether the row asks for it."""
    before = _tokens(spelled.text[max(0, candidate.start - 90) : candidate.start])[-12:]
    after = _tokens(spelled.text[candidate.end : candidate.end + 60])[:4]
    stated = "?" if row.quantity is None else str(min(row.quantity, 1))
    columns: list[int] = []
    values: list[float] = []

    def add(feature: str, value: float) -> None:
        columns.append(_PAPER[feature])
        values.append(value)

    add(f"type={candidate.document_type}", 0.5)
    add(f"opens={candidate.start < 12}", 1.0)
    add(f"far={min(candidate.start // 80, 4)}", 1.0)
    add(f"quantity={stated}", 0.5)
    for back, token in enumerate(reversed(before)):
        if back < 3:
            add(f"-{back + 1}{token}", 1.0)
        add(f"-{token}", 0.4)
    add("--" + " ".join(before[-2:]), 1.0)
    for place, token in enumerate(after[:3]):
        add(f"+{place}{token}", 0.5)
    for place, token in enumerate(_tokens(spelled.text[:60])[:4]):
        add(f"^{place}{token}", 0.7)
    return columns, values


def flat(
    rows: Sequence[Values],
) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.int64]]:
    """Return columns and values of all rows in one line, and where each row starts."""
    sizes = np.fromiter((len(columns) for columns, _ in rows), dtype=np.int64, count=len(rows))
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(rows) else 0
    columns = np.fromiter(chain.from_iterable(c for c, _ in rows), dtype=np.int32, count=total)
    values = np.fromiter(chain.from_iterable(v for _, v in rows), dtype=np.float64, count=total)
    return columns, values, ends - sizes


def score(rows: Sequence[Values], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted sums of feature rows, shape (rows,) or (rows, outputs).

    Parameters
    ----------
    rows
        Each with at least one feature.
    weights
        Shape (columns,) or (columns, outputs).
    """
    if not rows:
        return np.zeros((0, *weights.shape[1:]))
    columns, values, starts = flat(rows)
    taken = weights[columns]
    taken *= values if weights.ndim == 1 else values[:, None]
    return np.add.reduceat(taken, starts, axis=0)
