"""Changes of time limits and of fees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from procsim.errors import Fault, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.wording import PERCENT, by_percent, in_units, method_name

__all__ = ["CutFee", "ShortenLimit"]

_METHODS = table("channels")["method"].categories
_UNITS = ("working_day", "day", "hour")


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

    Examples
    --------
    >>> ShortenLimit("1.004222", days=5).describe().vi
    'Rút ngắn thời hạn giải quyết của thủ tục 1.004222 xuống còn 5 ngày làm việc.'
    >>> ShortenLimit("1.004222", percent=30, owner="Cục C06").missing_clarities()[0].label.en
    'Clear time'
    """

    procedure: str = ""
    days: float | None = None
    percent: float | None = None
    channel: str | None = None
    unit: str = "working_day"

    kind: ClassVar[str] = "shorten_limit"
    title: ClassVar[Text] = Text("Rút ngắn thời hạn giải quyết", "Shorten the time limit")
    refers: ClassVar[Mapping[str, str]] = {"procedure": "procedures", "channel": "channels"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        at = Text("", "")
        if self.channel:
            at = Text(f", cách thức nộp {self.channel}", f", channel {self.channel}")
        if self.days is not None:
            limit = in_units(self.days, self.unit)
            how = Text(f"xuống còn {limit.vi}", f"to {limit.en}")
        else:
            cut = by_percent(self.percent)
            how = Text(f"thêm {cut.vi}", f"by {cut.en}")
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
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)
        yield from self._choice_faults("unit", _UNITS)


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
        Only what is paid with this way of submission: counter, post or online.

    Notes
    -----
    A fee that holds for every channel is split when only one way of submission
    changes, so that the others keep it (0 đồng khi nộp trực tuyến). What the split
    made still goes by the id of the fee in the plans that follow.

    Examples
    --------
    >>> CutFee("1.004222", amount_vnd=0, channel_method="online").describe().en
    'Cut the fees for dossiers handed in online of procedure 1.004222 to 0 VND.'
    """

    procedure: str = ""
    fee: str | None = None
    amount_vnd: float | None = None
    percent: float | None = None
    channel_method: str | None = None

    kind: ClassVar[str] = "cut_fee"
    title: ClassVar[Text] = Text("Giảm phí, lệ phí", "Cut a fee")
    refers: ClassVar[Mapping[str, str]] = {"procedure": "procedures", "fee": "fees"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        vi, en = "phí, lệ phí", "the fees"
        if self.fee:
            vi, en = f"khoản thu {self.fee}", f"fee {self.fee}"
        if self.channel_method:
            way = method_name(self.channel_method)
            vi, en = f"{vi} khi {way.vi}", f"{en} for dossiers handed in {way.en}"
        if self.amount_vnd is not None:
            how = Text(
                f"xuống {format_number(self.amount_vnd)} đồng",
                f"to {format_number_en(self.amount_vnd)} VND",
            )
        else:
            cut = by_percent(self.percent)
            how = Text(cut.vi, f"by {cut.en}")
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
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)
        if self.channel_method is not None:
            yield from self._choice_faults("channel_method", _METHODS)
