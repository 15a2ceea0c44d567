"""What moving a procedure online does to its level and its channels."""

from __future__ import annotations

from typing import Any

import numpy as np

from procsim.errors import Fault, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters, working_days_per_unit
from procsim.reforms.actions import MoveOnline
from procsim.reforms.changes.base import (
    ENTERED,
    Edited,
    Numbered,
    Tables,
    appended,
    fault,
    rows,
    rows_by_procedure,
)
from procsim.reforms.changes.fees import copied_fees
from procsim.reforms.wording import in_units

__all__ = ["move_online"]

_HEIGHT = {"full": 2, "partial": 1}


def move_online(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Raise the online level, add an online channel where there is none, set its share."""
    procedures = Edited(portfolio.procedures, "online")
    at = rows(portfolio.procedures, [reform.procedure for _, reform in numbered])
    for row, (_, reform) in zip(at, numbered, strict=True):
        if _HEIGHT[reform.level] > _HEIGHT.get(procedures["online"][row], 0):
            procedures["online"][row] = reform.level
    opened = _with_channels(numbered, portfolio)
    channels = Edited(opened.channels, "share", "share_mark")
    _set_shares(numbered, opened, channels, faults)
    return {
        "procedures": procedures.made(),
        "channels": channels.made(),
        "fees": opened.fees,
    }


def _with_channels(numbered: Numbered, portfolio: Portfolio) -> Portfolio:
    """Return the portfolio with an online channel for every procedure that is moved."""
    frame = portfolio.channels
    online = (frame["method"] == "online").to_numpy()
    wanted = list(dict.fromkeys(reform.procedure for _, reform in numbered))
    ways_of = rows_by_procedure(portfolio, "channels", wanted)
    lacking = [i for i in wanted if not any(online[row] for row in ways_of[i])]
    fees_of = rows_by_procedure(portfolio, "fees", lacking)
    cells = {name: frame[name].tolist() for name in ("limit_value", "limit_unit", "position")}
    ids = set(frame.index)
    channels: list[dict[str, Any]] = []
    fees: list[dict[str, Any]] = []
    for procedure in lacking:
        ways = ways_of[procedure]
        number = len(ways) + 1
        while f"{procedure}/k{number}" in ids:
            number += 1
        name = f"{procedure}/k{number}"
        last = max((cells["position"][row] for row in ways), default=0)
        channels.append(
            {
                "id": name,
                "procedure": procedure,
                "position": last + 1,
                "method": "online",
                **_longest_limit(ways, cells),
            }
        )
        fees += copied_fees(portfolio, procedure, fees_of[procedure], name)
    if not channels:
        return portfolio
    return portfolio.replace(
        channels=appended("channels", frame, channels),
        fees=appended("fees", portfolio.fees, fees),
    )


def _longest_limit(ways: list[int], cells: dict[str, list[Any]]) -> dict[str, Any]:
    """Return the longest stated limit; of equal ones that in working days, then the first."""
    in_days = working_days_per_unit(parameters())
    stated = [
        (round(cells["limit_value"][row] * in_days[unit], 9), unit == "working_day", -row)
        for row in ways
        if (unit := cells["limit_unit"][row]) and not np.isnan(cells["limit_value"][row])
    ]
    if not stated:
        return {}
    row = -max(stated)[2]
    value, unit = cells["limit_value"][row], cells["limit_unit"][row]
    return {
        "limit_value": value,
        "limit_unit": unit,
        "limit_text": in_units(value, unit).vi,
        "limit_mark": ENTERED,
    }


def _set_shares(
    numbered: Numbered, portfolio: Portfolio, made: Edited, faults: list[Fault]
) -> None:
    """Write the share of dossiers that come online; several online channels divide it."""
    wanted = [item for item in numbered if item[1].share is not None]
    online = (portfolio.channels["method"] == "online").to_numpy()
    ways_of = rows_by_procedure(portfolio, "channels", [r.procedure for _, r in wanted])
    for item in wanted:
        reform = item[1]
        ways = ways_of[reform.procedure]
        mine = [row for row in ways if online[row]]
        others = float(np.nansum([made["share"][row] for row in ways if not online[row]]))
        if reform.share + others > 1 + 1e-9:
            faults.append(_no_room(item, others))
            continue
        made["share"][mine] = reform.share / len(mine)
        made["share_mark"][mine] = ENTERED


def _no_room(item: tuple[int, MoveOnline], others: float) -> Fault:
    stated, stated_en = format_number(round(others, 6)), format_number_en(round(others, 6))
    return fault(
        item,
        format_number(item[1].share),
        Text(
            f"Các cách thức nộp khác đã chiếm {stated} số hồ sơ; cộng lại vượt quá 1.",
            f"The other channels take {stated_en} of the dossiers: together that is more than 1.",
        ),
        Text(
            "Sửa tỷ lệ hồ sơ của các cách thức nộp khác, hoặc ghi tỷ lệ nhỏ hơn.",
            "Correct the shares of the other channels, or give a smaller share.",
        ),
        "share_room",
    )
