"""Reforms that change nothing of this portfolio, or not all that they could."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from procsim.errors import Fault, Severity, Text
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import (
    AcceptCopy,
    Decentralise,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MoveOnline,
    ParallelSteps,
    ReplaceByData,
    SelfDeclare,
    ShortenLimit,
)
from procsim.reforms.changes.flow import linked
from procsim.reforms.changes.papers import declared_papers
from procsim.reforms.changes.procedures import moved_down
from procsim.reforms.changes.steps import flows_of
from procsim.reforms.conflicts.base import Item, told

__all__ = ["partly", "without_effect"]

_REMOVE = Text("Bỏ đề xuất này.", "Remove this reform.")


def without_effect(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield reforms that ask for what is so already."""
    yield from _papers(items, portfolio)
    yield from _procedures(items, portfolio)
    yield from _steps(items, portfolio)


def _idle(item: Item, message: Text, severity: Severity = "warning") -> Fault:
    return told(item, item[1].target, message, severity, "no_effect", _REMOVE)


def _papers(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    frame = portfolio.requirements
    plain = ((frame["originals"] == 0) & ~frame["certified"]).to_numpy()
    full = ((frame["replaced"] >= frame["papers"]) & (frame["papers"] > 0)).to_numpy()
    done = frame["replaced_types"].tolist()
    mine = [item for item in items if isinstance(item[1], AcceptCopy | ReplaceByData)]
    places = frame.index.get_indexer([reform.target for _, reform in mine])
    for item, row in zip(mine, places, strict=True):
        if isinstance(item[1], AcceptCopy):
            if plain[row]:
                yield _idle(
                    item,
                    Text(
                        "Thành phần hồ sơ này không đòi bản chính hay bản sao chứng thực.",
                        "Neither an original nor a certified copy is asked for here.",
                    ),
                )
        elif full[row] or set(done[row].split(";")) >= set(item[1].document_types):
            yield _idle(
                item,
                Text(
                    "Dữ liệu của cơ sở dữ liệu này đã thay thành phần hồ sơ này từ trước.",
                    "Data of this database replace this document already.",
                ),
                "note",
            )
    declaring = [item for item in items if isinstance(item[1], SelfDeclare)]
    found = declared_papers(declaring, portfolio) if declaring else []
    for item, (papers, forms, doubt) in zip(declaring, found, strict=True):
        if not papers and not forms and not doubt and item[1].days is None:
            yield _idle(
                item,
                Text(
                    "Hồ sơ không có giấy tờ nào ngoài đơn, tờ khai.",
                    "The dossier holds no paper beside its forms.",
                ),
            )


def _procedures(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    kinds = FreeFromBoundaries | Decentralise | MoveOnline | ExtendValidity
    mine = [item for item in items if isinstance(item[1], kinds)]
    frame = portfolio.procedures
    at = frame.index.get_indexer([reform.target for _, reform in mine])
    columns = ("boundary_free", "levels", "agency", "online", "times_per_year")
    cells = {name: frame[name].to_numpy(dtype=object) for name in columns}
    online = portfolio.channels["method"] == "online"
    has_channel = set(portfolio.channels["procedure"][online])
    for item, row in zip(mine, at, strict=True):
        cell = {name: values[row] for name, values in cells.items()}
        if _is_so(item[1], cell, item[1].procedure in has_channel):
            yield _idle(
                item,
                Text(
                    "Thủ tục đã đạt mức này từ trước, đề xuất không làm thay đổi gì.",
                    "The procedure is so already; the reform changes nothing.",
                ),
            )


def _is_so(reform: object, cell: dict[str, object], has_channel: bool) -> bool:
    match reform:
        case FreeFromBoundaries():
            return cell["boundary_free"] == "yes"
        case Decentralise():
            same = moved_down(str(cell["levels"]), reform.level) == cell["levels"]
            return same and reform.agency in ("", cell["agency"])
        case MoveOnline():
            high = ("full",) if reform.level == "full" else ("full", "partial")
            return has_channel and reform.share is None and cell["online"] in high
        case ExtendValidity():
            return (
                reform.times_per_year is not None
                and reform.times_per_year == (cell["times_per_year"])
            )
    return False


def _steps(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    mine = [item for item in items if isinstance(item[1], ParallelSteps)]
    if not mine:
        return
    ids = [(reform.step, *reform.others) for _, reform in mine]
    owner = portfolio.positions("steps", "procedure")
    places = [portfolio.steps.index.get_indexer(list(steps)).tolist() for steps in ids]
    flows = flows_of(portfolio, {int(owner[steps[0]]) for steps in places})
    for item, steps in zip(mine, places, strict=True):
        if not linked(flows[int(owner[steps[0]])], steps):
            yield _idle(
                item,
                Text(
                    "Các bước này không nối tiếp nhau, vốn đã có thể thực hiện song song.",
                    "These steps do not follow each other: they run side by side already.",
                ),
            )


def partly(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield what a reform cannot tell because the source does not: limits, volumes."""
    yield from _limits(items, portfolio)
    frame = portfolio.procedures
    volume = frame["times_per_year"].isna() | frame["subjects_per_year"].isna()
    missing = set(frame.index[volume])
    for item in items:
        reform = item[1]
        if isinstance(reform, MergeProcedures) and reform.subjects_per_year is None:
            lacking = [i for i in reform.procedure_ids if i in missing]
            if lacking:
                yield told(
                    item,
                    "; ".join(lacking),
                    Text(
                        "Chưa đủ số lần thực hiện và số đối tượng của các thủ tục này để cộng "
                        "khối lượng hồ sơ sau khi gộp.",
                        "Times and subjects a year of these procedures are not all known, so "
                        "the dossiers cannot be added.",
                    ),
                    "note",
                    "volume_missing",
                    Text(
                        "Ghi subjects_per_year trong đề xuất, hoặc bổ sung số liệu của từng thủ "
                        "tục.",
                        "Give subjects_per_year in the reform, or enter the volumes.",
                    ),
                )


def _limits(items: Sequence[Item], portfolio: Portfolio) -> Iterator[Fault]:
    """Yield limits that only some channels of a procedure state: the others stay unknown."""
    frame = portfolio.channels
    missing = (frame["limit_value"].isna() | frame["limit_unit"].eq("")).to_numpy()
    owner = portfolio.positions("channels", "procedure")
    size = len(portfolio.procedures)
    lacking = np.bincount(owner[missing & (owner >= 0)], minlength=size)
    ways = np.bincount(owner[owner >= 0], minlength=size)
    for item in items:
        reform = item[1]
        whole = isinstance(reform, ShortenLimit) and not reform.channel
        if not whole and not (isinstance(reform, SelfDeclare) and reform.days is not None):
            continue
        row = portfolio.procedures.index.get_loc(reform.procedure)
        if 0 < lacking[row] < ways[row]:
            yield told(
                item,
                int(lacking[row]),
                Text(
                    f"{lacking[row]} cách thức nộp không ghi thời hạn nên không được rút ngắn.",
                    f"{lacking[row]} channels state no limit, so nothing is shortened there.",
                ),
                "note",
                "limit_partly_missing",
                Text(
                    "Ghi thời hạn hiện hành của các cách thức đó nếu có.",
                    "Enter the present limit of those channels, if there is one.",
                ),
            )
