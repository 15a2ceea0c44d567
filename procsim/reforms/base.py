"""What every reform carries: its target, its legal route and the six clarities."""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, ClassVar

import numpy as np

from procsim.errors import NOTHING, Fault, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.text import nfc
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Day, as_day
from procsim.reference.schema import table

_RANKS = table("legal_bases")["rank"].categories
_LIST = "tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class Clarity:
    """One of the six clarities (6 rõ) and the field of a reform that states it.

    The clarity of the work itself (rõ việc) has no field: the reform states it
    by being one.
    """

    name: str
    field: str
    label: Text
    ask: Text


CLARITIES: tuple[Clarity, ...] = (
    Clarity("person", "owner", bilingual("reforms.clear_person"), bilingual("reforms.name_who")),
    Clarity("work", "", bilingual("reforms.clear_work"), NOTHING),
    Clarity("time", "due", bilingual("reforms.clear_time"), bilingual("reforms.give_due_date")),
    Clarity(
        "responsibility",
        "lead",
        bilingual("reforms.clear_responsibility"),
        bilingual("reforms.name_lead_agency"),
    ),
    Clarity(
        "product",
        "product",
        bilingual("reforms.clear_product"),
        bilingual("reforms.name_text_result_deliver"),
    ),
    Clarity(
        "authority",
        "signer",
        bilingual("reforms.clear_authority"),
        bilingual("reforms.name_who_signs"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Reform(ABC):
    """A change that an officer proposes, with its legal route.

    Parameters
    ----------
    reason
        Why (lý do).
    legal_text
        Name of the legal text that must be amended, or on which the change rests.
    legal_numbers
        Numbers of that text and of those that amended it.
    article
        Điểm, khoản, điều of the text.
    rank
        Rank of the text: a category of ``legal_bases.rank``.
    signer
        Who signs the amendment (rõ thẩm quyền).
    owner
        Who carries the change out (rõ người).
    lead
        Agency that answers for it (rõ trách nhiệm).
    due
        When it must be done (rõ thời gian).
    product
        What must be delivered (rõ sản phẩm).
    source
        Where the proposal comes from, such as ``"NQ 66.7/2025, Phụ lục I, STT 12"``.

    Raises
    ------
    InvalidValue
        With every wrong field at once. A reform that misses a clarity is
        valid; `missing_clarities` lists what it lacks.

    Notes
    -----
    A kind of your own is a frozen dataclass that inherits from this one, or from
    a kind that ships, and states `describe` and `change`. `procsim.apply`,
    `procsim.effects` and everything measured after them then take it like any
    other. To keep plans of it in YAML files too, register it:
    ``procsim.reforms.KINDS[MyKind.kind] = MyKind``.

    Examples
    --------
    >>> from procsim.reforms import Plan, apply
    >>> @dataclass(frozen=True)
    ... class Rename(Reform):
    ...     procedure: str = ""
    ...     name: str = ""
    ...     kind: ClassVar[str] = "rename"
    ...     title: ClassVar[Text] = Text("Đổi tên thủ tục", "Rename a procedure")
    ...
    ...     def describe(self):
    ...         return Text(f"Đổi tên thành {self.name}.", f"Rename it {self.name}.")
    ...
    ...     def change(self, portfolio):
    ...         frame = portfolio.procedures.copy()
    ...         frame.loc[self.procedure, "name"] = self.name
    ...         return portfolio.replace(procedures=frame)
    >>> import pandas as pd
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": "A", "ministry": "B"}),
    ... })
    >>> apply(portfolio, Plan([Rename("1.000001", "Cấp thẻ")]))["1.000001"].name
    'Cấp thẻ'
    """

    reason: str = ""
    legal_text: str = ""
    legal_numbers: tuple[str, ...] = ()
    article: str = ""
    rank: str = ""
    signer: str = ""
    owner: str = ""
    lead: str = ""
    due: date | None = None
    product: str = ""
    source: str = ""

    kind: ClassVar[str] = ""
    title: ClassVar[Text] = NOTHING
    target_field: ClassVar[str] = "procedure"
    # Which fields hold ids, and of which table: the target and what goes with it.
    refers: ClassVar[Mapping[str, str]] = {"procedure": "procedures"}

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == _LIST:
                value = _listed(value)
            if isinstance(value, tuple):
                self._set(field.name, tuple(_plain(item) for item in value))
            else:
                self._set(field.name, _plain(value))
        if isinstance(self.due, str):
            self._set("due", day_or_text(self.due))
        faults = [*self._common_faults(), *self._faults()]
        if faults:
            raise InvalidValue(faults)

    @property
    def target(self) -> str:
        """Id of the row that the reform changes: a procedure, a paper, a step, a condition."""
        return str(getattr(self, self.target_field))

    @property
    def procedure_id(self) -> str:
        """Id of the procedure that the reform belongs to."""
        return self.target.split("/", 1)[0]

    @property
    def procedure_ids(self) -> tuple[str, ...]:
        """Ids of every procedure that the reform touches, its own first."""
        return (self.procedure_id,)

    def missing_clarities(self) -> tuple[Clarity, ...]:
        """Return which of the six clarities (6 rõ) the reform does not state."""
        return tuple(c for c in CLARITIES if c.field and not getattr(self, c.field))

    @abstractmethod
    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""

    def change(self, portfolio: Portfolio) -> Portfolio:
        """Return the portfolio after this reform alone: stated by a kind of your own.

        The kinds that ship change the rows of all their reforms at once, in
        `procsim.reforms.kinds.changes`, and leave this as it is.

        Change only rows of `procedure_ids`, found by the reform's own fields:
        `procsim.effects` tries it on copies of them under other ids.

        Parameters
        ----------
        portfolio
            The portfolio as the reforms before it left it; never write into it.

        Raises
        ------
        InvalidValue
            Where the reform cannot be applied; the plan is then refused with
            that among its faults.
        """
        raise NotImplementedError

    def _faults(self) -> Iterator[Fault]:
        """Yield what is wrong in the fields of the kind of reform itself."""
        yield from ()

    def as_dict(self) -> dict[str, Any]:
        """Return the kind and every field that is set, as plain values."""
        made: dict[str, Any] = {"kind": self.kind}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default and value not in ("", ()):
                made[field.name] = list(value) if isinstance(value, tuple) else value
        return made

    def _set(self, name: str, value: object) -> None:
        # The dataclass is frozen for its users; lists given are kept as tuples.
        object.__setattr__(self, name, value)

    def _place(self, name: str) -> str:
        return f"{self.kind} › {shorten(getattr(self, self.target_field, ''), 60)} › {name}"

    def _common_faults(self) -> Iterator[Fault]:
        if not isinstance(self.target, str) or not self.target.strip():
            yield fault_of("reform.no_target", self._place(self.target_field), "")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type in ("str", "str | None", _LIST):
                items = value if isinstance(value, tuple) else (value,)
                items = () if value is None and field.type == "str | None" else items
                if not all(isinstance(item, str) for item in items):
                    yield self._not_text(field.name, value)
        if self.due is not None and type(self.due) is not date:
            yield fault_of("reform.due", self._place("due"), shorten(self.due))
        if self.rank and self.rank not in _RANKS:
            ranks = ", ".join(rank for rank in _RANKS if rank)
            yield fault_of("reform.rank", self._place("rank"), shorten(self.rank), ranks=ranks)

    def _not_text(self, name: str, value: object) -> Fault:
        return fault_of("reform.text", self._place(name), shorten(value))

    def _number_faults(
        self, name: str, most: float = math.inf, *, unit: Text, zero: bool = True
    ) -> Iterator[Fault]:
        """Yield a fault unless the field is None or a number from 0 up to `most`."""
        value = getattr(self, name)
        if value is None:
            return
        number = isinstance(value, int | float) and not isinstance(value, bool)
        finite = number and abs(value) <= sys.float_info.max  # 10**400 fits into no float
        if finite and 0 <= value <= most and (zero or value > 0):
            return
        low = bilingual("reforms.n0") if zero else bilingual("reforms.greater_0")
        high = "" if most == math.inf else f"{most:g}"
        vi, en = (f" đến {high}", f" to {high}") if high else (" trở lên", " upwards")
        if not zero and not high:
            vi = en = ""
        yield fault_of(
            f"reform.{name}",
            self._place(name),
            shorten(value),
            says="reforms.value_must_number",
            low=low,
            words=Text(vi, en),
            unit=unit,
        )

    def _choice_faults(self, name: str, accepted: tuple[str, ...]) -> Iterator[Fault]:
        """Yield a fault unless the field is one of the values accepted."""
        value = getattr(self, name)
        if value not in accepted:
            words = ", ".join(accepted)
            yield fault_of(
                f"reform.{name}",
                self._place(name),
                shorten(value),
                says="reforms.no_value_list",
                words=words,
            )

    def _company_faults(self, name: str) -> Iterator[Fault]:
        """Yield a fault unless the field names others than the target, each once."""
        ids = [str(item) for item in getattr(self, name)]
        if ids and self.target not in ids and len(set(ids)) == len(ids):
            return
        yield fault_of(
            f"reform.{name}",
            self._place(name),
            shorten("; ".join(ids)),
            says="reforms.name_least_id_other",
            name=name,
            target=shorten(self.target, 60),
        )

    def _either_faults(self, one: str, other: str, wording: Text) -> Iterator[Fault]:
        """Yield a fault unless exactly one of two fields is set."""
        if (getattr(self, one) is None) == (getattr(self, other) is None):
            yield Fault(
                self._place(f"{one}, {other}"),
                f"{getattr(self, one)}, {getattr(self, other)}",
                wording,
                bilingual("reforms.give_exactly_two", one=one, other=other),
                code=f"reform.{one}_or_{other}",
            )


def _listed(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    return tuple(value) if isinstance(value, Iterable) else (value,)


def _plain(value: object) -> object:
    """Return numpy scalars as Python's own, and text without what no file can hold."""
    if isinstance(value, str):
        return nfc(str(value))
    return value.item() if isinstance(value, np.generic) else value


def day_or_text(value: str) -> Day:
    """Return the day that a text names, or the text itself where it names none."""
    try:
        return as_day(value, "due")
    except InvalidValue:
        return value  # what is not a date is reported with the other faults
