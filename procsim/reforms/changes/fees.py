"""What the reforms of fees do to their table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt

from procsim.errors import Fault, Text
from procsim.language.formatting import format_number_en, format_vnd
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import CutFee
from procsim.reforms.changes.base import (
    DIGITS,
    ENTERED,
    Edited,
    Numbered,
    Tables,
    appended,
    fault,
    rows_by_procedure,
)

__all__ = ["copied_fees", "cut_fees"]


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
            Text("Thủ tục không có khoản thu nào.", "The procedure has no fee."),
            Text("Bỏ đề xuất này.", "Remove this reform."),
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
        Text(
            "Không có khoản thu nào khi nộp theo cách thức này, hoặc thủ tục không có cách thức "
            "nộp này.",
            "No fee is paid with this way of submission, or the procedure does not offer it.",
        ),
        Text(
            "Thêm cách thức nộp (ví dụ đề xuất cung cấp trực tuyến), hoặc ghi khoản thu của "
            "cách thức đó trong bảng phí, lệ phí.",
            "Add the way of submission (such as by moving online), or enter its fee in the "
            "table of fees.",
        ),
        "fee_of_channel",
    ), []


def _readable(
    item: tuple[int, CutFee],
    mine: Sequence[int],
    amount: npt.NDArray[Any],
    text: npt.NDArray[Any],
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
            Text(
                "Mức thu hiện hành chưa đọc được chắc chắn, nên không tính được mức giảm.",
                "The present amount could not be read for certain, so the cut is unknown.",
            ),
            Text(
                "Xác nhận mức thu hiện hành trong bảng phí, lệ phí, rồi áp dụng lại.",
                "Confirm the present amount in the table of fees, then apply again.",
            ),
            "fee_unread",
        ), []
    if reform.percent is not None:
        return None, list(mine)
    highest = max(amount[row] for row in mine)
    if reform.amount_vnd > highest:
        return fault(
            item,
            format_vnd(reform.amount_vnd),
            Text(
                f"Mức thu mới cao hơn mức hiện hành ({format_vnd(highest)}).",
                f"The new fee is higher than the present one ({format_number_en(highest)} VND).",
            ),
            Text("Ghi một mức thấp hơn.", "Give a lower amount."),
            "fee_higher",
        ), []
    return None, [row for row in mine if amount[row] > reform.amount_vnd]
