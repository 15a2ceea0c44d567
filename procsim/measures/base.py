"""The base case: which dossier rows count, and what stands in them.

A procedure publishes several cases (a first issue, a renewal …). Counting all
of them would count one citizen's dossier several times, so every measure of
documents and cost looks at one of them, the base case, the same before and
after a reform.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.model.portfolio import Portfolio
from procsim.reference import parameters as dated_parameters

ASSUMED = "giả định"


class Figures(Protocol):
    """What the measures ask of a set of parameters: values by name, and their marks."""

    @property
    def hourly_income_vnd(self) -> float:
        """TNBQ of one person in one working hour, in đồng."""
        ...

    def __getitem__(self, name: str) -> float: ...

    def mark(self, name: str) -> str:
        """Return ``luật``, ``công bố``, ``nhập`` or ``giả định``."""
        ...


def figures(parameters: Figures | None) -> Figures:
    """Return `parameters`, or the newest dated ones of the reference room."""
    return dated_parameters() if parameters is None else parameters


def active_procedures(portfolio: Portfolio) -> Bools:
    """Return which procedures stand; an abolished or merged one measures zero."""
    return equal(portfolio.procedures["status"], "active")


def _heads(portfolio: Portfolio) -> tuple[Rows, Bools]:
    """Return the case that each case's rows count with (−1: the base), and which are notes."""
    cases = portfolio.cases
    owner = portfolio.positions("cases", "procedure")
    proper, note = equal(cases["kind"], "case"), equal(cases["kind"], "note")
    order = np.lexsort((cases["position"].to_numpy(), owner))
    rank = np.where(proper[order], np.arange(len(order)), -1)
    latest = np.maximum.accumulate(rank) if len(order) else rank
    before = order[latest]  # a −1 reads some row, and is masked below
    own = (latest >= 0) & (owner[before] == owner[order])
    heads = np.full(len(order), -1, dtype=np.intp)
    heads[order] = np.where(own, before, -1)
    return heads, note


def base_rows(portfolio: Portfolio) -> Bools:
    """Return which requirements belong to the base case of their procedure.

    The base case is the first case by position, of kind ``case``, that holds a
    form or a document, asked for or dropped. Rows under a heading (kind
    ``section``) count with the case before it; with none before it, with the
    base. Notes, as case or as row, never count. A row whose case is unknown
    counts with the base: a paper must not vanish because of a broken reference.

    Returns
    -------
    numpy.ndarray
        Boolean, shape (requirements,).

    Examples
    --------
    >>> import pandas as pd
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "cases": pd.DataFrame({"id": ["c1", "c2"], "procedure": "1.000001",
    ...                            "position": [1, 2]}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2"], "procedure": "1.000001",
    ...         "case": ["c1", "c2"], "name": ["Đơn", "Đơn"], "kind": "form"}),
    ... })
    >>> base_rows(portfolio).tolist()
    [True, False]
    """
    rows = portfolio.requirements
    owner = portfolio.positions("requirements", "procedure")
    case = portfolio.positions("requirements", "case")
    noted = equal(rows["kind"], "note").copy()
    if len(portfolio.cases) == 0:
        return ~noted & (owner >= 0)
    heads, note_case = _heads(portfolio)
    known = case >= 0
    head = np.where(known, heads[case], -1)
    noted |= known & note_case[case]
    eligible = present(head, len(portfolio.cases), ~noted)
    base = _first_case(portfolio, eligible)
    counted: Bools = ~noted & (owner >= 0) & ((head == -1) | (head == base[owner]))
    return counted


def _first_case(portfolio: Portfolio, eligible: Bools) -> Rows:
    """Return the row number of each procedure's first eligible case, −2 where none."""
    owner = portfolio.positions("cases", "procedure")
    chosen = np.flatnonzero(eligible & (owner >= 0))
    order = chosen[np.lexsort((portfolio.cases["position"].to_numpy()[chosen], owner[chosen]))]
    base = np.full(len(portfolio.procedures) + 1, -2, dtype=np.intp)  # the last: no procedure
    base[owner[order[::-1]]] = order[::-1]  # the last assignment, the first case, stays
    return base


@dataclass(frozen=True)
class Dossier:
    """What the measures need of the dossier rows, as arrays of shape (requirements,).

    Attributes
    ----------
    owner
        Row number of the procedure.
    base, form, unknown, asked
        In the base case; kind form; kind not yet marked; status required.
    papers, replaced
        Papers the row stands for, and how many are listed as replaced by data;
        NaN where the entry is impossible (negative, or more replaced than asked).
    official
        Official count: papers − replaced where the row is asked for in the base case.
    needed, held, coverage
        Shares (0–1) of applicants who must hand it in, who already hold it,
        for whom the data answer.
    needed_assumed, held_assumed
        Where that share rests on an assumption.
    """

    owner: Rows
    base: Bools
    form: Bools
    unknown: Bools
    asked: Bools
    papers: Floats
    replaced: Floats
    official: Floats
    needed: Floats
    held: Floats
    coverage: Floats
    needed_assumed: Bools
    held_assumed: Bools

    @property
    def fraction(self) -> Floats:
        """Share of the row's papers that is listed as replaced; 0 for a row of no paper."""
        made = np.zeros(len(self.papers))
        some = np.flatnonzero(self.replaced != 0)  # few rows; also those that are NaN
        made[some] = self.replaced[some] / self.papers[some]
        return made


def assumed_where(marks: pd.Series, stated: Bools, default: Bools | bool) -> Bools:
    """Return where a figure is an assumption: by its own mark, or by that of its `default`."""
    assumed = ~stated & default
    if stated.any():  # most tables state none: then the marks are not even read
        assumed |= stated & equal(marks, ASSUMED)
    return assumed


def dossier(portfolio: Portfolio, parameters: Figures | None = None) -> Dossier:
    """Return the dossier rows as arrays, missing shares filled from the parameters.

    ``share_needed`` is 1, or parameter ``share_conditional`` for a conditional
    row; ``share_held`` is that parameter (0); ``coverage`` is parameter ``coverage_default``. A
    row of known kind that states no number of papers stands for one paper.
    """
    p = figures(parameters)
    rows = portfolio.requirements
    base = base_rows(portfolio)
    unknown = equal(rows["kind"], "unknown")
    asked = equal(rows["status"], "required")
    papers, _ = filled(rows["papers"], 1.0)
    replaced, _ = filled(rows["replaced"], 0.0)
    if (over := replaced > papers).any():
        replaced = np.where(over, np.nan, replaced)
    conditional = rows["conditional"].to_numpy(dtype=bool)
    needed, needed_stated = filled(
        rows["share_needed"], np.where(conditional, p["share_conditional"], 1.0), 1.0
    )
    held, held_stated = filled(rows["share_held"], p["share_held"], 1.0)
    coverage, _ = filled(rows["coverage"], p["coverage_default"], 1.0)
    official = np.where(base & asked, papers - replaced, 0.0)
    official[base & asked & unknown] = np.nan
    return Dossier(
        owner=portfolio.positions("requirements", "procedure"),
        base=base,
        form=equal(rows["kind"], "form"),
        unknown=unknown,
        asked=asked,
        papers=papers,
        replaced=replaced,
        official=official,
        needed=needed,
        held=held,
        coverage=coverage,
        needed_assumed=assumed_where(
            rows["share_needed_mark"],
            needed_stated,
            conditional & (p.mark("share_conditional") == ASSUMED),
        ),
        held_assumed=assumed_where(
            rows["share_held_mark"],
            held_stated,
            default=p["share_held"] != 0 and p.mark("share_held") == ASSUMED,
        ),
    )


# Small array operations that every measure uses; none of them knows a table.

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Made = TypeVar("Made")


Store = dict[tuple[Hashable, ...], tuple[tuple[weakref.ref[Any], ...], Any]]
_COMPARED: Store = {}


def remembered(
    store: Store, sources: tuple[object, ...], label: Hashable, make: Callable[[], Made]
) -> Made:
    """Return what `make` made of `sources` before, or make it now.

    Sources are told apart by identity, so they must be things that nobody
    changes: Arrow data, and the joins that a portfolio keeps. Weak references
    make sure that a dead source's address is not mistaken for a new one, and
    forget what was made of it; `make` must not return a source itself.
    """
    key = (label, *map(id, sources))
    kept = store.get(key)
    if kept is not None and all(
        ref() is source for ref, source in zip(kept[0], sources, strict=True)
    ):
        return cast("Made", kept[1])
    made = make()
    refs = tuple(weakref.ref(source, lambda _: store.pop(key, None)) for source in sources)
    store[key] = (refs, made)
    return made


def text_data(series: pd.Series) -> object | None:
    """Return the Arrow data behind a text column, which cannot change; None if there is none."""
    if getattr(series.dtype, "storage", "") != "pyarrow":
        return None
    return cast("object", series.array.__arrow_array__())


def equal(series: pd.Series, value: str) -> Bools:
    """Return where a text column equals `value`, as an array that is read-only.

    Comparing 48,000 texts takes longer than all the arithmetic on their rows,
    so texts that Arrow holds are compared once for all portfolios that share them.
    """
    data = text_data(series)
    if data is None:
        return _compared(series, value)
    return remembered(_COMPARED, (data,), value, lambda: _compared(series, value))


def _compared(series: pd.Series, value: str) -> Bools:
    found = np.array((series == value).to_numpy(), dtype=bool)
    found.flags.writeable = False
    return found


def total(owner: Rows, weights: Floats | None, size: int) -> Floats:
    """Return the sum of `weights` for each owner; a NaN makes its owner's sum NaN.

    Parameters
    ----------
    owner
        Shape (rows,), the owner's row number; −1 is left out.
    weights
        Shape (rows,); None counts rows.
    size
        Number of owners.

    Examples
    --------
    >>> total(np.array([0, 0, 2, -1]), np.array([1.0, 2.0, 5.0, 9.0]), 3).tolist()
    [3.0, 0.0, 5.0]
    """
    shift = int(owner.min(initial=0) < 0)  # joins are mostly whole: then nothing is copied
    counts = np.bincount(owner + shift if shift else owner, weights, minlength=size + shift)
    return counts[shift:].astype(float, copy=False)


def present(owner: Rows, size: int, among: Bools | None = None) -> Bools:
    """Return which owners have at least one row, or one row `among` those given."""
    found = np.zeros(size + 1, dtype=bool)  # an owner −1 marks the last, which is left out
    found[owner if among is None else owner[among]] = True
    return found[:size]


def filled(
    column: pd.Series, default: Floats | float, highest: float = np.inf
) -> tuple[Floats, Bools]:
    """Return a number column with its default where empty, and where it was stated.

    A value below zero or above `highest` is not a number one can calculate
    with: it becomes NaN, never the default.

    Examples
    --------
    >>> values, stated = filled(pd.Series([0.5, np.nan, 1.5]), 1.0, highest=1.0)
    >>> values.tolist(), stated.tolist()
    ([0.5, 1.0, nan], [True, False, True])
    """
    written = column.to_numpy(dtype=float, na_value=np.nan)
    stated = ~np.isnan(written)
    if stated.all():
        values = written
    elif stated.any():
        values = np.where(stated, written, default)
    else:  # most columns: no memory is spent on a default
        values = np.broadcast_to(np.asarray(default, dtype=float), written.shape)
    wrong = (values < 0) | (values > highest)
    return (np.where(wrong, np.nan, values) if wrong.any() else values), stated


def reasons(size: int, *steps: tuple[str, Bools]) -> pd.Index:
    """Return a reason code for each owner: the first whose condition holds, else ``""``.

    Examples
    --------
    >>> reasons(2, ("first", np.array([False, True])), ("then", np.array([False, True]))).tolist()
    ['', 'first']
    """
    number = np.zeros(size, dtype=np.intp)
    for position, (_, where) in reversed(list(enumerate(steps, start=1))):
        number[where] = position
    return pd.Index(["", *(code for code, _ in steps)]).take(number)
