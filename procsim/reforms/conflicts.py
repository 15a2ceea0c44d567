"""What does not go together in a plan, found before it is applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from procsim.errors import Fault, Text, shorten
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import (
    AbolishProcedure,
    AcceptCopy,
    CutFee,
    DropRequirement,
    ReplaceByData,
    ShortenLimit,
)
from procsim.reforms.base import Reform
from procsim.reforms.changes import changed_tables, place_of
from procsim.reforms.plan import Plan

__all__ = ["conflicts"]

Numbered = tuple[int, Reform]
_REMOVE = Text("Giữ một trong các đề xuất, bỏ các đề xuất kia.", "Keep one of them.")


def conflicts(plan: Plan, portfolio: Portfolio) -> list[Fault]:
    """Return what in a plan contradicts, repeats or loses its meaning.

    Severity ``error``: the plan cannot be applied, or two reforms want
    different things of the same target. ``warning``: a reform has no effect,
    because the procedure or paper is gone already or another reform says the
    same. ``note``: several reforms replace the same paper, which counts once.

    Parameters
    ----------
    plan
        The plan to look at.
    portfolio
        The baseline it is meant for.
    """
    found = list(changed_tables(plan.reforms, portfolio)[1])
    blocked = {fault.place for fault in found if fault.code == "plan.unknown_target"}
    numbered = [
        (position, reform)
        for position, reform in enumerate(plan.reforms, start=1)
        if place_of(position, reform) not in blocked
    ]
    found += _repeated(numbered)
    found += _contradictory(numbered)
    found += _meaningless(numbered, portfolio)
    found += _without_effect(numbered, portfolio)
    found += _partly_stated(numbered, portfolio)
    return found


def _fault(numbered: Numbered, value: object, message: Text, severity: str, code: str) -> Fault:
    position, reform = numbered
    cure = _REMOVE if code != "plan.counted_once" else Text("", "")
    return Fault(place_of(position, reform), shorten(value), message, cure, severity, code)


def _repeated(numbered: list[Numbered]) -> Iterator[Fault]:
    """Yield reforms that say what an earlier one says, or replace the same paper."""
    first: dict[object, int] = {}
    paper: dict[tuple[str, str], int] = {}
    for position, reform in numbered:
        if isinstance(reform, ReplaceByData):
            same = [(reform.requirement, name) for name in reform.document_types]
            before = sorted({paper[key] for key in same if key in paper})
            for key in same:
                paper.setdefault(key, position)
            if before:
                places = ", ".join(map(str, before))
                yield _fault(
                    (position, reform),
                    places,
                    Text(
                        f"Giấy tờ này đã được thay ở đề xuất {places}; chỉ tính một lần.",
                        f"Reform {places} replaces this paper already; it counts once.",
                    ),
                    "note",
                    "plan.counted_once",
                )
            continue
        change = _change(reform)
        if change in first:
            yield _fault(
                (position, reform),
                first[change],
                Text(
                    f"Đề xuất {first[change]} đã sửa đúng nội dung này.",
                    f"Reform {first[change]} makes the same change already.",
                ),
                "warning",
                "plan.repeated",
            )
        first.setdefault(change, position)


def _change(reform: Reform) -> tuple[object, ...]:
    own = (
        "days",
        "percent",
        "channel",
        "unit",
        "fee",
        "amount_vnd",
        "channel_method",
    )
    return (reform.kind, reform.target, *(getattr(reform, name, None) for name in own))


def _contradictory(numbered: list[Numbered]) -> Iterator[Fault]:
    """Yield limits and fees that are set twice to different values."""
    groups: dict[tuple[object, ...], list[Numbered]] = defaultdict(list)
    for item in numbered:
        reform = item[1]
        if isinstance(reform, ShortenLimit):
            groups["limit", reform.procedure].append(item)
        elif isinstance(reform, CutFee):
            groups["fee", reform.procedure].append(item)
    for items in groups.values():
        for place, (position, reform) in enumerate(items):
            others = [p for p, other in items[:place] if _clash(reform, other)]
            if others:
                places = ", ".join(map(str, others))
                yield _fault(
                    (position, reform),
                    places,
                    Text(
                        f"Mâu thuẫn với đề xuất {places}: cùng một đối tượng, hai mức khác nhau.",
                        f"Contradicts reform {places}: one target, two different values.",
                    ),
                    "error",
                    "plan.contradictory",
                )


def _clash(one: Reform, other: Reform) -> bool:
    if _change(one) == _change(other):
        return False
    if isinstance(one, ShortenLimit) and isinstance(other, ShortenLimit):
        return one.channel is None or other.channel is None or one.channel == other.channel
    if isinstance(one, CutFee) and isinstance(other, CutFee):
        fee = one.fee is None or other.fee is None or one.fee == other.fee
        method = (
            one.channel_method is None
            or other.channel_method is None
            or one.channel_method == other.channel_method
        )
        return fee and method
    return False


def _meaningless(numbered: list[Numbered], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield changes to what the plan, or the portfolio, has done away with."""
    status = portfolio.procedures["status"]
    gone = set(status.index[status != "active"])
    asked = portfolio.requirements["status"]
    dropped = set(asked.index[asked == "dropped"])
    abolished = {r.target: p for p, r in numbered if isinstance(r, AbolishProcedure)}
    removed = {r.target: p for p, r in numbered if isinstance(r, DropRequirement)}
    for position, reform in numbered:
        owner = _owner(reform, portfolio)
        if owner in gone:
            yield _fault(
                (position, reform),
                owner,
                Text("Thủ tục này đã bãi bỏ từ trước.", "The procedure is abolished already."),
                "warning",
                "plan.meaningless",
            )
        elif owner in abolished and not isinstance(reform, AbolishProcedure):
            yield _fault(
                (position, reform),
                abolished[owner],
                Text(
                    f"Không còn ý nghĩa: đề xuất {abolished[owner]} bãi bỏ cả thủ tục.",
                    f"Without meaning: reform {abolished[owner]} abolishes the whole procedure.",
                ),
                "warning",
                "plan.meaningless",
            )
        elif reform.target in dropped:
            yield _fault(
                (position, reform),
                reform.target,
                Text(
                    "Thành phần hồ sơ này đã bãi bỏ từ trước.", "The document is dropped already."
                ),
                "warning",
                "plan.meaningless",
            )
        elif reform.target in removed and not isinstance(reform, DropRequirement):
            yield _fault(
                (position, reform),
                removed[reform.target],
                Text(
                    f"Không còn ý nghĩa: đề xuất {removed[reform.target]} bãi bỏ thành phần này.",
                    f"Without meaning: reform {removed[reform.target]} drops this document.",
                ),
                "warning",
                "plan.meaningless",
            )


def _owner(reform: Reform, portfolio: Portfolio) -> str:
    if reform.target_field == "requirement":
        return str(portfolio.requirements.at[reform.target, "procedure"])
    return reform.target


def _without_effect(numbered: list[Numbered], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield reforms that ask for what is so already."""
    frame = portfolio.requirements
    plain = (frame["originals"] == 0) & ~frame["certified"]
    full = (frame["replaced"] >= frame["papers"]) & (frame["papers"] > 0)
    places = frame.index.get_indexer([r.target for _, r in numbered])
    plain_at, full_at = np.asarray(plain), np.asarray(full)
    done = [set(text.split(";")) for text in frame["replaced_types"]]
    for (position, reform), row in zip(numbered, places, strict=True):
        if isinstance(reform, AcceptCopy) and plain_at[row]:
            yield _fault(
                (position, reform),
                reform.target,
                Text(
                    "Thành phần hồ sơ này không đòi bản chính hay bản sao chứng thực.",
                    "Neither an original nor a certified copy is asked for here.",
                ),
                "warning",
                "plan.no_effect",
            )
        known = isinstance(reform, ReplaceByData) and done[row] >= set(reform.document_types)
        if isinstance(reform, ReplaceByData) and (full_at[row] or known):
            yield _fault(
                (position, reform),
                reform.target,
                Text(
                    "Dữ liệu của cơ sở dữ liệu này đã thay thành phần hồ sơ này từ trước.",
                    "Data of this database replace this document already.",
                ),
                "note",
                "plan.no_effect",
            )


def _partly_stated(numbered: list[Numbered], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield limits that only some channels of a procedure state: the others stay unknown."""
    frame = portfolio.channels
    missing = frame["limit_value"].isna() | frame["limit_unit"].eq("")
    per_procedure = missing.groupby(frame["procedure"]).agg(["sum", "size"])
    partly = per_procedure[
        (per_procedure["sum"] > 0) & (per_procedure["sum"] < per_procedure["size"])
    ]
    counts = partly["sum"].to_dict()
    for position, reform in numbered:
        if isinstance(reform, ShortenLimit) and not reform.channel and reform.target in counts:
            count = int(counts[reform.target])
            yield Fault(
                place_of(position, reform),
                str(count),
                Text(
                    f"{count} cách thức nộp không ghi thời hạn nên không được rút ngắn.",
                    f"{count} channels state no limit, so nothing is shortened there.",
                ),
                Text(
                    "Ghi thời hạn hiện hành của các cách thức đó nếu có.",
                    "Enter the present limit of those channels, if there is one.",
                ),
                "note",
                "plan.limit_partly_missing",
            )
