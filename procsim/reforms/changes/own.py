"""How reforms of a kind that does not ship act: each by itself, and what it gives is checked."""

from __future__ import annotations

from dataclasses import replace

from procsim.errors import Fault, InvalidValue, Text
from procsim.model.portfolio import TABLES, Portfolio
from procsim.reforms.base import Reform
from procsim.reforms.changes.base import Numbered, fault, place_of

__all__ = ["act_alone"]


def act_alone(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Portfolio:
    """Return the portfolio after reforms that state their own `Reform.change`.

    What stands against one of them is added to `faults` under its place in the
    plan, and its change is left out.
    """
    for position, reform in numbered:
        try:
            made = _changed(reform, portfolio)
        except InvalidValue as error:
            place = place_of(position, reform)
            faults += [replace(one, place=place) for one in error.faults]
            continue
        wrong = _misshapen(made, portfolio)
        if isinstance(made, Portfolio) and not wrong:
            portfolio = made
        else:
            faults.append(_not_a_change((position, reform), wrong))
    return portfolio


def _changed(reform: Reform, portfolio: Portfolio) -> object:
    # A kind without a change of its own would do nothing, and nobody would notice.
    return None if type(reform).change is Reform.change else reform.change(portfolio)


def _misshapen(made: object, portfolio: Portfolio) -> str:
    """Return what of a result is no portfolio of the same shape; empty when all is well."""
    if not isinstance(made, Portfolio):
        return "change"
    for name in TABLES:
        old, new = getattr(portfolio, name), getattr(made, name)
        same = old is new or (new.dtypes.equals(old.dtypes) and new.index.is_unique)
        if not same:
            return name
    return "" if made.procedures.index.equals(portfolio.procedures.index) else "procedures"


def _not_a_change(item: tuple[int, Reform], wrong: str) -> Fault:
    return fault(
        item,
        wrong,
        Text(
            "Loại cải cách này không trả về một danh mục cùng cấu trúc: change() phải trả về "
            "portfolio.replace(...) với đủ cột, đúng kiểu, mã không trùng và giữ nguyên thủ tục.",
            "This kind of reform gives no portfolio of the same shape: change() returns "
            "portfolio.replace(...) with the same columns and types, unique ids and the same "
            "procedures.",
        ),
        Text(
            "Sao chép bảng bằng .copy(), chỉ sửa ô, rồi trả về portfolio.replace(...).",
            "Take a .copy() of the table, change cells only, and return portfolio.replace(...).",
        ),
        "own_change",
    )
