"""A portfolio: the tables of all procedures, frozen, with thin views."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.doors import notebook_page
from procsim.errors import Fault, InvalidValue, UnknownName, shorten
from procsim.language.i18n import fault_of
from procsim.language.vietnamese import canonical_code
from procsim.model.graph import procedure_graph
from procsim.model.tables import Loose, conform, empty, out_of_range, repeated
from procsim.reference.schema import table

if TYPE_CHECKING:
    import networkx as nx


TABLES: tuple[str, ...] = (
    "procedures",
    "cases",
    "channels",
    "fees",
    "requirements",
    "steps",
    "flow",
    "conditions",
    "legal_bases",
    "results",
    "marks",
    "decisions",
)

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Administrative procedures as tidy tables with ids as index.

    The columns, their types, units and labels stand in ``reference/schema.csv``.
    A portfolio is a value: nothing in the library writes into one; use
    `replace` to get a changed one. Build one with `from_tables`, which checks
    the shape, or read one with a reader.

    Attributes
    ----------
    source
        What was read, for the reports.
    faults
        What the reader found; `procsim.check` adds what the model finds.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": "Cấp thẻ", "ministry": "Bộ A"}),
    ...     "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001",
    ...         "limit_value": 5.0, "limit_unit": "working_day"}),
    ... })
    >>> portfolio
    <Portfolio 1 procedures, 0 requirements>
    >>> portfolio["1.000001"].channels["limit_value"].tolist()
    [5.0]
    >>> portfolio.replace(source="bản nháp").source
    'bản nháp'
    """

    procedures: pd.DataFrame
    cases: pd.DataFrame
    channels: pd.DataFrame
    fees: pd.DataFrame
    requirements: pd.DataFrame
    steps: pd.DataFrame
    flow: pd.DataFrame
    conditions: pd.DataFrame
    legal_bases: pd.DataFrame
    results: pd.DataFrame
    marks: pd.DataFrame
    decisions: pd.DataFrame
    source: str = ""
    faults: tuple[Fault, ...] = ()
    _positions: dict[tuple[str, str], Positions] = field(default_factory=dict, repr=False)
    _slices: dict[str, tuple[Positions, Positions]] = field(default_factory=dict, repr=False)

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, Loose],
        *,
        source: str = "",
        faults: Sequence[Fault] = (),
        strict: bool = True,
    ) -> Portfolio:
        """Build a portfolio from loose tables.

        Parameters
        ----------
        tables
            Frames by table name (of pandas or polars, rows as dicts, or columns by
            name); absent tables are empty, absent columns get their default.
        strict
            Raise when something does not fit the schema or an id stands twice;
            otherwise the faults join `Portfolio.faults`, the cells are left missing
            and the second row of an id goes by ``id#2``.

        Raises
        ------
        InvalidValue
            With every fault at once, when `strict`.
        UnknownName
            For a table that the schema does not know.
        """
        for name in tables:
            table(name)
        made: dict[str, pd.DataFrame] = {}
        found: list[Fault] = []
        for name in TABLES:
            made[name], wrong = conform(name, tables[name]) if name in tables else (empty(name), [])
            found += [*wrong, *repeated(name, made[name])]
        if strict and found:
            raise InvalidValue(found)
        made = {name: _numbered(frame) for name, frame in made.items()}
        return cls(**made, source=source, faults=(*faults, *found))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return {name: getattr(self, name) for name in TABLES}

    def replace(self, **changes: Any) -> Portfolio:
        """Return a portfolio with some tables (or `source`, `faults`) exchanged.

        The tables are taken and checked like those of `from_tables`, and none of
        their cells may leave its range; columns that were not touched are not read
        again.

        Raises
        ------
        InvalidValue
            With everything at once: values and columns that the schema does not know,
            a column that is absent although it held something, negative amounts, shares
            above 1, ids that stand twice. What was out of range before may stay so.
        UnknownName
            For a table that the schema does not know.

        Examples
        --------
        >>> import procsim as ps
        >>> portfolio = ps.load_sample()
        >>> try:
        ...     portfolio.replace(channels=portfolio.channels.assign(limit_value=-1.0))
        ... except InvalidValue as error:
        ...     error.faults[0].code
        'model.range'
        """
        faults: list[Fault] = []
        for name, given in changes.items():
            if name in ("source", "faults"):
                continue
            table(name)
            known = getattr(self, name)
            if given is known:
                continue
            made, wrong = conform(name, given, known)
            wrong += out_of_range(name, made, known)
            wrong += [] if made.index.is_(known.index) else repeated(name, made)
            if wrong:
                before = set(out_of_range(name, known))
                faults += [fault for fault in wrong if fault not in before]
            changes[name] = made
        if faults:
            raise InvalidValue(faults)
        return self.exchange(**changes)

    def exchange(self, **changes: Any) -> Portfolio:
        """Return a portfolio with some tables exchanged that are known to fit the schema.

        What was worked out about unchanged references is carried over, so that measuring
        again after a reform costs only the new arithmetic. `replace` checks first.
        """
        kept: dict[tuple[str, str], Positions] = {}
        new = replace_fields(self, **changes, _positions=kept, _slices={})
        for (name, column), positions in self._positions.items():
            target = table(name)[column].target
            before, after = getattr(self, name), getattr(new, name)
            same_target = getattr(self, target).index.equals(getattr(new, target).index)
            same_rows = before is after or (
                len(before) == len(after) and before[column].equals(after[column])
            )
            if same_target and same_rows:
                kept[name, column] = positions
        return new

    def positions(self, name: str, column: str) -> Positions:
        """Return, for each row of table `name`, the row that `column` points to.

        Returns
        -------
        numpy.ndarray
            Shape (rows of `name`,), row numbers in the target table, −1 where
            the reference is empty or dangling.
        """
        key = (name, column)
        if key not in self._positions:
            target = table(name)[column].target
            self._positions[key] = getattr(self, target).index.get_indexer(
                getattr(self, name)[column]
            )
        return self._positions[key]

    def rows(self, name: str, procedure: str) -> pd.DataFrame:
        """Return the rows of table `name` that belong to one procedure id."""
        if name not in self._slices:
            owner = self.positions(name, "procedure")
            order = np.argsort(owner, kind="stable")
            starts = np.searchsorted(owner[order], np.arange(len(self.procedures) + 1))
            self._slices[name] = (order, starts)
        order, starts = self._slices[name]
        place = self.procedures.index.get_loc(procedure)
        return getattr(self, name).iloc[order[starts[place] : starts[place + 1]]]

    def ids(self, code: str) -> list[str]:
        """Return the ids of all procedures that carry a national code.

        The code is repaired first; it is not a unique key, so there can be
        several. An empty list when there is none.
        """
        return list(self.procedures.index[self.procedures["code"] == canonical_code(code)])

    def select(self, ids: Sequence[str]) -> Portfolio:
        """Return the portfolio of these procedures only, in the order given."""
        missing = [i for i in ids if i not in self.procedures.index]
        if missing:
            raise _unknown_procedure(missing[0])
        made = {"procedures": self.procedures.loc[list(ids)]}
        for name in TABLES[1:]:
            frame = getattr(self, name)
            if name == "marks":
                made[name] = frame[frame["requirement"].isin(made["requirements"].index)]
            else:
                made[name] = frame[frame["procedure"].isin(made["procedures"].index)]
        return Portfolio(**made, source=self.source, faults=self.faults)

    def equals(self, other: Portfolio) -> bool:
        """Return whether all tables are equal, cell by cell and row by row."""
        return all(getattr(self, name).equals(getattr(other, name)) for name in TABLES)

    def __len__(self) -> int:
        return len(self.procedures)

    def __iter__(self) -> Iterator[Procedure]:
        return (Procedure(self, i) for i in self.procedures.index)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and (key in self.procedures.index or bool(self.ids(key)))

    def __getitem__(self, key: str) -> Procedure:
        """Return one procedure by id or by national code.

        Raises
        ------
        UnknownName
            When there is none, or when the code stands for several; the
            message lists their ids.
        """
        if key in self.procedures.index:
            return Procedure(self, key)
        ids = self.ids(key)
        if len(ids) == 1:
            return Procedure(self, ids[0])
        if ids:
            raise UnknownName(
                fault_of("model.code_not_unique", "procedures", shorten(key), ids=", ".join(ids))
            )
        raise _unknown_procedure(key)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(getattr(self, n))} {n}" for n in ("procedures", "requirements"))
        return f"<Portfolio {sizes}{' from ' + self.source if self.source else ''}>"

    def _repr_html_(self) -> str:
        return notebook_page(self)

    def _ipython_key_completions_(self) -> list[str]:
        """Offer ids, then national codes that stand for one procedure, after ``portfolio["``."""
        codes = self.procedures["code"].drop_duplicates(keep=False)
        return list(dict.fromkeys([*self.procedures.index, *codes[codes.ne("")]]))


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which every row has an id of its own: the second a is ``a#2``."""
    if frame.index.is_unique:
        return frame
    taken: set[str] = set(frame.index)
    ids: list[str] = []
    for name, again in zip(frame.index, frame.index.duplicated(), strict=True):
        number = 2
        while again and f"{name}#{number}" in taken:
            number += 1
        ids.append(f"{name}#{number}" if again else name)
        taken.add(ids[-1])
    return frame.set_axis(pd.Index(ids, name="id", dtype="str"), axis=0)


def _unknown_procedure(key: str) -> UnknownName:
    return UnknownName(fault_of("model.unknown_procedure", "procedures", shorten(key)))


@dataclass(frozen=True, slots=True)
class Procedure:
    """A thin view of one procedure of a portfolio; it owns no data.

    Parameters
    ----------
    portfolio
        The portfolio that owns the rows.
    id
        procsim's id of the procedure.

    Examples
    --------
    >>> import procsim as ps
    >>> procedure = ps.load_sample()["1.004222"]
    >>> procedure
    <Procedure 1.004222 Đăng ký thường trú>
    >>> procedure.name, len(procedure.requirements)
    ('Đăng ký thường trú', 10)
    >>> procedure.graph.number_of_nodes() > len(procedure.steps)
    True
    """

    portfolio: Portfolio
    id: str

    def _cell(self, column: str) -> str:
        return str(self.portfolio.procedures.at[self.id, column])

    @property
    def code(self) -> str:
        """National code, repaired."""
        return self._cell("code")

    @property
    def name(self) -> str:
        """Name as published."""
        return self._cell("name")

    @property
    def ministry(self) -> str:
        """Ministry that publishes it."""
        return self._cell("ministry")

    @property
    def cases(self) -> pd.DataFrame:
        """Its variants."""
        return self.portfolio.rows("cases", self.id)

    @property
    def channels(self) -> pd.DataFrame:
        """Its ways of submission with their limits."""
        return self.portfolio.rows("channels", self.id)

    @property
    def fees(self) -> pd.DataFrame:
        """Its phí and lệ phí."""
        return self.portfolio.rows("fees", self.id)

    @property
    def requirements(self) -> pd.DataFrame:
        """Its thành phần hồ sơ."""
        return self.portfolio.rows("requirements", self.id)

    @property
    def steps(self) -> pd.DataFrame:
        """Its steps."""
        return self.portfolio.rows("steps", self.id)

    @property
    def conditions(self) -> pd.DataFrame:
        """Its yêu cầu, điều kiện."""
        return self.portfolio.rows("conditions", self.id)

    @property
    def legal_bases(self) -> pd.DataFrame:
        """Its căn cứ pháp lý."""
        return self.portfolio.rows("legal_bases", self.id)

    @property
    def results(self) -> pd.DataFrame:
        """What it issues."""
        return self.portfolio.rows("results", self.id)

    @property
    def graph(self) -> nx.MultiDiGraph:
        """Its steps, papers, databases and legal texts as a graph.

        See `procsim.model.graph.procedure_graph`.
        """
        return procedure_graph(self)

    def __repr__(self) -> str:
        return f"<Procedure {self.id} {shorten(self.name, 60)}>"

    def _repr_html_(self) -> str:
        return notebook_page(self)
