"""A plan: reforms in order, under a name, and how it changes a portfolio."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, overload

import pandas as pd

from procsim.doors import door, notebook_page
from procsim.errors import Fault, InvalidValue, Text, UnknownName, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.text import nfc
from procsim.model.portfolio import Portfolio
from procsim.reforms import files
from procsim.reforms.base import Reform
from procsim.reforms.kinds import KINDS, changes

_TEXTS = ("annex", "number", "code", "title", "paper", "reason_code", "detail_code")
_NUMBERS = frozenset(
    field.name for made in KINDS.values() for field in fields(made) if "float" in str(field.type)
)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A row of a resolution's annex that meets nothing in the portfolio.

    Parameters
    ----------
    annex, number
        Which annex ("I", "II") and its STT.
    code, title, paper
        Procedure code (repaired), procedure title and paper as the annex has them.
    reason_code
        ``"not_in_portfolio"`` or ``"paper_not_in_dossier"``.
    reason
        The reason as a sentence, with what the dossier does hold.
    detail_code
        For a paper that is not in the dossier, what was found in its place:
        see `procsim.reforms.resolutions.DETAILS`.
    procedures, requirements
        Ids that the officer should look at, where there are any.
    """

    annex: str
    number: str
    code: str
    title: str
    paper: str
    reason_code: str
    reason: Text
    detail_code: str = ""
    procedures: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()

    def as_dict(self, language: str = "") -> dict[str, Any]:
        """Return the row as plain values, the reason in one language."""
        made = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            **made,
            "reason": self.reason.in_language(language),
            "procedures": list(self.procedures),
            "requirements": list(self.requirements),
        }


@dataclass(frozen=True)
class Plan:
    """Reforms in the order in which they are applied.

    Parameters
    ----------
    reforms
        The reforms; any iterable, kept as a tuple.
    name, version
        Name and version of the plan.
    unmatched
        Rows of a resolution that met nothing in the portfolio.
    note
        What a reader of the plan must know.

    Examples
    --------
    >>> from procsim.reforms.kinds import ShortenLimit
    >>> len(Plan([ShortenLimit("1.004222", days=5)], name="Rút ngắn"))
    1
    """

    reforms: tuple[Reform, ...] = ()
    name: str = ""
    version: str = "1"
    unmatched: tuple[Unmatched, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if isinstance(self.reforms, str) or not isinstance(self.reforms, Iterable):
            self._refuse(self.reforms)
        for name in ("name", "version", "note"):
            if not isinstance(getattr(self, name), str):
                raise InvalidValue(
                    fault_of(
                        "plan.value",
                        f"plan › {name}",
                        shorten(getattr(self, name)),
                        says="plan.value.field_must_text",
                    )
                )
            object.__setattr__(self, name, nfc(getattr(self, name)))
        # Frozen for its users; any iterable given is kept as a tuple.
        object.__setattr__(self, "reforms", tuple(self.reforms))
        object.__setattr__(self, "unmatched", tuple(self.unmatched))
        for reform in self.reforms:
            if not isinstance(reform, Reform):
                self._refuse(reform)

    def _refuse(self, value: object) -> None:
        raise InvalidValue(
            fault_of(
                "plan.reforms",
                f"plan › {(shorten(self.name, 60) if isinstance(self.name, str) else '')}",
                shorten(value),
            )
        )

    def __len__(self) -> int:
        return len(self.reforms)

    def __iter__(self) -> Iterator[Reform]:
        return iter(self.reforms)

    @overload
    def __getitem__(self, place: int) -> Reform: ...
    @overload
    def __getitem__(self, place: slice) -> Plan: ...
    def __getitem__(self, place: int | slice) -> Reform | Plan:
        """Return one reform, or the plan of a slice of them: ``plan[0]``, ``plan[2:5]``."""
        if isinstance(place, slice):
            return replace(self, reforms=self.reforms[place])
        return self.reforms[place]

    def filter(
        self, keep: Callable[[Reform], bool] | None = None, **wanted: str | Collection[str]
    ) -> Plan:
        """Return the plan of the reforms that say what is wanted.

        Parameters
        ----------
        keep
            Returns whether a reform stays.
        **wanted
            ``kind``, ``procedure`` (an id that it touches), ``target`` or a field of the
            reforms: one value or several of which one must hold.

        Raises
        ------
        UnknownName
            For a field that no kind of reform has.

        Examples
        --------
        >>> from procsim.reforms.kinds import CutFee, ShortenLimit
        >>> plan = Plan([ShortenLimit("1.004222", days=5), CutFee("1.004222", amount_vnd=0)])
        >>> [reform.kind for reform in plan.filter(kind="cut_fee", procedure="1.004222")]
        ['cut_fee']
        """
        known = {"kind", "target", *_columns(), *(f.name for r in self for f in fields(r))}
        if unknown := sorted(wanted.keys() - known):
            names = ", ".join(sorted(known))
            raise UnknownName(
                fault_of("plan.field", "plan.filter", shorten(", ".join(unknown)), names=names)
            )

        def says(reform: Reform, name: str, values: str | Collection[str]) -> bool:
            found = reform.procedure_ids if name == "procedure" else getattr(reform, name, ())
            parts = found if isinstance(found, tuple) else (found,)
            return any(part in ((values,) if isinstance(values, str) else values) for part in parts)

        chosen = tuple(
            reform
            for reform in self.reforms
            if (keep is None or keep(reform))
            and all(says(reform, name, values) for name, values in wanted.items())
        )
        return replace(self, reforms=chosen)

    def __repr__(self) -> str:
        touched = {i for reform in self.reforms for i in reform.procedure_ids}
        name = f" {shorten(self.name, 60)!r}" if self.name else ""
        return f"<Plan{name}: {len(self)} reforms on {len(touched)} procedures>"

    def _repr_html_(self) -> str:
        return notebook_page(self)

    def __add__(self, other: Plan) -> Plan:
        """Return the plan that applies this one first and `other` after it."""
        if not isinstance(other, Plan):
            return NotImplemented
        # What both plans say stands once; rows that one annex repeats stay.
        said = frozenset(self.unmatched)
        return Plan(
            self.reforms + other.reforms,
            name=" + ".join(name for name in (self.name, other.name) if name),
            version=self.version if self.version == other.version else "1",
            unmatched=(*self.unmatched, *(row for row in other.unmatched if row not in said)),
            note="\n".join(note for note in (self.note, other.note) if note),
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each reform, positions from 1 as index.

        Columns: kind, title and sentence in both languages, procedure, target,
        every common field, the parameters of each kind (empty or NaN where a kind
        has none), and ``missing``, the clarities (6 rõ) not stated, joined by ``;``.
        Lists are joined by ``;``, dates are ISO texts.
        """
        rows = [_row(reform) for reform in self.reforms]
        frame = pd.DataFrame(rows, columns=_columns(), dtype=object)
        for name, cells in frame.items():
            is_number = name in _NUMBERS
            frame[name] = cells.astype(float) if is_number else cells.where(cells.notna(), "")
        frame.index = pd.RangeIndex(1, len(rows) + 1, name="position")
        return frame

    @classmethod
    def from_frame(
        cls, frame: pd.DataFrame, name: str = "", version: str = "1", note: str = ""
    ) -> Plan:
        """Return the plan of a table, such as `to_frame` gave and pandas edited.

        Parameters
        ----------
        frame
            A row for each reform: ``kind``, ``target`` and the fields of its kind.
            Empty cells keep their default; sentences, titles and ``missing`` are
            worked out again.
        name, version, note
            As of `Plan`; a table does not hold them.

        Raises
        ------
        InvalidValue
            With every row that is no reform, all at once.

        Examples
        --------
        >>> from procsim.reforms.kinds import ShortenLimit
        >>> frame = Plan([ShortenLimit("1.004222", days=5)]).to_frame()
        >>> Plan.from_frame(frame.assign(days=4.0)).reforms[0].days
        4.0
        """
        reforms, faults = reforms_of(frame, "plan", "plan.kind")
        if faults:
            raise InvalidValue(faults)
        return cls(reforms, name=name, version=version, note=note)

    def write(self, path: str | Path) -> None:
        """Write the plan where an officer can read and edit it.

        ``.yaml`` or ``.yml`` gives a text file, ``.xlsx`` a workbook with a row
        for each reform. `read` gives an equal plan back. The file appears whole
        or not at all.

        Raises
        ------
        InvalidValue
            When the ending is another one, or a text does not fit into a cell.
        ProcsimError
            When the folder is not there, full or write-protected.
        """
        door = _DOORS.get(Path(path).suffix.lower())
        if door is None:
            raise InvalidValue(_ending_fault(Path(path)))
        door[1](self.as_file(), Path(path))

    def as_file(self) -> files.PlanFile:
        """Return the plan as plain values, as the files and the sheets of a plan hold it."""
        unmatched = tuple(
            {"annex": u.annex, "number": u.number, "code": u.code, "title": u.title}
            | {"paper": u.paper, "reason_code": u.reason_code, "detail_code": u.detail_code}
            | {"reason_vi": u.reason.vi, "reason_en": u.reason.en}
            | {"procedures": list(u.procedures), "requirements": list(u.requirements)}
            for u in self.unmatched
        )
        head = {"name": self.name, "version": self.version, "note": self.note}
        return files.PlanFile(head, self.reforms, unmatched)

    @classmethod
    def read(cls, path: str | Path) -> Plan:
        """Read a plan that `write` wrote, or that an officer wrote or edited by hand.

        Raises
        ------
        UnreadableInput
            When the file is not such a plan at all, or its ending is neither
            ``.yaml``, ``.yml`` nor ``.xlsx``.
        InvalidValue
            With everything that is wrong in it at once, each with its place:
            the reform of a YAML file, the cell of a workbook.
        """
        door = _DOORS.get(Path(path).suffix.lower())
        if door is None:
            raise UnreadableInput(_ending_fault(Path(path)))
        return cls.from_file(door[0](Path(path)))

    @classmethod
    def from_file(cls, found: files.PlanFile) -> Plan:
        """Return the plan of plain values, as `as_file` gives them."""
        unmatched = [
            Unmatched(
                **{key: row[key] for key in _TEXTS},
                reason=Text(row["reason_vi"], row["reason_en"]),
                procedures=tuple(row["procedures"]),
                requirements=tuple(row["requirements"]),
            )
            for row in found.unmatched
        ]
        return cls(found.reforms, **found.head, unmatched=tuple(unmatched))


_DOORS: dict[str, tuple[Callable[[Path], files.PlanFile], Callable[[files.PlanFile, Path], None]]]
_DOORS = {
    ".yaml": (files.read_yaml, files.write_yaml),
    ".yml": (files.read_yaml, files.write_yaml),
    ".xlsx": (door("read_plan_sheet"), door("write_plan_sheet")),
}


def _ending_fault(path: Path) -> Fault:
    return fault_of("plan.ending", shorten(path.name), path.suffix)


def check_order(verb: str, portfolio: object, *plans: object) -> None:
    """Refuse arguments in another order than the portfolio first, plans after it.

    Raises
    ------
    InvalidValue
        Naming the verb and the order in which it takes its arguments.
    """
    right = isinstance(portfolio, Portfolio) and all(isinstance(plan, Plan) for plan in plans)
    if right:
        return
    given = ", ".join(type(value).__name__ for value in (portfolio, *plans))
    swapped = any(isinstance(plan, Portfolio) for plan in plans)
    key = "plan.order.swapped" if swapped else "plan.order.types"
    raise InvalidValue(
        fault_of(key, f"{verb}(…)", shorten(given), cure="plan.order.cure", verb=verb)
    )


def apply(portfolio: Portfolio, plan: Plan) -> Portfolio:
    """Return the portfolio as it is after the reforms of a plan.

    Pure: `portfolio` stays as it is. Papers that two reforms replace count once.
    Kinds act in the order of `procsim.reforms.kinds.changes.ORDER`: what is there
    (procedures, channels, steps, papers) before its numbers (times, limits,
    fees). Within a kind the order of the plan holds. What is dropped or merged
    stays in its table with that status.

    Parameters
    ----------
    portfolio
        The baseline, already marked where the plan replaces papers.
    plan
        The reforms, applied in their order.

    Returns
    -------
    Portfolio
        A new portfolio with the same procedures.

    Raises
    ------
    InvalidValue
        With everything that cannot be applied, at once: targets that are not
        there, limits that would become longer, limits and fees that the source
        does not state. Nothing is applied then.

    Notes
    -----
    Nghị quyết 66.7/2025/NQ-CP, Điều 2 and 3, for papers replaced by data.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> changed = apply(portfolio, Plan([ps.ShortenLimit("1.004222", days=5)]))
    >>> changed["1.004222"].channels["limit_value"].tolist()
    [5.0, 5.0]
    >>> portfolio["1.004222"].channels["limit_value"].tolist()
    [7.0, 7.0]
    """
    check_order("apply", portfolio, plan)
    made, faults = changes.changed(plan.reforms, portfolio)
    if faults:
        raise InvalidValue(faults)
    return made


def _columns() -> list[str]:
    own = [f.name for made in KINDS.values() for f in fields(made)]
    common = [f.name for f in fields(Reform)]
    first = ["kind", "title_vi", "title_en", "procedure", "target", "change_vi", "change_en"]
    taken = {*first, *common, *(made.target_field for made in KINDS.values())}
    rest = [name for name in dict.fromkeys(own) if name not in taken]
    return [*first, *rest, *common, "missing"]


def _row(reform: Reform) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for field in fields(reform):
        value = getattr(reform, field.name)
        if isinstance(value, tuple):
            value = ";".join(value)
        made[field.name] = value.isoformat() if hasattr(value, "isoformat") else value
    made["due"] = made["due"] or ""
    sentence = reform.describe()
    return {
        **made,
        "kind": reform.kind,
        "title_vi": reform.title.vi,
        "title_en": reform.title.en,
        "procedure": reform.procedure_id,
        "target": reform.target,
        "change_vi": sentence.vi,
        "change_en": sentence.en,
        "missing": ";".join(clarity.name for clarity in reform.missing_clarities()),
    }


# Reforms from a table with the columns of `Plan.to_frame`, as pandas or an officer edited it.


def reforms_of(
    frame: pd.DataFrame, place: str, code: str
) -> tuple[tuple[Reform, ...], list[Fault]]:
    """Return the reforms of a table, in its order, and what is wrong in its rows.

    Parameters
    ----------
    frame
        A row for each reform: ``kind``, ``target``, and the fields of the kind;
        what is empty keeps its default, columns of other names are not looked at.
    place
        What the table is, for the faults: ``plan``, ``candidates``.
    code
        Of the fault of a kind that does not exist.
    """
    faults: list[Fault] = []
    made: list[Reform] = []
    for name, row in zip(frame.index, frame.to_dict("records"), strict=True):
        kind = KINDS.get(str(row.get("kind", "")))
        if kind is None:
            faults.append(
                Fault(
                    f"{place} › {shorten(str(name), 60)} › kind",
                    shorten(row.get("kind", "")),
                    bilingual("candidate.kind"),
                    bilingual("candidate.kind.cure"),
                    code=code,
                )
            )
            continue
        try:
            made.append(kind(**_arguments(kind, {str(key): cell for key, cell in row.items()})))
        except InvalidValue as error:
            faults += error.faults
    return tuple(made), faults


def _arguments(kind: type[Reform], row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that a row states; what is empty keeps its default."""
    names = [field.name for field in fields(kind)]
    cells = {name: row[name] for name in names if name in row}
    if "target" in row:
        cells[kind.target_field] = row["target"]
    return {name: cell for name, cell in cells.items() if not _empty(cell)}


def _empty(cell: object) -> bool:
    return cell is None or cell == "" or cell != cell
