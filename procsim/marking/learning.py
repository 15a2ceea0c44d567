"""A linear model beside the rules, kept as plain numbers.

Three parts, each a logistic regression: what kind a row is, whether a paper that
it names is asked for, and how far the whole reading can be trusted. The file is a
NumPy archive without pickles; its entry ``about`` is JSON that says what the model
saw and how it scored.
"""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib import resources
from io import BytesIO
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from zlib import crc32

import numpy as np

from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import fault_of
from procsim.marking.items import Item, blank
from procsim.marking.rows import Kind, Reading, in_context, read_row, relation_of
from procsim.marking.spelling import Spelled, TypeVariants, bare, spell

if TYPE_CHECKING:
    from numpy.typing import NDArray


KINDS: tuple[Kind, ...] = ("form", "document", "note")
RECIPE = "1"
"""Version of the features and of the training; a model of another version is refused."""

RULE_SAYS = {"asked": 0.93, "passed": 0.12, "hidden": 0.05}
"""How far a rule's word on one named paper is taken by itself, before the model's."""
CHANGE_KIND, CHANGE_PAPER = 0.65, 0.85
"""How sure rules and model together must be to change what the rules found."""

TRUST = (
    "one",
    "certainty of the kind",
    "certainty of the papers",
    "the model agrees on the kind",
    "doubt of the rule",
    "papers",
    "mixed",
    "length",
    "named but passed over",
)
"""What the trust in a reading is computed from."""


class Seen(NamedTuple):
    """A row as the model sees it: text, the rules' reading, named papers."""

    row: Row
    spelled: Spelled
    blanked: str
    reading: Reading
    named: tuple[Candidate, ...]


class Judgement(NamedTuple):
    """What rules and model say together about one row.

    Attributes
    ----------
    reading
        Kind, items and the calibrated confidence.
    kinds
        Probability of each of `KINDS`.
    papers
        Probability for each document type that the row names.
    changed
        Whether the model changed what the rules said.
    trust
        The numbers behind the confidence, as in `TRUST`.
    """

    reading: Reading
    kinds: tuple[float, ...]
    papers: tuple[tuple[str, float], ...]
    changed: bool
    trust: tuple[float, ...]


def see(row: Row, variants: TypeVariants) -> Seen:
    """Return a row with what the rules read in it."""
    return under(row, alone(row.name, variants), variants)


def alone(name: str, variants: TypeVariants) -> Seen:
    """Return what the rules read in a name, whatever it stands under."""
    spelled = spell(name)
    blanked = blank(spelled)
    return Seen(Row(name), spelled, blanked, read_row(spelled, variants, blanked=blanked), ())


def under(row: Row, first: Seen, variants: TypeVariants) -> Seen:
    """Return a row as it stands under its case and procedure."""
    quantity = 1 if row.quantity is None else row.quantity
    reading = in_context(first.reading, case=row.case, procedure=row.procedure, quantity=quantity)
    named = tuple(candidates(first.spelled, first.blanked, variants, reading))
    return Seen(row, first.spelled, first.blanked, reading, named)


def overruled(seen: Seen, kind: Kind, variants: TypeVariants) -> Seen:
    """Return a row read again as another kind than the rules found."""
    if kind == seen.reading.kind:
        return seen
    reading = read_row(seen.spelled, variants, blanked=seen.blanked, decided=kind)
    groups = tuple(dict.fromkeys((*seen.reading.groups, *reading.groups)))
    reading = reading._replace(groups=groups)
    named = tuple(candidates(seen.spelled, seen.blanked, variants, reading))
    return seen._replace(reading=reading, named=named)


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    made: NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
    return made


def _sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -40, 40)))


@dataclass(frozen=True)
class Model:
    """Coefficients, and what they were learned from.

    Attributes
    ----------
    kind
        Shape (3, `KIND_SIZE` + 1); the last column is the intercept.
    paper
        Shape (`PAPER_SIZE` + 1,).
    trust
        Shape (len(`TRUST`),).
    about
        Recipe, sources, counts, hashes of the rows seen, figures.
    """

    kind: NDArray[np.float32]
    paper: NDArray[np.float32]
    trust: NDArray[np.float32]
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows the model was learned from."""
        return sum(self.about.get("rows", {}).values())

    @cached_property
    def _kind_weights(self) -> NDArray[np.float64]:
        return np.ascontiguousarray(self.kind[:, :-1].T, dtype=np.float64)

    def kinds(self, seen: Sequence[Seen]) -> NDArray[np.float64]:
        """Return the probability of each kind by the words alone, shape (rows, 3)."""
        made = score([kind_features(s.row, s.spelled) for s in seen], self._kind_weights)
        return _softmax(made + self.kind[:, -1])

    def papers(self, seen: Sequence[Seen]) -> list[tuple[float, ...]]:
        """Return for each row the probability that each named paper is asked for.

        The rules' word is weighed in: as if it were independent evidence.
        """
        rows = [paper_features(s.row, s.spelled, candidate) for s in seen for candidate in s.named]
        if not rows:
            return [() for _ in seen]
        prior = np.array([_logit(RULE_SAYS[c.said]) for s in seen for c in s.named])
        evidence = score(rows, self.paper[:-1].astype(np.float64)) + self.paper[-1]
        scores = _sigmoid(prior + evidence).tolist()
        at = 0
        found: list[tuple[float, ...]] = []
        for s in seen:
            found.append(tuple(scores[at : at + len(s.named)]))
            at += len(s.named)
        return found

    def save(self, target: Path | str | BinaryIO) -> None:
        """Write the model as a NumPy archive without pickles, byte for byte the same."""
        about = json.dumps(self.about, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        held = BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in (
                ("about", np.frombuffer(about.encode(), dtype=np.uint8)),
                ("kind", self.kind),
                ("paper", self.paper),
                ("trust", self.trust),
            ):
                part = BytesIO()
                np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
                # A fixed date and origin: the same numbers give the same file.
                entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                archive.writestr(entry, part.getvalue(), compresslevel=9)
        if isinstance(target, (str, Path)):
            Path(target).write_bytes(held.getvalue())
        else:
            target.write(held.getvalue())

    @classmethod
    def load(cls, source: Path | str | BinaryIO) -> Model:
        """Read a model; pickles and models of another recipe are refused.

        Raises
        ------
        InvalidValue
            When the file is no model of this recipe.
        """
        try:
            with np.load(source, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in ("kind", "paper", "trust", "about")}
            about = json.loads(arrays["about"].tobytes().decode("utf-8"))
        except (
            ValueError,
            KeyError,
            TypeError,
            EOFError,
            AttributeError,
            zipfile.BadZipFile,
        ) as why:
            raise InvalidValue(_not_a_model(source, str(why))) from why
        shapes = ((3, KIND_SIZE + 1), (PAPER_SIZE + 1,), (len(TRUST),))
        numbers = (arrays["kind"], arrays["paper"], arrays["trust"])
        fits = all(
            array.dtype == np.float32 and array.shape == shape and bool(np.isfinite(array).all())
            for array, shape in zip(numbers, shapes, strict=True)
        )
        if not isinstance(about, dict) or about.get("recipe") != RECIPE or not fits:
            raise InvalidValue(_not_a_model(source, "recipe"))
        return cls(*numbers, about)


def _not_a_model(source: object, why: str) -> Fault:
    return fault_of(
        "marking.model", str(source) if isinstance(source, (str, Path)) else "model", why
    )


def shipped_model() -> Model:
    """Return the model that comes with procsim."""
    held = resources.files("procsim.marking").joinpath("model.npz").read_bytes()
    return Model.load(BytesIO(held))


def _decide_papers(
    reading: Reading, seen: Seen, chances: Sequence[float]
) -> tuple[tuple[Item, ...], bool]:
    """Return the items after veto and addition, and whether anything changed."""
    chance = {c.document_type: p for c, p in zip(seen.named, chances, strict=True)}
    items = [
        item for item in reading.items if chance.get(item.document_type, 1.0) >= 1 - CHANGE_PAPER
    ]
    present = {item.document_type for item in items}
    group = max((item.group for item in items), default=-1)
    for candidate, p in zip(seen.named, chances, strict=True):
        if candidate.document_type in present or p < CHANGE_PAPER or reading.kind != "document":
            continue
        group += 1
        words = seen.spelled.text[candidate.start : candidate.end]
        items.append(Item(candidate.document_type, words, group, "strong", candidate.start))
    made = tuple(items)
    return made, made != reading.items


def with_rules(kinds: NDArray[np.float64], seen: Sequence[Seen]) -> NDArray[np.float64]:
    """Return the probability of each kind, the rules' word weighed in.

    Words and rules count as two independent pieces of evidence, the rule with the
    confidence that stands in its own table. Learning the weight of each rule would
    be circular: they were written with the labelled rows in view.
    """
    prior = np.array(
        [
            [
                s.reading.confidence if kind == s.reading.kind else (1 - s.reading.confidence) / 2
                for kind in KINDS
            ]
            for s in seen
        ]
    ).reshape(-1, 3)
    both = np.clip(kinds, 0.005, None) * prior
    made: NDArray[np.float64] = both / both.sum(axis=1, keepdims=True)
    return made


def judge(model: Model, seen: Sequence[Seen], variants: TypeVariants) -> list[Judgement]:
    """Return what rules and model say together, one for each row.

    The rules' decision stays unless the model contradicts it with high
    confidence.
    """
    all_kinds = with_rules(model.kinds(seen), seen).tolist()
    second: list[Seen] = []
    for s, kinds in zip(seen, all_kinds, strict=True):
        best = max(range(3), key=kinds.__getitem__)
        # A row whose papers the rules could name is not made a form or a remark.
        named = s.reading.kind == "document" and any(c.said == "asked" for c in s.named)
        sure = kinds[best] >= CHANGE_KIND and not named
        second.append(overruled(s, KINDS[best], variants) if sure else s)
    made: list[Judgement] = []
    for first, s, kinds, chances in zip(seen, second, all_kinds, model.papers(second), strict=True):
        reading = s.reading
        items, changed = _decide_papers(reading, s, chances)
        if changed:
            reading = reading._replace(items=items, relation=relation_of(items))
        trust = _trust(first, s, reading, kinds, chances)
        confidence = float(_sigmoid(np.asarray(trust) @ model.trust.astype(np.float64)))
        made.append(
            Judgement(
                reading._replace(confidence=confidence),
                tuple(kinds),
                tuple((c.document_type, p) for c, p in zip(s.named, chances, strict=True)),
                reading != first.reading,
                trust,
            )
        )
    return made


def _logit(p: float) -> float:
    p = min(max(p, 0.01), 0.99)
    return math.log(p / (1 - p))


def _trust(
    first: Seen, seen: Seen, reading: Reading, kinds: Sequence[float], chances: Sequence[float]
) -> tuple[float, ...]:
    """Return the numbers that the confidence is computed from, as in `TRUST`."""
    of_kind = kinds[KINDS.index(reading.kind)]
    asked = {item.document_type for item in reading.items}
    papers_sure = 1.0
    for candidate, p in zip(seen.named, chances, strict=True):
        papers_sure *= p if candidate.document_type in asked else 1 - p
    passed = sum(candidate.document_type not in asked for candidate in seen.named)
    return (
        1.0,
        _logit(of_kind),
        _logit(papers_sure),
        float(max(kinds) == of_kind),
        1.0 - first.reading.confidence,
        float(min(len(asked - {""}), 4)),
        float(reading.relation == "mixed"),
        math.log1p(len(seen.spelled.text)) - 5,
        float(min(passed, 3)),
    )


# What the learning model sees of a dossier row: words, letters and what the rules say.

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
    return ([*columns, *case, *shape], [*values, *([0.3] * len(case)), *([1.0] * len(shape))])


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
