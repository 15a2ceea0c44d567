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

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.text import nfc
from procsim.model.portfolio import Portfolio
from procsim.reference.calendar import Day, as_day
from procsim.reference.schema import table

__all__ = ["CLARITIES", "Clarity", "Reform", "day_or_text"]

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
    Clarity(
        "person",
        "owner",
        Text("Rõ người", "Clear person"),
        Text("Ghi người hoặc đơn vị chủ trì thực hiện.", "Name who does it."),
    ),
    Clarity("work", "", Text("Rõ việc", "Clear work"), Text("", "")),
    Clarity(
        "time",
        "due",
        Text("Rõ thời gian", "Clear time"),
        Text("Ghi ngày phải hoàn thành.", "Give the due date."),
    ),
    Clarity(
        "responsibility",
        "lead",
        Text("Rõ trách nhiệm", "Clear responsibility"),
        Text("Ghi cơ quan chịu trách nhiệm.", "Name the lead agency."),
    ),
    Clarity(
        "product",
        "product",
        Text("Rõ sản phẩm", "Clear product"),
        Text("Ghi văn bản hoặc kết quả phải có.", "Name the text or result to deliver."),
    ),
    Clarity(
        "authority",
        "signer",
        Text("Rõ thẩm quyền", "Clear authority"),
        Text("Ghi người hoặc cơ quan ký ban hành.", "Name who signs it."),
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
    title: ClassVar[Text] = Text("", "")
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
        `procsim.reforms.changes`, and leave this as it is.

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
            yield Fault(
                self._place(self.target_field),
                "",
                Text("Phải ghi mã của đối tượng được sửa.", "The id of what changes is required."),
                Text("Ví dụ 1.004222 hoặc 1.004222/c1/r3.", "Such as 1.004222 or 1.004222/c1/r3."),
                code="reform.no_target",
            )
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type in ("str", "str | None", _LIST):
                items = value if isinstance(value, tuple) else (value,)
                items = () if value is None and field.type == "str | None" else items
                if not all(isinstance(item, str) for item in items):
                    yield self._not_text(field.name, value)
        if self.due is not None and type(self.due) is not date:
            yield Fault(
                self._place("due"),
                shorten(self.due),
                Text("Thời hạn phải là một ngày.", "The due date must be a date."),
                Text("Ghi dạng 01/03/2027.", "Write it as 01/03/2027."),
                code="reform.due",
            )
        if self.rank and self.rank not in _RANKS:
            ranks = ", ".join(rank for rank in _RANKS if rank)
            yield Fault(
                self._place("rank"),
                shorten(self.rank),
                Text("Loại văn bản không có trong danh mục.", "There is no such rank of text."),
                Text(f"Chọn một trong: {ranks}.", f"Choose one of: {ranks}."),
                code="reform.rank",
            )

    def _not_text(self, name: str, value: object) -> Fault:
        return Fault(
            self._place(name),
            shorten(value),
            Text("Ô này phải là chữ.", "This field must be text."),
            Text("Đặt giá trị trong ngoặc kép.", "Put the value between quotes."),
            code="reform.text",
        )

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
        low = Text("từ 0", "from 0") if zero else Text("lớn hơn 0", "greater than 0")
        high = "" if most == math.inf else f"{most:g}"
        vi, en = (f" đến {high}", f" to {high}") if high else (" trở lên", " upwards")
        if not zero and not high:
            vi = en = ""
        yield Fault(
            self._place(name),
            shorten(value),
            Text(
                f"Giá trị phải là một số {low.vi}{vi} ({unit.vi}).",
                f"The value must be a number {low.en}{en} ({unit.en}).",
            ),
            Text("Sửa số này trong phương án.", "Correct the number in the plan."),
            code=f"reform.{name}",
        )

    def _choice_faults(self, name: str, accepted: tuple[str, ...]) -> Iterator[Fault]:
        """Yield a fault unless the field is one of the values accepted."""
        value = getattr(self, name)
        if value not in accepted:
            words = ", ".join(accepted)
            yield Fault(
                self._place(name),
                shorten(value),
                Text("Giá trị không nằm trong danh mục.", "The value is not one of the list."),
                Text(f"Chọn một trong: {words}.", f"Choose one of: {words}."),
                code=f"reform.{name}",
            )

    def _company_faults(self, name: str) -> Iterator[Fault]:
        """Yield a fault unless the field names others than the target, each once."""
        ids = [str(item) for item in getattr(self, name)]
        if ids and self.target not in ids and len(set(ids)) == len(ids):
            return
        yield Fault(
            self._place(name),
            shorten("; ".join(ids)),
            Text(
                "Phải ghi ít nhất một mã khác mã được giữ, mỗi mã một lần.",
                "Name at least one id other than the one kept, each id once.",
            ),
            Text(
                f"Ghi ở {name} các mã đi cùng {shorten(self.target, 60)}.",
                f"List in {name} the ids that go with {shorten(self.target, 60)}.",
            ),
            code=f"reform.{name}",
        )

    def _either_faults(self, one: str, other: str, wording: Text) -> Iterator[Fault]:
        """Yield a fault unless exactly one of two fields is set."""
        if (getattr(self, one) is None) == (getattr(self, other) is None):
            yield Fault(
                self._place(f"{one}, {other}"),
                f"{getattr(self, one)}, {getattr(self, other)}",
                wording,
                Text(
                    f"Ghi đúng một trong hai: {one} hoặc {other}.",
                    f"Give exactly one of the two: {one} or {other}.",
                ),
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
