"""Reforms of one plan that repeat each other, or want different things of one target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from procsim.errors import Fault, Text
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import (
    CutCondition,
    CutFee,
    Decentralise,
    ExtendValidity,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
)
from procsim.reforms.base import Reform
from procsim.reforms.conflicts.base import Item, told, wants

__all__ = ["circles", "contradictory", "order_matters", "repeated"]

_SUBJECTS = {
    "limit": Text("thời hạn giải quyết", "the time limit"),
    "fee": Text("mức phí, lệ phí", "the fees"),
    "step_days": Text("thời gian thực hiện bước", "the days of the step"),
    "step_merge": Text("việc gộp bước", "the merger of the step"),
    "step_parallel": Text("việc thực hiện song song", "what runs side by side"),
    "paper_merge": Text("thành phần hồ sơ được giữ", "the paper that is kept"),
    "procedure_merge": Text("thủ tục được giữ", "the procedure that is kept"),
    "subjects": Text("số lượng đối tượng tuân thủ", "the subjects a year"),
    "level": Text("cấp giải quyết", "the level that settles it"),
    "online": Text("mức độ trực tuyến", "the online level"),
    "times": Text("số lần thực hiện/năm", "the times a year"),
    "condition": Text("yêu cầu, điều kiện", "the condition"),
}


def repeated(items: Sequence[Item]) -> Iterator[Fault]:
    """Yield reforms that say what an earlier one says, or replace the same paper."""
    first: dict[object, int] = {}
    paper: dict[tuple[str, str], int] = {}
    for position, reform in items:
        if isinstance(reform, ReplaceByData):
            same = [(reform.requirement, name) for name in reform.document_types]
            before = sorted({paper[key] for key in same if key in paper})
            for key in same:
                paper.setdefault(key, position)
            if before:
                places = ", ".join(map(str, before))
                yield told(
                    (position, reform),
                    places,
                    Text(
                        f"Giấy tờ này đã được thay ở đề xuất {places}; chỉ tính một lần.",
                        f"Reform {places} replaces this paper already; it counts once.",
                    ),
                    "note",
                    "counted_once",
                    Text("", ""),
                )
            continue
        change = wants(reform)
        if change in first:
            yield told(
                (position, reform),
                first[change],
                Text(
                    f"Đề xuất {first[change]} đã sửa đúng nội dung này.",
                    f"Reform {first[change]} makes the same change already.",
                ),
                "warning",
                "repeated",
            )
        first.setdefault(change, position)


_SETTLES: dict[type[Reform], str] = {
    ShortenLimit: "limit",
    CutFee: "fee",
    ShortenStep: "step_days",
    Decentralise: "level",
    MoveOnline: "online",
    ExtendValidity: "times",
    CutCondition: "condition",
    SimplifyCondition: "condition",
}
"""The kinds that settle one thing of their target."""


def _claims(reform: Reform) -> Iterator[tuple[str, str]]:
    """Yield what a reform settles: the subject, and the id of which it settles it."""
    for kind, subject in _SETTLES.items():
        if isinstance(reform, kind):
            yield subject, reform.target
    match reform:
        case SelfDeclare():
            if reform.days is not None:
                yield "limit", reform.procedure
        case MergeSteps():
            for step in (reform.step, *reform.merged):
                yield "step_merge", step
                yield "step_days", step
        case ParallelSteps():
            yield from (("step_parallel", step) for step in (reform.step, *reform.others))
        case MergeRequirements():
            yield from (("paper_merge", paper) for paper in reform.merged)
        case MergeProcedures():
            yield from (("procedure_merge", merged) for merged in reform.merged)
            if reform.subjects_per_year is not None:
                yield "subjects", reform.procedure


def contradictory(items: Sequence[Item]) -> Iterator[Fault]:
    """Yield reforms that settle one thing in different ways."""
    groups: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        for claim in _claims(item[1]):
            groups[claim].append(item)
    clashes: dict[int, dict[int, str]] = defaultdict(dict)
    for (subject, _), rivals in groups.items():
        for place, (position, reform) in enumerate(rivals):
            for earlier, other in rivals[:place]:
                if earlier != position and _clash(reform, other):
                    clashes[position].setdefault(earlier, subject)
    for item in items:
        against = clashes.get(item[0])
        if against:
            places = ", ".join(map(str, sorted(against)))
            words = [_SUBJECTS[name] for name in dict.fromkeys(against.values())]
            vi, en = ", ".join(w.vi for w in words), ", ".join(w.en for w in words)
            yield told(
                item,
                places,
                Text(
                    f"Mâu thuẫn với đề xuất {places}: cùng một đối tượng nhưng quy định khác nhau "
                    f"về {vi}.",
                    f"Contradicts reform {places}: one target, but they settle {en} differently.",
                ),
                "error",
                "contradictory",
            )


def _clash(one: Reform, other: Reform) -> bool:
    if wants(one) == wants(other):
        return False
    if isinstance(one, ShortenLimit) and isinstance(other, ShortenLimit):
        return _overlap(one.channel, other.channel)
    if isinstance(one, CutFee) and isinstance(other, CutFee):
        return _overlap(one.fee, other.fee) and _overlap(one.channel_method, other.channel_method)
    if isinstance(one, MergeRequirements | MergeProcedures) and one.target == other.target:
        return getattr(one, "subjects_per_year", None) != getattr(other, "subjects_per_year", None)
    if isinstance(one, SelfDeclare) and isinstance(other, SelfDeclare):
        return one.days != other.days
    return True


def _overlap(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def circles(items: Sequence[Item]) -> Iterator[Fault]:
    """Yield mergers that lead back to themselves: A goes up in B, and B in A."""
    into: dict[str, str] = {}
    for _, reform in items:
        if isinstance(reform, MergeProcedures | MergeRequirements | MergeSteps):
            for merged in reform.merged:
                into.setdefault(merged, reform.target)
    for item in items:
        reform = item[1]
        if not isinstance(reform, MergeProcedures | MergeRequirements | MergeSteps):
            continue
        path = [reform.target]
        while path[-1] in into and path[-1] not in path[:-1]:
            path.append(into[path[-1]])
        if path[-1] == reform.target and len(path) > 1:
            chain = " → ".join(path)
            yield told(
                item,
                chain,
                Text(
                    f"Các đề xuất gộp tạo thành vòng: {chain}.",
                    f"The mergers lead round in a circle: {chain}.",
                ),
                "error",
                "merge_circle",
                Text(
                    "Chọn một đối tượng được giữ và gộp các đối tượng khác vào đó.",
                    "Choose the one that is kept, and merge the others into it.",
                ),
            )


def order_matters(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield numbers that depend on whether they are changed before or after the structure."""
    structure = _structure(items, portfolio)
    for item in items:
        places = (structure[key] for key in _rests_on(item[1]) if key in structure)
        first = next(places, None)
        if first is not None:
            yield told(
                item,
                first,
                Text(
                    f"Kết quả tùy thứ tự: trong cùng phương án, đề xuất {first} áp dụng trước.",
                    f"The order matters: within one plan reform {first} acts first.",
                ),
                "warning",
                "order_matters",
                Text(
                    "Kiểm tra kết quả; nếu cần thứ tự khác thì tách thành hai phương án nối tiếp.",
                    "Look at the result; for another order make two plans, one after the other.",
                ),
            )


def _structure(items: Sequence[Item], portfolio: Portfolio) -> dict[tuple[str, str], int]:
    """Return what the plan rebuilds before numbers change, and by which reform."""
    online = portfolio.channels["method"] == "online"
    has_online = set(portfolio.channels["procedure"][online])
    found: dict[tuple[str, str], int] = {}
    for position, reform in items:
        match reform:
            case MergeSteps():
                keys = [("steps", step) for step in (reform.step, *reform.merged)]
            case MergeProcedures(subjects_per_year=None):
                keys = [("volume", reform.procedure)]
            case MoveOnline() if reform.procedure not in has_online:
                keys = [("channels", reform.procedure)]
            case _:
                continue
        found |= dict.fromkeys(keys, position)
    return found


def _rests_on(reform: Reform) -> list[tuple[str, str]]:
    """Return what a reform would change otherwise if it were rebuilt before or after."""
    match reform:
        case ParallelSteps():
            return [("steps", step) for step in (reform.step, *reform.others)]
        case ExtendValidity():
            return [("volume", reform.procedure)]
        case ShortenLimit(channel=str()):
            return [("channels", reform.procedure)]
        case CutFee() if reform.fee is not None or reform.channel_method not in (None, "online"):
            return [("channels", reform.procedure)]
    return []
