"""What the reforms of time limits do to the table of channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from procsim.errors import Fault, Text, shorten
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters, working_days_per_unit
from procsim.reforms.actions import SelfDeclare, ShortenLimit
from procsim.reforms.base import Reform
from procsim.reforms.changes.base import (
    DIGITS,
    ENTERED,
    Edited,
    Numbered,
    Tables,
    fault,
    rows,
    rows_by_procedure,
)
from procsim.reforms.wording import in_units

__all__ = ["set_limits"]


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
        Text(
            "Nguồn không ghi thời hạn giải quyết bằng số và đơn vị, nên không có gì để rút ngắn.",
            "The source states no time limit as a number with a unit: there is nothing to shorten.",
        ),
        Text(
            "Ghi thời hạn hiện hành vào bảng cách thức nộp, rồi áp dụng lại.",
            "Enter the present limit in the table of channels, then apply again.",
        ),
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
        Text(
            f"Thời hạn mới dài hơn thời hạn hiện hành ({now}).",
            f"The new limit is longer than the present one ({now_en}).",
        ),
        Text(
            f"Ghi một thời hạn ngắn hơn {now}. Nguồn ghi: “{shorten(written, 60)}”.",
            f"Give a limit shorter than {now_en}. As written: “{shorten(written, 60)}”.",
        ),
        "limit_longer",
    )
