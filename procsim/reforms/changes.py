"""What each kind of reform does to the tables of a portfolio."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Fault, Text, shorten
from procsim.language.formatting import format_number_en, format_vnd
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters, working_days_per_unit
from procsim.reforms.actions import (
    AbolishProcedure,
    AcceptCopy,
    CutFee,
    DropRequirement,
    ReplaceByData,
    ShortenLimit,
)
from procsim.reforms.base import Reform
from procsim.reforms.wording import in_units

__all__ = ["changed_tables"]

_WEAKEST = {"": 0, "luật": 1, "công bố": 2, "nhập": 3, "giả định": 4}
_ENTERED = "nhập"
_DIGITS = 6  # 7 days less 30 % are 4,9 days, not 4,8999999999999995
Tables = dict[str, pd.DataFrame]
Numbered = Sequence[tuple[int, Any]]


def changed_tables(reforms: Sequence[Reform], portfolio: Portfolio) -> tuple[Tables, list[Fault]]:
    """Return the tables that the reforms change, and all that stands against them.

    Reforms of different kinds touch different columns, so only the order
    within a kind matters and is kept.
    """
    tables: Tables = {}
    faults = unknown_targets(reforms, portfolio)
    bad = {fault.place for fault in faults}
    by_kind: dict[type[Reform], list[tuple[int, Reform]]] = defaultdict(list)
    for position, reform in enumerate(reforms, start=1):
        if place_of(position, reform) not in bad:
            by_kind[type(reform)].append((position, reform))
    for kind, change in _CHANGES.items():
        if by_kind[kind]:
            change(by_kind[kind], portfolio, tables, faults)
    return tables, faults


def place_of(position: int, reform: Reform) -> str:
    """Return where a reform stands in its plan, for messages."""
    return f"plan › {position} › {reform.kind} › {shorten(reform.target, 60)}"


def unknown_targets(reforms: Sequence[Reform], portfolio: Portfolio) -> list[Fault]:
    """Return a fault for every target that the portfolio does not have."""
    found: list[Fault] = []
    for position, reform in enumerate(reforms, start=1):
        wanted = [(_TABLE_OF[reform.target_field], reform.target)]
        if isinstance(reform, ShortenLimit) and reform.channel is not None:
            wanted.append(("channels", reform.channel))
        if isinstance(reform, CutFee) and reform.fee is not None:
            wanted.append(("fees", reform.fee))
        found += [
            Fault(
                place_of(position, reform),
                shorten(target),
                Text(
                    f"Danh mục đã nạp không có mã này (bảng {name}).",
                    f"The portfolio has no such id (table {name}).",
                ),
                Text(
                    "Kiểm tra mã, hoặc nạp đúng danh mục mà phương án được lập trên đó.",
                    "Check the id, or load the portfolio that the plan was made for.",
                ),
                code="plan.unknown_target",
            )
            for name, target in wanted
            if target not in getattr(portfolio, name).index
            or not _belongs(portfolio, name, target, reform)
        ]
    return found


def _belongs(portfolio: Portfolio, name: str, target: str, reform: Reform) -> bool:
    if name not in ("channels", "fees"):
        return True
    return bool(getattr(portfolio, name).at[target, "procedure"] == reform.target)


_TABLE_OF = {"requirement": "requirements", "procedure": "procedures"}


def _column(frame: pd.DataFrame, name: str, values: object) -> pd.Series:
    return pd.Series(values, index=frame.index, dtype=frame[name].dtype)


def _rows(frame: pd.DataFrame, numbered: Numbered) -> npt.NDArray[np.intp]:
    return frame.index.get_indexer([reform.target for _, reform in numbered])


def _replace(numbered: Numbered, portfolio: Portfolio, tables: Tables, faults: list[Fault]) -> None:
    """Set what is replaced in the rows: how many papers, which, by what, how far."""
    frame = tables.get("requirements", portfolio.requirements)
    papers = frame["papers"].to_numpy()
    replaced = frame["replaced"].to_numpy(copy=True)
    coverage = frame["coverage"].to_numpy(copy=True)
    marks = frame["coverage_mark"].to_numpy(dtype=object, copy=True)
    sources = frame["replaced_by"].to_numpy(dtype=object, copy=True)
    types = frame["replaced_types"].to_numpy(dtype=object, copy=True)
    at = _rows(frame, numbered)
    groups: dict[int, list[ReplaceByData]] = defaultdict(list)
    for row, (position, reform) in zip(at, numbered, strict=True):
        if np.isnan(papers[row]):
            faults.append(_not_marked(position, reform))
        elif not (reform.part and papers[row] <= 1):
            # A part of a row that counts as one paper leaves the row standing.
            groups[int(row)].append(reform)
    for row, reforms in groups.items():
        done = tuple(part for part in types[row].split(";") if part)
        share_of, marks_of, used = _by_type(reforms, done)
        if not share_of or papers[row] == 0:
            continue
        before, new = replaced[row], np.array(list(share_of.values()))
        if papers[row] > 1:
            coverage[row] = (coverage[row] * before + new.sum() if before else new.sum()) / (
                before + len(new)
            )
            replaced[row] = min(papers[row], before + len(new))
        else:
            # One sufficient alternative is enough; the best answered one counts.
            coverage[row] = np.fmax.reduce(np.append(new, coverage[row]))
            replaced[row] = papers[row]
        marks[row] = max((marks[row], *marks_of), key=_WEAKEST.__getitem__)
        earlier = [part for part in sources[row].split(";") if part]
        sources[row] = ";".join(dict.fromkeys((*earlier, *used)))
        types[row] = ";".join(dict.fromkeys((*done, *share_of)))
    tables["requirements"] = frame.assign(
        replaced=_column(frame, "replaced", replaced),
        coverage=_column(frame, "coverage", coverage),
        coverage_mark=_column(frame, "coverage_mark", marks),
        replaced_by=_column(frame, "replaced_by", sources),
        replaced_types=_column(frame, "replaced_types", types),
    )


def _by_type(
    reforms: Sequence[ReplaceByData], done: tuple[str, ...]
) -> tuple[dict[str, float], list[str], list[str]]:
    """Return coverage by document type, the marks and the databases used.

    A paper that several reforms replace counts once, with its best coverage;
    one that is `done`, replaced by an earlier plan, is left as it is.
    """
    share_of: dict[str, float] = {}
    marks: list[str] = []
    used: list[str] = []
    for reform in reforms:
        new = [name for name in reform.document_types if name not in done]
        if not new:
            continue
        share = np.nan if reform.coverage is None else float(reform.coverage)
        for name in new:
            share_of[name] = float(np.fmax(share_of.get(name, np.nan), share))
        marks.append(reform.coverage_mark)
        used += reform.databases
    return share_of, marks, used


def _not_marked(position: int, reform: Reform) -> Fault:
    return Fault(
        place_of(position, reform),
        "",
        Text(
            "Thành phần hồ sơ chưa được nhận dạng nên chưa biết tính là mấy giấy tờ.",
            "The required document is not marked yet, so how many papers it counts is unknown.",
        ),
        Text(
            "Chạy bước nhận dạng (procsim mark) trước khi áp dụng phương án.",
            "Mark the portfolio (procsim mark) before applying the plan.",
        ),
        code="plan.not_marked",
    )


def _drop(numbered: Numbered, portfolio: Portfolio, tables: Tables, _: list[Fault]) -> None:
    frame = tables.get("requirements", portfolio.requirements)
    status = frame["status"].to_numpy(dtype=object, copy=True)
    status[_rows(frame, numbered)] = "dropped"
    tables["requirements"] = frame.assign(status=_column(frame, "status", status))


def _copy(numbered: Numbered, portfolio: Portfolio, tables: Tables, _: list[Fault]) -> None:
    frame = tables.get("requirements", portfolio.requirements)
    at = np.unique(_rows(frame, numbered))
    originals = frame["originals"].to_numpy(copy=True)
    copies = frame["copies"].to_numpy(copy=True)
    certified = frame["certified"].to_numpy(copy=True)
    copies[at] += originals[at]
    originals[at] = 0
    certified[at] = False
    tables["requirements"] = frame.assign(
        originals=_column(frame, "originals", originals),
        copies=_column(frame, "copies", copies),
        certified=_column(frame, "certified", certified),
    )


def _abolish(numbered: Numbered, portfolio: Portfolio, tables: Tables, _: list[Fault]) -> None:
    frame = portfolio.procedures
    status = frame["status"].to_numpy(dtype=object, copy=True)
    status[_rows(frame, numbered)] = "abolished"
    tables["procedures"] = frame.assign(status=_column(frame, "status", status))


def _slices(portfolio: Portfolio, name: str, wanted: Sequence[str]) -> dict[str, list[int]]:
    """Return the row numbers in table `name` of each procedure in `wanted`."""
    owner = portfolio.positions(name, "procedure")
    at = portfolio.procedures.index.get_indexer(wanted)
    places = {int(place): i for i, place in zip(wanted, at, strict=True)}
    found: dict[str, list[int]] = {i: [] for i in wanted}
    for row in np.flatnonzero(np.isin(owner, list(places))):
        found[places[int(owner[row])]].append(int(row))
    return found


def _shorten(numbered: Numbered, portfolio: Portfolio, tables: Tables, faults: list[Fault]) -> None:
    frame = portfolio.channels
    value = frame["limit_value"].to_numpy(copy=True)
    unit = frame["limit_unit"].to_numpy(dtype=object, copy=True)
    text = frame["limit_text"].to_numpy(dtype=object, copy=True)
    mark = frame["limit_mark"].to_numpy(dtype=object, copy=True)
    flag = frame["limit_flag"].to_numpy(dtype=object, copy=True)
    proposed = frame["limit_proposed"].to_numpy(copy=True)
    in_days = working_days_per_unit(parameters())
    rows_of = _slices(portfolio, "channels", [reform.target for _, reform in numbered])
    for position, reform in numbered:
        rows = rows_of[reform.target]
        if reform.channel is not None:
            rows = [int(frame.index.get_loc(reform.channel))]
        stated = [row for row in rows if not np.isnan(value[row]) and unit[row]]
        if not stated:
            faults.append(_no_limit(position, reform, text, rows))
            continue
        if reform.percent is not None:
            left = 1 - reform.percent / 100
            new = [(row, round(value[row] * left, _DIGITS), unit[row]) for row in stated]
        else:
            days = {row: value[row] * in_days[unit[row]] for row in stated}
            wanted = reform.days * in_days[reform.unit]
            longest = max(stated, key=days.__getitem__)
            if wanted > days[longest]:
                now = (value[longest], unit[longest], text[longest])
                faults.append(_longer(position, reform, now))
                continue
            new = [(row, reform.days, reform.unit) for row in stated if days[row] > wanted]
        for row, number, name in new:
            value[row], unit[row] = number, name
            text[row] = in_units(number, name).vi
            mark[row], flag[row], proposed[row] = _ENTERED, "", np.nan
    tables["channels"] = frame.assign(
        limit_value=_column(frame, "limit_value", value),
        limit_unit=_column(frame, "limit_unit", unit),
        limit_text=_column(frame, "limit_text", text),
        limit_mark=_column(frame, "limit_mark", mark),
        limit_flag=_column(frame, "limit_flag", flag),
        limit_proposed=_column(frame, "limit_proposed", proposed),
    )


def _no_limit(
    position: int, reform: ShortenLimit, text: npt.NDArray[np.object_], rows: Sequence[int]
) -> Fault:
    written = "; ".join(dict.fromkeys(text[row] for row in rows if text[row]))
    return Fault(
        place_of(position, reform),
        shorten(written),
        Text(
            "Nguồn không ghi thời hạn giải quyết bằng số và đơn vị, nên không có gì để rút ngắn.",
            "The source states no time limit as a number with a unit: there is nothing to shorten.",
        ),
        Text(
            "Ghi thời hạn hiện hành vào bảng cách thức nộp, rồi áp dụng lại.",
            "Enter the present limit in the table of channels, then apply again.",
        ),
        code="plan.limit_missing",
    )


def _longer(position: int, reform: ShortenLimit, present: tuple[float, str, str]) -> Fault:
    value, unit, written = present
    now, now_en = in_units(value, unit)
    return Fault(
        place_of(position, reform),
        in_units(reform.days, reform.unit).vi,
        Text(
            f"Thời hạn mới dài hơn thời hạn hiện hành ({now}).",
            f"The new limit is longer than the present one ({now_en}).",
        ),
        Text(
            f"Ghi một thời hạn ngắn hơn {now}. Nguồn ghi: “{shorten(written, 60)}”.",
            f"Give a limit shorter than {now_en}. As written: “{shorten(written, 60)}”.",
        ),
        code="plan.limit_longer",
    )


def _cut(numbered: Numbered, portfolio: Portfolio, tables: Tables, faults: list[Fault]) -> None:
    frame = portfolio.fees
    amount = frame["amount_vnd"].to_numpy(copy=True)
    text = frame["amount_text"].to_numpy(dtype=object, copy=True)
    mark = frame["mark"].to_numpy(dtype=object, copy=True)
    flag = frame["flag"].to_numpy(dtype=object, copy=True)
    proposed = frame["proposed_vnd"].to_numpy(copy=True)
    channel = portfolio.positions("fees", "channel")
    methods = portfolio.channels["method"].to_numpy(dtype=object)
    rows_of = _slices(portfolio, "fees", [reform.target for _, reform in numbered])
    for position, reform in numbered:
        rows = rows_of[reform.target]
        if reform.fee is not None:
            rows = [int(frame.index.get_loc(reform.fee))]
        fault, rows = _fee_rows(position, reform, rows, channel, methods)
        if fault is None:
            fault, rows = _readable(position, reform, rows, amount, text)
        if fault is not None:
            faults.append(fault)
            continue
        for row in rows:
            new = float(reform.amount_vnd or 0)
            if reform.percent is not None and reform.percent < 100:
                new = round(amount[row] * (1 - reform.percent / 100), _DIGITS)
            amount[row], text[row] = new, format_vnd(new)
            mark[row], flag[row], proposed[row] = _ENTERED, "", np.nan
    tables["fees"] = frame.assign(
        amount_vnd=_column(frame, "amount_vnd", amount),
        amount_text=_column(frame, "amount_text", text),
        mark=_column(frame, "mark", mark),
        flag=_column(frame, "flag", flag),
        proposed_vnd=_column(frame, "proposed_vnd", proposed),
    )


def _fee_rows(
    position: int,
    reform: CutFee,
    rows: Sequence[int],
    channel: npt.NDArray[np.intp],
    methods: npt.NDArray[np.object_],
) -> tuple[Fault | None, list[int]]:
    """Return the fee rows that the reform means, or why there are none."""
    place = place_of(position, reform)
    if not rows:
        return Fault(
            place,
            "",
            Text("Thủ tục không có khoản thu nào.", "The procedure has no fee."),
            Text("Bỏ đề xuất này.", "Remove this reform."),
            code="plan.fee_missing",
        ), []
    if reform.channel_method is None:
        return None, list(rows)
    chosen = [r for r in rows if channel[r] >= 0 and methods[channel[r]] == reform.channel_method]
    if chosen:
        return None, chosen
    return Fault(
        place,
        reform.channel_method,
        Text(
            "Không có khoản thu riêng cho cách thức nộp này; khoản thu chung giữ nguyên.",
            "No fee is stated for this way of submission alone; common fees stay as they are.",
        ),
        Text(
            "Ghi khoản thu riêng cho từng cách thức nộp trong bảng phí, lệ phí.",
            "Enter the fee of each channel on its own row in the table of fees.",
        ),
        code="plan.fee_of_channel",
    ), []


def _readable(
    position: int,
    reform: CutFee,
    rows: Sequence[int],
    amount: npt.NDArray[np.float64],
    text: npt.NDArray[np.object_],
) -> tuple[Fault | None, list[int]]:
    """Return the rows whose amount falls, or why the cut cannot be worked out."""
    place = place_of(position, reform)
    unread = [row for row in rows if np.isnan(amount[row])]
    free = reform.amount_vnd == 0 or reform.percent == 100
    if unread and not free:
        written = "; ".join(dict.fromkeys(text[row] for row in unread if text[row]))
        return Fault(
            place,
            shorten(written),
            Text(
                "Mức thu hiện hành chưa đọc được chắc chắn, nên không tính được mức giảm.",
                "The present amount could not be read for certain, so the cut is unknown.",
            ),
            Text(
                "Xác nhận mức thu hiện hành trong bảng phí, lệ phí, rồi áp dụng lại.",
                "Confirm the present amount in the table of fees, then apply again.",
            ),
            code="plan.fee_unread",
        ), []
    if free:
        return None, list(rows)
    if reform.percent is not None:
        return None, list(rows)
    if reform.amount_vnd > max(amount[row] for row in rows):
        highest = max(amount[row] for row in rows)
        return Fault(
            place,
            format_vnd(reform.amount_vnd),
            Text(
                f"Mức thu mới cao hơn mức hiện hành ({format_vnd(highest)}).",
                f"The new fee is higher than the present one ({format_number_en(highest)} VND).",
            ),
            Text("Ghi một mức thấp hơn.", "Give a lower amount."),
            code="plan.fee_higher",
        ), []
    return None, [row for row in rows if amount[row] > reform.amount_vnd]


_CHANGES: dict[type[Reform], Callable[[Numbered, Portfolio, Tables, list[Fault]], None]] = {
    ReplaceByData: _replace,
    DropRequirement: _drop,
    AcceptCopy: _copy,
    ShortenLimit: _shorten,
    CutFee: _cut,
    AbolishProcedure: _abolish,
}
