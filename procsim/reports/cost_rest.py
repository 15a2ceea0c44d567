"""Hệ số chi phí: the cost of procedures that the plan leaves as they are, as formulas.

Their lines are not printed. What each takes from every parameter is added up, so that a
parameter that an officer changes moves the total of the whole list, not of a part of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from procsim.errors import Text
from procsim.reports.cells import Formula
from procsim.reports.content import Content
from procsim.reports.cost_terms import HOURS, PRICES, coefficients, cost_terms
from procsim.reports.page import Book, Column, Value, letter
from procsim.reports.sources import NAMES

__all__ = ["SHEET", "CostRest", "write_cost_rest"]

SHEET = "Hệ số chi phí"
_PRINTED = 30
_FIRST_HOURS = 4
_FIRST_PRICE = _FIRST_HOURS + len(HOURS)
_OTHER_HOURS = _FIRST_PRICE + len(PRICES)
_OTHER_VND, _COST = _OTHER_HOURS + 1, _OTHER_HOURS + 2


@dataclass(frozen=True, slots=True)
class CostRest:
    """Where the cost of each procedure stands."""

    rows: Mapping[str, int]
    sheet: str = SHEET
    letter: str = letter(_COST)


def _columns(content: Content) -> list[Column]:
    norms = [Column(content.parameters.name(name), 10, "share") for name in (*HOURS, *PRICES)]
    return [
        Column(Text("STT", "No."), 6, "centre"),
        Column(Text("Mã TTHC", "Procedure code"), 11, "centre"),
        Column(Text("Tên TTHC", "Procedure"), 40),
        *norms,
        Column(Text("Giờ khác, đã nhập", "Other hours, entered"), 10, "hours"),
        Column(Text("Phí, lệ phí, chi phí khác (đồng)", "Fees and other costs (VND)"), 13, "whole"),
        Column(Text("Chi phí một lần (đồng)", "Cost, once (VND)"), 14, "whole"),
    ]


def write_cost_rest(book: Book, content: Content) -> CostRest:
    """Write "Hệ số chi phí"; return where each cost stands."""
    page = book.page(SHEET, _columns(content))
    page.title(
        Text("HỆ SỐ CHI PHÍ CỦA CÁC TTHC GIỮ NGUYÊN", "Cost of the procedures that stay"),
        [
            Text(
                "(Mỗi cột là số lần một hồ sơ dùng tham số ghi ở đầu cột; chi phí = (tổng giờ) × "
                "TNBQ + tổng tiền. TTHC chưa tính được chi phí không có ở đây; chỉ in "
                f"{_PRINTED} dòng đầu)",
                "(How often a dossier uses the parameter of the column; cost = hours × income + "
                "money. A procedure whose cost is not known is not listed; the first "
                f"{_PRINTED} rows are printed)",
            )
        ],
    )
    page.head()
    values: list[Value] = ["", "", Text("Giá trị tham số", "Value").in_language(page.language)]
    values += [Formula(NAMES[n], content.parameters[n]) for n in (*HOURS, *PRICES)]
    page.line([*values, "", "", ""], ["text"] * 3 + ["hours"] * len(HOURS) + ["whole"] * 6)
    base = page.row
    ids = [i for i in content.untouched if not math.isnan(content.before.at[i, "cost_vnd"])]
    ids = [i for i in ids if content.before.at[i, "status"] == "active"]
    rows = {}
    if ids:
        lines = cost_terms(content.portfolio.select(ids), content.parameters, content.language)
        index = content.before.index[content.before.index.get_indexer(ids)]
        found = coefficients(lines, index)
        hours = (letter(_FIRST_HOURS), letter(_FIRST_PRICE - 1))
        prices = (letter(_FIRST_PRICE), letter(_OTHER_HOURS - 1))
        for at, (procedure, head) in enumerate(zip(ids, content.heads(ids), strict=True)):
            row = page.row + 1
            terms = [
                f"SUMPRODUCT({one}${base}:{two}${base},{one}{row}:{two}{row})"
                for one, two in (hours, prices)
            ]
            other = letter(_OTHER_HOURS), letter(_OTHER_VND)
            cost = float(content.before.at[procedure, "cost_vnd"])
            shares = [*found.hours[at], *found.prices[at]]
            cells: list[Value] = [at + 1, head[0], head[1], *(float(s) or "" for s in shares)]
            cells += [float(found.other_hours[at]), float(found.other_vnd[at])]
            cells.append(
                Formula(
                    f"({terms[0]}+{other[0]}{row})*{NAMES['hourly_income_vnd']}"
                    f"+{terms[1]}+{other[1]}{row}",
                    cost,
                )
            )
            page.line(cells)
            rows[procedure] = row
    page.finish(filters=True, last_printed=min(page.row, base + _PRINTED))
    return CostRest(rows)
