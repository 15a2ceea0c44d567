"""Reforms of time limits and of fees: their fields, and what they do to channels and fees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar, cast

import numpy as np
import numpy.typing as npt

from procsim.errors import NOTHING, Fault, Text, shorten
from procsim.language.formatting import format_number_en, format_vnd
from procsim.language.i18n import bilingual
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters, working_days_per_unit
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.kinds.papers import SelfDeclare
from procsim.reforms.kinds.tables import (
    DIGITS,
    ENTERED,
    Edited,
    Numbered,
    Tables,
    appended,
    fault,
    rows,
    rows_by_procedure,
)
from procsim.reforms.wording import PERCENT, by_percent, in_units, method_name

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
    title: ClassVar[Text] = bilingual("reforms.shorten_time_limit")
    refers: ClassVar[Mapping[str, str]] = {"procedure": "procedures", "channel": "channels"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        at = NOTHING
        if self.channel:
            at = bilingual("reforms.channel", channel=self.channel)
        if self.days is not None:
            limit = in_units(self.days, self.unit)
            how = bilingual("reforms.to", limit=limit)
        else:
            cut = by_percent(self.percent)
            how = bilingual("reforms.by", cut=cut)
        return bilingual(
            "reforms.shorten_time_limit_procedure", procedure=self.procedure, at=at, how=how
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults("days", "percent", bilingual("reforms.new_limit_given_days"))
        yield from self._number_faults("days", unit=bilingual("reforms.unit_limit"))
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
    title: ClassVar[Text] = bilingual("reforms.cut_fee")
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
            how = bilingual("reforms.vnd", amount_vnd=self.amount_vnd)
        else:
            cut = by_percent(self.percent)
            how = Text(cut.vi, f"by {cut.en}")
        return bilingual(
            "reforms.cut_procedure", words=Text(vi, en), procedure=self.procedure, how=how
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults(
            "amount_vnd", "percent", bilingual("reforms.new_fee_given_d")
        )
        yield from self._number_faults("amount_vnd", unit=bilingual("reforms.limits.vnd"))
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)
        if self.channel_method is not None:
            yield from self._choice_faults("channel_method", _METHODS)


# What the reforms of time limits do to the table of channels.


def set_limits(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Shorten the limits, by `ShortenLimit` or by a `SelfDeclare` that states days."""
    wanted = [
        (position, reform, limit) for position, reform in numbered if (limit := _limit(reform))
    ]
    if not wanted:
        return {}
    frame = portfolio.channels
    made = Edited(
        frame,
        *("limit_value", "limit_unit", "limit_text"),
        *("limit_mark", "limit_flag", "limit_proposed"),
    )
    value, unit, text = made["limit_value"], made["limit_unit"], made["limit_text"]
    in_days = working_days_per_unit(parameters())
    rows_of = rows_by_procedure(portfolio, "channels", [reform.target for _, reform, _ in wanted])
    for position, reform, limit in wanted:
        mine = rows_of[reform.target]
        if limit.channel is not None:
            mine = rows(frame, [limit.channel]).tolist()
        stated = [row for row in mine if not np.isnan(value[row]) and unit[row]]
        if not stated:
            faults.append(_no_limit((position, reform), text, mine))
            continue
        if limit.percent is not None:
            left = 1 - limit.percent / 100
            new = [(row, round(value[row] * left, DIGITS), unit[row]) for row in stated]
        else:
            days = {row: value[row] * in_days[unit[row]] for row in stated}
            # A limit states a percentage or days; its reform was refused otherwise.
            most = cast("float", limit.days) * in_days[limit.unit]
            longest = max(stated, key=days.__getitem__)
            if most > days[longest]:
                now = (value[longest], unit[longest], text[longest])
                faults.append(_longer((position, reform), limit, now))
                continue
            new = [(row, limit.days, limit.unit) for row in stated if days[row] > most]
        for row, number, name in new:
            value[row], unit[row] = number, name
            text[row] = in_units(number, name).vi
            made["limit_mark"][row], made["limit_flag"][row] = ENTERED, ""
            made["limit_proposed"][row] = np.nan
    return {"channels": made.made()}


def _limit(reform: ShortenLimit | SelfDeclare) -> ShortenLimit | None:
    """Return the limit that a reform sets; a self-declaration may set one on the side."""
    if isinstance(reform, ShortenLimit):
        return reform
    return None if reform.days is None else ShortenLimit(reform.procedure, days=reform.days)


def _no_limit(item: tuple[int, Reform], text: npt.NDArray[Any], mine: Sequence[int]) -> Fault:
    written = "; ".join(dict.fromkeys(text[row] for row in mine if text[row]))
    return fault(
        item,
        written,
        bilingual("reforms.no_source_states_time"),
        bilingual("reforms.enter_present_limit_table"),
        "limit_missing",
    )


def _longer(
    item: tuple[int, Reform], limit: ShortenLimit, present: tuple[float, str, str]
) -> Fault:
    value, unit, written = present
    now, now_en = in_units(value, unit)
    return fault(
        item,
        in_units(limit.days, limit.unit).vi,
        bilingual("reforms.new_limit_longer_present", now=Text(now, now_en)),
        bilingual(
            "reforms.give_limit_shorter_written",
            now=Text(now, now_en),
            written=shorten(written, 60),
        ),
        "limit_longer",
    )


# What the reforms of fees do to their table.


def cut_fees(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Lower the fees; a common one is split where only one way of submission changes."""
    portfolio = _split(numbered, portfolio)
    frame = portfolio.fees
    made = Edited(frame, "amount_vnd", "amount_text", "mark", "flag", "proposed_vnd")
    amount, text = made["amount_vnd"], made["amount_text"]
    channel = portfolio.positions("fees", "channel")
    methods = portfolio.channels["method"].to_numpy(dtype=object)
    rows_of = rows_by_procedure(portfolio, "fees", [reform.target for _, reform in numbered])
    for item in numbered:
        reform = item[1]
        mine = rows_of[reform.target]
        if reform.fee is not None:
            mine = [row for row in mine if _is_of(str(frame.index[row]), reform.fee)]
        wrong, chosen = _meant(item, mine, channel, methods)
        if wrong is None:
            wrong, chosen = _readable(item, chosen, amount, text)
        if wrong is not None:
            faults.append(wrong)
            continue
        for row in chosen:
            new = float(reform.amount_vnd or 0)
            if reform.percent is not None and reform.percent < 100:
                new = round(amount[row] * (1 - reform.percent / 100), DIGITS)
            amount[row], text[row] = new, format_vnd(new)
            made["mark"][row], made["flag"][row] = ENTERED, ""
            made["proposed_vnd"][row] = np.nan
    return {"fees": made.made()}


def _split(numbered: Numbered, portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with common fees split by channel where one way changes.

    The fee keeps its id for the first channel; the others get a copy each, whose id
    begins with that of the fee: a later plan that names the fee means them all.
    """
    wanted = [reform for _, reform in numbered if reform.channel_method is not None]
    if not wanted:
        return portfolio
    frame = portfolio.fees
    common = portfolio.positions("fees", "channel") < 0
    procedures = [reform.target for reform in wanted]
    fees_of = rows_by_procedure(portfolio, "fees", procedures)
    ways_of = rows_by_procedure(portfolio, "channels", procedures)
    methods = portfolio.channels["method"].to_numpy(dtype=object)
    made = Edited(frame, "channel")
    taken = set(frame.index)
    done: set[str] = set()
    new: list[dict[str, Any]] = []
    for reform in wanted:
        ways = ways_of[reform.target]
        if all(
            (methods[way] == reform.channel_method) == (methods[ways[0]] == reform.channel_method)
            for way in ways
        ):
            continue  # every channel is meant, or none is
        for row in fees_of[reform.target]:
            fee = str(frame.index[row])
            if not common[row] or fee in done or reform.fee not in (None, fee):
                continue
            first, *others = (str(portfolio.channels.index[way]) for way in ways)
            made["channel"][row] = first
            new += [_copy(portfolio, fee, way, _free(f"{fee}/", 2, taken)) for way in others]
            done.add(fee)
    if not done:
        return portfolio
    return portfolio.exchange(fees=appended("fees", made.made(), new))


def _is_of(row: str, fee: str) -> bool:
    """Tell whether a row is a fee, or what a split by channel made of it."""
    return row == fee or row.startswith(f"{fee}/")


def _free(stem: str, first: int, taken: set[str]) -> str:
    """Return the first id of a stem and a number that no row has, and take it."""
    name = next(i for n in count(first) if (i := f"{stem}{n}") not in taken)
    taken.add(name)
    return name


def _copy(portfolio: Portfolio, fee: str, channel: str, name: str) -> dict[str, Any]:
    """Return a row like that of `fee`, for one channel, under its own id."""
    return {**portfolio.fees.loc[fee].to_dict(), "id": name, "channel": channel}


def copied_fees(
    portfolio: Portfolio, procedure: str, fees: Sequence[int], channel: str
) -> list[dict[str, Any]]:
    """Return rows for a new channel that costs what the channel with most fees costs.

    Fees that hold for every channel hold for the new one without a row.
    """
    by_channel: dict[int, list[int]] = {}
    at = portfolio.positions("fees", "channel")
    for row in fees:
        if at[row] >= 0:
            by_channel.setdefault(int(at[row]), []).append(row)
    if not by_channel:
        return []
    model = max(sorted(by_channel), key=lambda way: len(by_channel[way]))
    taken = set(portfolio.fees.index[list(fees)])
    return [
        _copy(portfolio, str(portfolio.fees.index[row]), channel, _free(f"{channel}/f", 1, taken))
        | {"procedure": procedure}
        for row in by_channel[model]
    ]


def _meant(
    item: tuple[int, CutFee],
    mine: Sequence[int],
    channel: npt.NDArray[np.intp],
    methods: npt.NDArray[Any],
) -> tuple[Fault | None, list[int]]:
    """Return the fee rows that the reform means, or why there are none."""
    method = item[1].channel_method
    if not mine:
        return fault(
            item,
            "",
            bilingual("reforms.no_procedure_fee"),
            bilingual("reforms.remove_reform"),
            "fee_missing",
        ), []
    chosen = [
        row
        for row in mine
        if method is None or (channel[row] >= 0 and methods[channel[row]] == method)
    ]
    if chosen:
        return None, chosen
    return fault(
        item,
        method,
        bilingual("reforms.no_fee_paid_way"),
        bilingual("reforms.add_way_submission_such"),
        "fee_of_channel",
    ), []


def _readable(
    item: tuple[int, CutFee], mine: Sequence[int], amount: npt.NDArray[Any], text: npt.NDArray[Any]
) -> tuple[Fault | None, list[int]]:
    """Return the rows whose amount falls, or why the cut cannot be worked out."""
    reform = item[1]
    if reform.amount_vnd == 0 or reform.percent == 100:
        return None, list(mine)  # a full exemption needs no present amount
    unread = [row for row in mine if np.isnan(amount[row])]
    if unread:
        written = "; ".join(dict.fromkeys(text[row] for row in unread if text[row]))
        return fault(
            item,
            written,
            bilingual("reforms.no_present_amount_could"),
            bilingual("reforms.confirm_present_amount_table"),
            "fee_unread",
        ), []
    if reform.percent is not None:
        return None, list(mine)
    highest = max(amount[row] for row in mine)
    if reform.amount_vnd > highest:
        return fault(
            item,
            format_vnd(reform.amount_vnd),
            bilingual(
                "reforms.new_fee_higher_present",
                highest=Text(format_vnd(highest), format_number_en(highest)),
            ),
            bilingual("reforms.give_lower_amount"),
            "fee_higher",
        ), []
    return None, [row for row in mine if amount[row] > reform.amount_vnd]
