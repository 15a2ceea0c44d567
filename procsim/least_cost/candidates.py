"""The table of candidates: what could be reformed, with effect, route, date and price."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.decisions.roadmap import roadmap
from procsim.decisions.routes import agency_of, drafting_price, texts_needed
from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, UnknownName, shorten
from procsim.language.i18n import bilingual
from procsim.least_cost import proposals
from procsim.least_cost.proposals import Routes
from procsim.measures import measure
from procsim.measures.base import Figures
from procsim.model.portfolio import Portfolio
from procsim.reference import Parameters
from procsim.reference import parameters as newest_parameters
from procsim.reference.calendar import Day, as_day
from procsim.reforms.attribution import Block, evaluate
from procsim.reforms.base import Reform
from procsim.reforms.kinds import (
    AcceptCopy,
    CutCondition,
    CutFee,
    DropRequirement,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    ShortenLimit,
)
from procsim.reforms.plan import Plan, reforms_of

Floats = npt.NDArray[np.float64]
MEASURED = ("statutory_days", "cost_vnd", "cost_year_vnd", "documents", "conditions")

CLASSES = ("listed", "open", "median", "judgement")
"""How well a candidate is founded, the best first; see `class_of`."""

INCLUDE = ("yes", "no", "forced")
GENERATED: dict[str, type[Reform]] = {
    made.kind: made
    for made in (
        ReplaceByData, AcceptCopy, DropRequirement, ShortenLimit, CutFee, MoveOnline,
        ParallelSteps, CutCondition,
    )
}  # fmt: skip
_EFFECTS = {
    "statutory_days": "saved_days",
    "cost_vnd": "saved_vnd",
    "cost_year_vnd": "saved_year_vnd",
    "documents": "saved_documents",
    "conditions": "saved_conditions",
}
_OWN = ("include", "class", "price", *_EFFECTS.values(), "texts", "drafter", "ready_on")


def class_of(reform: Reform) -> str:
    """Return how well a candidate is founded: one of `CLASSES`.

    ``listed``: Nghị quyết 66.7/2025/NQ-CP lists it (annexes, Điều 4 khoản 1–9);
    ``open``: Điều 4 khoản 10, or a paper of Điều 4 in a procedure that Phụ lục I
    lists without it; ``median``: a limit that falls to the median of similar
    procedures, by no more than half; ``judgement``: all else.

    Examples
    --------
    >>> class_of(ShortenLimit("1.004222", days=5)), class_of(CutCondition("1.004222/d1"))
    ('median', 'judgement')
    """
    if "khoản 10" in reform.source or "đã nêu tại Phụ lục I" in reform.source:
        return "open"
    if "66.7/2025" in reform.source:
        return "listed"
    gentle = isinstance(reform, ShortenLimit) and proposals.DEEP_CUT not in reform.source
    return "median" if gentle else "judgement"


@dataclass(frozen=True, eq=False)
class Candidates:
    """Reforms that could be chosen, as a table that officers edit and extend.

    Attributes
    ----------
    frame
        One row for each candidate, its id as index: ``include`` (yes, no, forced),
        ``class`` (see `class_of`), ``price`` (effort of drafting it in points, beside
        that of its texts and databases; see `procsim.decisions.routes.drafting_price`),
        what it saves by itself, measured (``saved_days``, ``saved_vnd`` each procedure
        done once, ``saved_year_vnd``, ``saved_documents``, ``saved_conditions``),
        ``texts`` to amend (joined by
        ``;``), ``drafter`` (agency that answers), ``ready_on`` (earliest date, ISO;
        empty where no day was given or none is known), and the columns of
        `procsim.reforms.Plan.to_frame`, ``databases`` among them.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.mark(ps.load_sample())
    >>> made = ps.candidates(portfolio, kinds=["shorten_limit"])
    >>> frame = made.to_frame().assign(include="no")
    >>> len(Candidates.from_frame(portfolio, frame).plan)
    0
    """

    frame: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        counts = self.frame["class"].value_counts()
        parts = ", ".join(f"{counts[name]} {name}" for name in CLASSES if name in counts)
        return f"<Candidates {len(self)}: {parts}>"

    def _repr_html_(self) -> str:
        return notebook_page(self)

    @cached_property
    def reforms(self) -> tuple[Reform, ...]:
        """The reforms, in the order of the table.

        Raises
        ------
        InvalidValue
            With every row that is no reform, or has a wrong price, all at once.
        """
        return _reforms_of(self.frame)

    @property
    def plan(self) -> Plan:
        """All candidates that are not left out, as a plan that can be written and edited."""
        kept = self.frame["include"].ne("no").tolist()
        chosen = tuple(r for r, keep in zip(self.reforms, kept, strict=True) if keep)
        return Plan(chosen, name=bilingual("candidate.plan_name").vi)

    def to_frame(self) -> pd.DataFrame:
        """Return a copy of the table, the caller's to change."""
        return self.frame.copy()

    @classmethod
    def from_frame(
        cls,
        portfolio: Portfolio,
        frame: pd.DataFrame,
        *,
        on: Day | None = None,
        parameters: Parameters | None = None,
    ) -> Candidates:
        """Return candidates from an edited table; effects and dates are measured again.

        Raises
        ------
        InvalidValue
            With everything that is wrong in it at once: kinds and values that do not
            exist, negative prices, texts of unknown rank, candidates that save nothing.
        """
        include = frame["include"].tolist() if "include" in frame else None
        price = frame["price"].tolist() if "price" in frame else None
        made = cls.of(
            portfolio,
            _reforms_of(frame),
            include=include,
            price=price,
            ids=[str(name) for name in frame.index],
            on=on,
            parameters=parameters,
        )
        faults = list(_route_faults(made, portfolio)) + list(_idle_faults(made, portfolio))
        if faults:
            raise InvalidValue(faults)
        return made

    @classmethod
    def of(
        cls,
        portfolio: Portfolio,
        reforms: Iterable[Reform],
        *,
        include: Sequence[str] | None = None,
        price: Sequence[float] | float | None = None,
        ids: Sequence[str] | None = None,
        on: Day | None = None,
        parameters: Parameters | None = None,
    ) -> Candidates:
        """Return candidates from reforms; their effects are measured one by one.

        Parameters
        ----------
        include, ids
            One for each reform. By default those that change a measure of a target
            are included, under ids made from kind and target.
        price
            Effort of drafting each reform, in points; one number stands for all.
            By default what a clause costs by assumption; see
            `procsim.decisions.routes.drafting_price`.
        on
            The day from which drafting is counted; None for no dates.
        """
        on = as_day(on, "on")
        plan = Plan(tuple(reforms))
        frame = plan.to_frame()
        saved = _savings_alone(plan.reforms, portfolio, parameters).set_index(frame.index)
        own = pd.DataFrame(index=frame.index)
        own["class"] = [class_of(reform) for reform in plan.reforms]
        needed = [texts_needed(reform, portfolio) for reform in plan.reforms]
        if price is None:
            values = parameters or newest_parameters()
            price = [drafting_price(texts, values) for texts in needed]
        own["price"] = float(price) if isinstance(price, int | float) else list(price)
        for name, short in _EFFECTS.items():
            own[short] = saved[name].round(9)
        own["include"] = (
            _with_effect(own, plan.reforms, portfolio) if include is None else list(include)
        )
        own["texts"] = [";".join(text for text, _ in texts or ()) for texts in needed]
        own["drafter"] = [agency_of(reform, portfolio) for reform in plan.reforms]
        own["ready_on"] = _ready(portfolio, plan, on, parameters)
        made = pd.concat([own[list(_OWN)], frame], axis=1)
        names = ids if ids is not None else list(_ids(plan.reforms))
        return cls(made.set_axis(pd.Index(names, name="id"), axis=0))

    def dated(
        self, portfolio: Portfolio, on: Day, parameters: Parameters | None = None
    ) -> Candidates:
        """Return the same candidates with their earliest dates counted from a day."""
        on = as_day(on, "on")
        dates = _ready(portfolio, Plan(self.reforms), on, parameters)
        return Candidates(self.frame.assign(ready_on=dates))

    @classmethod
    def read(
        cls,
        path: str | Path,
        portfolio: Portfolio,
        *,
        on: Day | None = None,
        parameters: Parameters | None = None,
    ) -> Candidates:
        """Return candidates from a plan file that `write` wrote and an officer edited."""
        return cls.of(portfolio, Plan.read(path).reforms, on=on, parameters=parameters)

    def write(self, path: str | Path) -> None:
        """Write the candidates that are not left out as a plan file, to edit and extend."""
        self.plan.write(path)


def _with_effect(own: pd.DataFrame, reforms: Sequence[Reform], portfolio: Portfolio) -> list[str]:
    """Return ``no`` for what changes no measure that a target knows, else ``yes``.

    Cost counts by the year where the volume is known: none in a procedure that
    nobody uses.
    """
    table = portfolio.procedures
    volume = (table["times_per_year"] * table["subjects_per_year"]).astype(float)
    idle = volume.eq(0).reindex([r.procedure_id for r in reforms], fill_value=False)
    cost = own["saved_vnd"].where(~idle.to_numpy(), 0.0)
    once = ["saved_days", "saved_documents", "saved_conditions"]
    moved = cost.ne(0) | own[once].ne(0).any(axis=1)
    return ["yes" if yes else "no" for yes in moved]


def _ready(
    portfolio: Portfolio, plan: Plan, on: dt.date | None, parameters: Parameters | None
) -> list[str]:
    if on is None:
        return [""] * len(plan)
    dates = roadmap(portfolio, plan, on=on, parameters=parameters).reforms["effective_on"]
    return [day.isoformat() if isinstance(day, dt.date) else "" for day in dates]


def _ids(reforms: Iterable[Reform]) -> Iterator[str]:
    taken: dict[str, int] = {}
    for reform in reforms:
        name = f"{reform.kind}:{reform.target}"
        taken[name] = taken.get(name, 0) + 1
        yield name if taken[name] == 1 else f"{name}#{taken[name]}"


def _reforms_of(frame: pd.DataFrame) -> tuple[Reform, ...]:
    """Build the reforms of a table again; raise with everything that is wrong in it."""
    made, wrong = reforms_of(frame, "candidates", "candidate.kind")
    faults: list[Fault] = []
    for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
        faults += _own_faults(f"candidates › {shorten(str(name), 60)}", row)
    if faults or wrong:
        raise InvalidValue([*faults, *wrong])
    return made


def _own_faults(place: str, row: dict[str, Any]) -> Iterator[Fault]:
    price = row.get("price", 0.0)
    number = isinstance(price, int | float) and not isinstance(price, bool)
    if not (number and 0 <= price < float("inf")):
        yield _told(f"{place} › price", price, "candidate.price")
    include = row.get("include", "yes")
    if include not in INCLUDE:
        yield _told(f"{place} › include", include, "candidate.include")


def _route_faults(made: Candidates, portfolio: Portfolio) -> Iterator[Fault]:
    """Yield candidates whose legal text, or the rank of it, nobody knows."""
    rows = made.frame["include"].ne("no").tolist()
    for name, reform, used in zip(made.frame.index, made.reforms, rows, strict=True):
        if not used:
            continue
        texts = texts_needed(reform, portfolio)
        place = f"candidates › {shorten(str(name), 60)} › legal_numbers"
        if texts is None:
            yield _told(place, "", "candidate.no_text")
        for text, rank in texts or ():
            if rank in ("", "unknown", "hien_phap"):
                yield _told(place, text, "candidate.unknown_text")


def _idle_faults(made: Candidates, portfolio: Portfolio) -> Iterator[Fault]:
    """Yield included candidates that save nothing in any measure of a target."""
    frame = made.frame
    effect = pd.Series(_with_effect(frame, made.reforms, portfolio), index=frame.index)
    idle = frame["include"].ne("no") & effect.eq("no")
    for name in frame.index[idle]:
        yield _told(f"candidates › {shorten(str(name), 60)}", "0", "candidate.no_effect")


def _told(place: str, value: object, key: str) -> Fault:
    return Fault(place, shorten(value), bilingual(key), bilingual(f"{key}.cure"), code=key)


def candidates(
    portfolio: Portfolio,
    *,
    on: Day | None = None,
    kinds: Iterable[str] | None = None,
    classes: Iterable[str] | None = None,
    parameters: Parameters | None = None,
) -> Candidates:
    """Return what could be reformed in a portfolio, each with its effect and route.

    Replaceable papers, plain copies, double demands, limits above the median of
    similar procedures, fees to 0 đồng online, business procedures to move online,
    steps side by side, and conditions to look at. All but the listed papers are
    proposals for the officer, and say so in their reason; a text that the
    portfolio does not name is an assumption, and said to be one.

    Parameters
    ----------
    portfolio
        Marked procedures (`procsim.mark`).
    on
        The day from which drafting is counted; None for no dates.
    kinds
        Only these kinds of reform, such as ``("replace_by_data",)``.
    classes
        Only these of `CLASSES`.
    parameters
        The dated figures of cost; by default the newest.

    Returns
    -------
    Candidates
        One row for each reform that could be chosen.

    Raises
    ------
    InvalidValue
        When the portfolio is not marked.
    UnknownName
        For a kind or class that does not exist, or is not generated.

    Notes
    -----
    Nghị quyết 66.7/2025/NQ-CP, Điều 2–4 and its annexes, for proposals.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.mark(ps.load_sample())
    >>> made = candidates(portfolio, kinds=["shorten_limit"])
    >>> made.frame["kind"].unique().tolist()
    ['shorten_limit']
    """
    wanted = _checked("kinds", kinds, tuple(GENERATED))
    of_class = _checked("classes", classes, CLASSES)
    standing = portfolio.procedures["status"].eq("active")
    if not standing.all():
        portfolio = portfolio.select(list(portfolio.procedures.index[standing]))
    made = [
        reform
        for reform in _generated(portfolio, wanted, parameters)
        if reform.kind in wanted and class_of(reform) in of_class
    ]
    return Candidates.of(portfolio, made, on=on, parameters=parameters)


def _generated(
    portfolio: Portfolio, wanted: frozenset[str], parameters: Parameters | None
) -> Iterator[Reform]:
    routes = Routes(portfolio)
    if wanted & {"replace_by_data", "drop_requirement"}:
        listed = tuple(proposals.listed_papers(portfolio, routes))
        yield from listed
        replaced = [r for r in listed if isinstance(r, ReplaceByData)]
        taken = {(r.requirement, kind) for r in replaced for kind in r.document_types}
        yield from proposals.open_papers(portfolio, routes, frozenset(taken), parameters)
        gone = {r.target for r in listed if isinstance(r, DropRequirement)}
        doubles = proposals.double_demands(portfolio, routes)
        yield from (reform for reform in doubles if reform.target not in gone)
    yield from proposals.plain_copies(portfolio, routes)
    yield from proposals.median_limits(portfolio, routes, parameters)
    yield from proposals.free_online(portfolio, routes)
    yield from proposals.move_online(portfolio, routes)
    yield from proposals.parallel_steps(portfolio, routes)
    yield from proposals.unneeded_conditions(portfolio, routes)


def _checked(what: str, names: Iterable[str] | None, known: Sequence[str]) -> frozenset[str]:
    chosen = frozenset(known if names is None else names)
    wrong = sorted(chosen - set(known))
    if wrong:
        cure = bilingual("candidate.choose", names=", ".join(known))
        key = f"candidate.unknown_{what}"
        raise UnknownName(
            [
                Fault(f"candidates › {what}", shorten(n), bilingual(key), cure, code=key)
                for n in wrong
            ]
        )
    return chosen


def savings_of(
    blocks: Sequence[Block],
    portfolio: Portfolio,
    before: pd.DataFrame,
    parameters: Figures | None = None,
) -> list[Floats]:
    """Return what each subset of each block saves, measured.

    Parameters
    ----------
    before
        Measures of the portfolio.

    Returns
    -------
    list of numpy.ndarray
        For each block, shape (subsets, `MEASURED`). A figure that is not known
        before or after saves nothing: the rates leave such procedures out.
    """
    numbers = before[list(MEASURED)].to_numpy(dtype=float)
    made = []
    for block, after in zip(blocks, evaluate(blocks, portfolio, MEASURED, parameters), strict=True):
        rows = before.index.get_indexer(list(block.procedures))
        made.append(np.nan_to_num(numbers[rows][None, :, :] - after).sum(axis=1))
    return made


def _savings_alone(
    reforms: Sequence[Reform], portfolio: Portfolio, parameters: Figures | None = None
) -> pd.DataFrame:
    """Return what each reform saves by itself, in the columns of `MEASURED`.

    A reform that cannot be applied saves nothing.
    """
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    known = portfolio.procedures.index
    for place, reform in enumerate(reforms):
        if all(procedure in known for procedure in reform.procedure_ids):
            places[reform.procedure_ids].append(place)
    blocks = [
        Block(ids, tuple(reforms[place] for place in own), np.eye(len(own), dtype=bool))
        for ids, own in places.items()
    ]
    saved = np.zeros((len(reforms), len(MEASURED)))
    made = savings_of(blocks, portfolio, measure(portfolio, parameters), parameters)
    for own, part in zip(places.values(), made, strict=True):
        saved[own] = part
    return pd.DataFrame(saved, columns=list(MEASURED))
