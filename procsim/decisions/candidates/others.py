"""Candidates outside the dossier: limits, fees, steps and conditions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from procsim.decisions.candidates.route import Routes
from procsim.language.formatting import format_number
from procsim.language.text import fold
from procsim.measures.base import Figures
from procsim.measures.time import statutory_days
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import CutCondition, CutFee, MoveOnline, ParallelSteps, ShortenLimit
from procsim.reforms.base import Reform

__all__ = [
    "act_of",
    "free_online",
    "median_limits",
    "move_online",
    "parallel_steps",
    "unneeded_conditions",
]

DEEP_CUT = " (cắt quá một nửa)"
_LIKE_ENOUGH = 5  # so many procedures make a median that says something
_ACTS = (
    "cấp lại", "cấp đổi", "cấp", "gia hạn", "điều chỉnh", "sửa đổi", "thay đổi", "thu hồi",
    "chấm dứt", "tạm ngừng", "xóa đăng ký", "đăng ký lại", "đăng ký", "phê duyệt", "thẩm định",
    "công nhận", "xác nhận", "trả lại", "chuyển đổi", "chuyển nhượng", "thông báo", "kiểm tra",
    "khai", "hoàn", "miễn", "công bố", "chấp thuận", "bổ nhiệm", "giải quyết", "hỗ trợ",
)  # fmt: skip


def act_of(name: str) -> str:
    """Return what a procedure does, from the first words of its name; ``""`` if unknown.

    Examples
    --------
    >>> act_of("Thủ tục cấp lại giấy phép lái xe"), act_of("Gia hạn tạm trú")
    ('cấp lại', 'gia hạn')
    """
    words = fold(name, diacritics=True).removeprefix("thủ tục ").strip()
    return next((act for act in _ACTS if words.startswith(act)), "")


def median_limits(portfolio: Portfolio, routes: Routes, p: Figures | None) -> Iterator[Reform]:
    """Yield limits longer than the median of similar procedures, cut to that median.

    Similar are, first, the procedures of the same field and levels; second, those
    that do the same act (see `act_of`). Each of the two medians, where five
    procedures or more state a limit, gives a candidate of its own. A median counts
    in whole working days, rounded up, so a limit is never cut below it; a cut by
    more than half says so in its source.
    """
    table = portfolio.procedures
    days = statutory_days(portfolio, p)
    known = table["status"].eq("active") & days.gt(0)
    act = table["name"].map(act_of)
    groups = (
        (table["field"] + "\n" + table["levels"], table["field"].ne(""), "cùng lĩnh vực, cùng cấp"),
        (act, act.ne(""), "cùng loại việc"),
    )
    goals: dict[str, set[float]] = {}
    for keys, named, words in groups:
        usable = known & named
        own = days[usable].groupby(keys[usable])
        for procedure, size, middle in zip(
            days.index[usable], own.transform("size"), own.transform("median"), strict=True
        ):
            goal = float(np.ceil(middle - 1e-9))
            earlier = goals.setdefault(procedure, set())
            if size < _LIKE_ENOUGH or goal >= days[procedure] - 1e-9 or goal in earlier:
                continue
            earlier.add(goal)
            what = f"{words} ({act[procedure]})" if keys is act else words
            reason = (
                f"Thời hạn {format_number(round(float(days[procedure]), 2))} ngày làm việc dài "
                f"hơn trung vị {format_number(round(float(middle), 2))} ngày của {int(size)} thủ "
                f"tục {what}; đề xuất rút về trung vị, cán bộ xem xét."
            )
            deep = goal < days[procedure] / 2
            source = "procsim: trung vị" + (DEEP_CUT if deep else "")
            fields = routes.of(procedure, "limit").fields(reason, source)
            yield ShortenLimit(procedure, days=goal, **fields)


def free_online(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield fees that could fall to 0 đồng when the dossier is handed in online."""
    channels, fees = portfolio.channels, portfolio.fees
    online = channels.index[channels["method"].eq("online")]
    offered = set(channels.loc[online, "procedure"])
    paid = fees["amount_vnd"].gt(0) & (fees["channel"].eq("") | fees["channel"].isin(online))
    for procedure in dict.fromkeys(fees.loc[paid, "procedure"]):
        if procedure not in offered:
            continue
        reason = "Đề xuất mức thu 0 đồng khi nộp hồ sơ trực tuyến để khuyến khích nộp trực tuyến."
        fields = routes.of(procedure, "fee").fields(reason, "procsim: 0 đồng trực tuyến")
        yield CutFee(procedure, amount_vnd=0.0, channel_method="online", **fields)


def move_online(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield procedures of business that cannot be handed in online yet.

    Nghị quyết 66/NQ-CP asks for all of them online.
    """
    table, channels = portfolio.procedures, portfolio.channels
    offered = channels.loc[channels["method"].eq("online"), "procedure"]
    business = table["audience"].isin(("business", "both")) & table["status"].eq("active")
    reason = (
        "Thủ tục liên quan đến doanh nghiệp chưa nộp được trực tuyến; Nghị quyết 66/NQ-CP yêu cầu "
        "100 % thực hiện trực tuyến."
    )
    for procedure in table.index[business & ~table.index.isin(offered)]:
        fields = routes.of(procedure, "step").fields(reason, "procsim: trực tuyến")
        yield MoveOnline(procedure, **fields)


def parallel_steps(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield two neighbouring office steps that could run side by side.

    Both must be the office's own and state their days, follow each other and
    nothing else, and be neither the first nor the last of the procedure
    (receiving and handing out stay where they are). Whether one needs the
    other's result is for the officer to say.
    """
    steps, flow = portfolio.steps, portfolio.flow
    active = steps["status"].eq("active")
    good = active & steps["actor"].eq("office") & steps["days"].gt(0)
    leads, follows = flow["before"].value_counts(), flow["after"].value_counts()
    taken: set[str] = set()
    for before, after in zip(flow["before"], flow["after"], strict=True):
        alone = leads.get(before) == 1 and follows.get(after) == 1
        inside = follows.get(before, 0) > 0 and leads.get(after, 0) > 0
        if not (alone and inside and good.get(before, False) and good.get(after, False)):
            continue
        if taken & {before, after}:
            continue
        taken |= {before, after}
        reason = (
            "Hai bước liền nhau đều do cơ quan thực hiện; đề xuất làm song song nếu bước sau không "
            "cần kết quả của bước trước. Cán bộ xem xét."
        )
        procedure = str(steps.at[before, "procedure"])
        fields = routes.of(procedure, "step").fields(reason, "procsim: song song")
        yield ParallelSteps(before, (after,), **fields)


def unneeded_conditions(portfolio: Portfolio, routes: Routes) -> Iterator[Reform]:
    """Yield every condition that stands, for the officer to say which are unnecessary."""
    table = portfolio.conditions
    kept = table[table["status"].eq("kept")]
    reason = (
        "Chưa có danh sách điều kiện không cần thiết; điều kiện này chỉ là đối tượng để cán bộ xem "
        "xét cắt giảm."
    )
    for condition, procedure in kept["procedure"].items():
        fields = routes.of(procedure, "condition", condition).fields(reason, "procsim: điều kiện")
        yield CutCondition(condition, **fields)
