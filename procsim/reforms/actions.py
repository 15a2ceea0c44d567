"""The changes that an officer can propose, as typed values.

Each class is one kind of change and knows only what it wants; `procsim.apply`
works out what it does to a portfolio.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from procsim.errors import Fault, Text, shorten
from procsim.language.formatting import format_number, format_number_en
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.wording import database_names, in_units, type_names

__all__ = [
    "KINDS",
    "AbolishProcedure",
    "AcceptCopy",
    "CutFee",
    "DropRequirement",
    "ReplaceByData",
    "ShortenLimit",
]

_MARKS = table("requirements")["coverage_mark"].categories
_METHODS = table("channels")["method"].categories
_UNITS = ("working_day", "day", "hour")
_METHOD_NAMES = {
    "counter": Text("nộp trực tiếp", "at the counter"),
    "post": Text("nộp qua bưu chính", "by post"),
    "online": Text("nộp trực tuyến", "online"),
    "unknown": Text("cách thức chưa rõ", "in an unknown way"),
}
_SHARE = Text("tỷ lệ", "a share")
_PERCENT = Text("phần trăm", "per cent")


def _choice_fault(
    place: str, value: object, accepted: tuple[str, ...], code: str
) -> Iterator[Fault]:
    if value not in accepted:
        words = ", ".join(accepted)
        yield Fault(
            place,
            shorten(value),
            Text("Giá trị không nằm trong danh mục.", "The value is not one of the list."),
            Text(f"Chọn một trong: {words}.", f"Choose one of: {words}."),
            code=code,
        )


@dataclass(frozen=True)
class ReplaceByData(Reform):
    """Look the paper up in a database instead of asking for it.

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ.
    document_types
        Ids of the papers of that row which the data replace.
    databases
        Ids of the databases that answer.
    coverage
        Share of applicants (0–1) whose data answer; None where unknown.
    coverage_mark
        Where the coverage comes from: luật, công bố, nhập, giả định.
    part
        The row asks for more than these papers (thay thế một phần). A row that
        counts as one paper then keeps counting; of a row with several papers
        only those named fall away.

    Notes
    -----
    Nghị quyết 66.7/2025/NQ-CP, Điều 2: a paper is replaced to the extent the
    database serves; Điều 8 keeps the paper as the fallback.
    """

    requirement: str = ""
    document_types: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    coverage: float | None = None
    coverage_mark: str = ""
    part: bool = False

    kind: ClassVar[str] = "replace_by_data"
    title: ClassVar[Text] = Text("Thay giấy tờ bằng dữ liệu", "Replace a paper by data")
    target_field: ClassVar[str] = "requirement"

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        papers, sources = type_names(self.document_types), database_names(self.databases)
        return Text(
            f"Thay thế {'một phần ' if self.part else ''}thành phần hồ sơ là {papers.vi} bằng "
            f"việc khai thác dữ liệu từ {sources.vi} ({self.requirement}).",
            f"Replace {'in part ' if self.part else ''}the required document {papers.en} by "
            f"data looked up in {sources.en} ({self.requirement}).",
        )

    def _faults(self) -> Iterator[Fault]:
        for name, wording in (
            (
                "document_types",
                Text("Phải ghi loại giấy tờ được thay.", "Name the paper replaced."),
            ),
            ("databases", Text("Phải ghi cơ sở dữ liệu thay thế.", "Name the database.")),
        ):
            if not getattr(self, name):
                yield Fault(self._place(name), "", wording, code=f"reform.{name}")
        yield from self._number_faults("coverage", 1, unit=_SHARE)
        yield from _choice_fault(
            self._place("coverage_mark"), self.coverage_mark, _MARKS, "reform.coverage_mark"
        )


@dataclass(frozen=True)
class DropRequirement(Reform):
    """Stop asking for one thành phần hồ sơ (bãi bỏ thành phần hồ sơ).

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ.
    """

    requirement: str = ""

    kind: ClassVar[str] = "drop_requirement"
    title: ClassVar[Text] = Text("Bãi bỏ thành phần hồ sơ", "Drop a required document")
    target_field: ClassVar[str] = "requirement"

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            f"Bãi bỏ thành phần hồ sơ {self.requirement}.",
            f"Drop the required document {self.requirement}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class AcceptCopy(Reform):
    """Accept a plain copy in place of an original or a certified copy.

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ.
    """

    requirement: str = ""

    kind: ClassVar[str] = "accept_copy"
    title: ClassVar[Text] = Text("Chấp nhận bản sao", "Accept a plain copy")
    target_field: ClassVar[str] = "requirement"

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            "Chấp nhận bản sao không phải chứng thực thay cho bản chính hoặc bản sao có "
            f"chứng thực tại thành phần hồ sơ {self.requirement}.",
            "Accept a plain copy in place of an original or a certified copy for the "
            f"required document {self.requirement}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class ShortenLimit(Reform):
    """Shorten the time limit (thời hạn giải quyết).

    Parameters
    ----------
    procedure
        Id of the procedure.
    days
        New limit, in `unit`; limits that are shorter already stay as they are.
    percent
        Or: by how many per cent (more than 0, at most 100) each limit falls,
        in its own unit.
    channel
        Id of one channel; None for every channel of the procedure.
    unit
        Unit of `days`: ``working_day`` (default), ``day`` or ``hour``.
    """

    procedure: str = ""
    days: float | None = None
    percent: float | None = None
    channel: str | None = None
    unit: str = "working_day"

    kind: ClassVar[str] = "shorten_limit"
    title: ClassVar[Text] = Text("Rút ngắn thời hạn giải quyết", "Shorten the time limit")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        at = Text("", "")
        if self.channel:
            at = Text(f", cách thức nộp {self.channel}", f", channel {self.channel}")
        if self.days is not None:
            limit = in_units(self.days, self.unit)
            how = Text(f"xuống còn {limit.vi}", f"to {limit.en}")
        else:
            how = Text(
                f"thêm {format_number(self.percent)} %", f"by {format_number_en(self.percent)} %"
            )
        return Text(
            f"Rút ngắn thời hạn giải quyết của thủ tục {self.procedure}{at.vi} {how.vi}.",
            f"Shorten the time limit of procedure {self.procedure}{at.en} {how.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults(
            "days",
            "percent",
            Text(
                "Thời hạn mới ghi bằng ngày hoặc bằng tỷ lệ cắt giảm.",
                "A new limit is given in days or as a cut in per cent.",
            ),
        )
        yield from self._number_faults(
            "days", unit=Text("theo đơn vị của thời hạn", "in the unit of the limit")
        )
        yield from self._number_faults("percent", 100, unit=_PERCENT, zero=False)
        yield from _choice_fault(self._place("unit"), self.unit, _UNITS, "reform.unit")


@dataclass(frozen=True)
class CutFee(Reform):
    """Lower a phí or lệ phí, down to 0 đồng where wanted.

    Parameters
    ----------
    procedure
        Id of the procedure.
    fee
        Id of one fee; None for every fee of the procedure.
    amount_vnd
        New amount; fees that are lower already stay as they are.
    percent
        Or: by how many per cent (more than 0, at most 100) each fee falls.
    channel_method
        Only fees of this way of submission: counter, post or online.
    """

    procedure: str = ""
    fee: str | None = None
    amount_vnd: float | None = None
    percent: float | None = None
    channel_method: str | None = None

    kind: ClassVar[str] = "cut_fee"
    title: ClassVar[Text] = Text("Giảm phí, lệ phí", "Cut a fee")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        vi, en = "phí, lệ phí", "the fees"
        if self.fee:
            vi, en = f"khoản thu {self.fee}", f"fee {self.fee}"
        if self.channel_method:
            way = _METHOD_NAMES[self.channel_method]
            vi, en = f"{vi} khi {way.vi}", f"{en} for dossiers handed in {way.en}"
        if self.amount_vnd is not None:
            how = Text(
                f"xuống {format_number(self.amount_vnd)} đồng",
                f"to {format_number_en(self.amount_vnd)} VND",
            )
        else:
            how = Text(f"{format_number(self.percent)} %", f"by {format_number_en(self.percent)} %")
        return Text(
            f"Giảm {vi} của thủ tục {self.procedure} {how.vi}.",
            f"Cut {en} of procedure {self.procedure} {how.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults(
            "amount_vnd",
            "percent",
            Text(
                "Mức thu mới ghi bằng đồng hoặc bằng tỷ lệ cắt giảm.",
                "A new fee is given in đồng or as a cut in per cent.",
            ),
        )
        yield from self._number_faults("amount_vnd", unit=Text("đồng", "VND"))
        yield from self._number_faults("percent", 100, unit=_PERCENT, zero=False)
        if self.channel_method is not None:
            yield from _choice_fault(
                self._place("channel_method"),
                self.channel_method,
                _METHODS,
                "reform.channel_method",
            )


@dataclass(frozen=True)
class AbolishProcedure(Reform):
    """Abolish a procedure (bãi bỏ thủ tục hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure.
    """

    procedure: str = ""

    kind: ClassVar[str] = "abolish_procedure"
    title: ClassVar[Text] = Text("Bãi bỏ thủ tục hành chính", "Abolish a procedure")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            f"Bãi bỏ thủ tục hành chính {self.procedure}.",
            f"Abolish the administrative procedure {self.procedure}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


KINDS: dict[str, type[Reform]] = {
    made.kind: made
    for made in (
        ReplaceByData,
        DropRequirement,
        AcceptCopy,
        ShortenLimit,
        CutFee,
        AbolishProcedure,
    )
}
