"""What the reforms of the dossier do to the table of requirements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from procsim.errors import Fault, Text
from procsim.measures.base import base_rows
from procsim.model.portfolio import Portfolio
from procsim.reforms.actions import ReplaceByData, SelfDeclare
from procsim.reforms.base import Reform
from procsim.reforms.changes.base import (
    Edited,
    Numbered,
    Tables,
    fault,
    rows,
    rows_by_procedure,
    weakest,
)

__all__ = ["accept_copies", "declare", "declared_papers", "drop", "merge", "replace"]


def replace(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Set what is replaced in the rows: how many papers, which, by what, how far."""
    frame = portfolio.requirements
    papers = frame["papers"].to_numpy()
    made = Edited(frame, "replaced", "coverage", "coverage_mark", "replaced_by", "replaced_types")
    replaced, coverage, types = made["replaced"], made["coverage"], made["replaced_types"]
    groups: dict[int, list[ReplaceByData]] = defaultdict(list)
    for row, item in zip(rows(frame, _targets(numbered)), numbered, strict=True):
        if np.isnan(papers[row]):
            faults.append(_not_marked(item))
        elif not (item[1].part and papers[row] <= 1):
            # A part of a row that counts as one paper leaves the row standing.
            groups[int(row)].append(item[1])
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
        made["coverage_mark"][row] = weakest((made["coverage_mark"][row], *marks_of))
        earlier = [part for part in made["replaced_by"][row].split(";") if part]
        made["replaced_by"][row] = ";".join(dict.fromkeys((*earlier, *used)))
        types[row] = ";".join(dict.fromkeys((*done, *share_of)))
    return {"requirements": made.made()}


def _targets(numbered: Numbered) -> list[str]:
    return [reform.target for _, reform in numbered]


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


def _not_marked(item: tuple[int, Reform]) -> Fault:
    return fault(
        item,
        "",
        Text(
            "Thành phần hồ sơ chưa được nhận dạng nên chưa biết tính là mấy giấy tờ.",
            "The required document is not marked yet, so how many papers it counts is unknown.",
        ),
        Text(
            "Chạy bước nhận dạng (procsim mark) trước khi áp dụng phương án.",
            "Mark the portfolio (procsim mark) before applying the plan.",
        ),
        "not_marked",
    )


def drop(numbered: Numbered, portfolio: Portfolio, _: list[Fault]) -> Tables:
    """Set the rows to dropped; one that has gone up in another row stays merged."""
    frame = portfolio.requirements
    made = Edited(frame, "status")
    at = rows(frame, _targets(numbered))
    made["status"][at[made["status"][at] == "required"]] = "dropped"
    return {"requirements": made.made()}


def accept_copies(numbered: Numbered, portfolio: Portfolio, _: list[Fault]) -> Tables:
    """Ask for plain copies where originals or certified copies were asked for."""
    frame = portfolio.requirements
    made = Edited(frame, "originals", "copies", "certified")
    at = np.unique(rows(frame, _targets(numbered)))
    made["copies"][at] += made["originals"][at]
    made["originals"][at] = 0
    made["certified"][at] = False
    return {"requirements": made.made()}


def merge(numbered: Numbered, portfolio: Portfolio, _faults: list[Fault]) -> Tables:
    """Set the rows that go up in another to merged; the one kept is asked of all who had any."""
    frame = portfolio.requirements
    made = Edited(frame, "status", "conditional", "share_needed", "share_needed_mark")
    status, conditional, share = made["status"], made["conditional"], made["share_needed"]
    marks = made["share_needed_mark"]
    place = dict(zip(frame.index, range(len(frame)), strict=True))
    for _, reform in numbered:
        kept = place[reform.requirement]
        others = [place[i] for i in reform.merged if status[place[i]] == "required"]
        if status[kept] != "required" or not others:
            continue
        status[others] = "merged"
        all_rows = [kept, *others]
        asked = [1.0 if np.isnan(share[r]) and not conditional[r] else share[r] for r in all_rows]
        if 1.0 in asked:
            conditional[kept], share[kept], marks[kept] = False, np.nan, ""
        elif not np.isnan(asked).any():
            top = all_rows[int(np.argmax(asked))]
            conditional[kept], share[kept], marks[kept] = True, share[top], marks[top]
        else:  # how many needed the others is not stated, so neither is their union
            conditional[kept], share[kept], marks[kept] = True, np.nan, ""
    return {"requirements": made.made()}


def declared_papers(
    numbered: Numbered, portfolio: Portfolio
) -> list[tuple[list[int], list[int], bool]]:
    """Return, for each self-declaration, the rows that fall away, named forms, and doubt.

    The doubt says that the base case holds rows that are not marked yet.
    """
    frame = portfolio.requirements
    kind = frame["kind"].to_numpy(dtype=object)
    asked = (frame["status"] == "required").to_numpy()
    base = base_rows(portfolio) & asked
    rows_of = rows_by_procedure(portfolio, "requirements", _targets(numbered))
    found = []
    for _, reform in numbered:
        if reform.requirements:
            wanted = rows(frame, reform.requirements).tolist()
            forms = [row for row in wanted if kind[row] == "form"]
            found.append(([row for row in wanted if row not in forms], forms, False))
        else:
            mine = [row for row in rows_of[reform.procedure] if base[row]]
            papers = [row for row in mine if kind[row] == "document"]
            found.append((papers, [], any(kind[row] == "unknown" for row in mine)))
    return found


def declare(numbered: Numbered, portfolio: Portfolio, faults: list[Fault]) -> Tables:
    """Drop the papers that the applicant declares instead."""
    frame = portfolio.requirements
    made = Edited(frame, "status")
    status = made["status"]
    for item, (papers, forms, doubt) in zip(
        numbered, declared_papers(numbered, portfolio), strict=True
    ):
        if doubt:
            faults.append(_not_marked(item))
        if forms:
            faults.append(_form_stays(item, frame.index[forms[0]]))
        for row in papers:
            if status[row] == "required":
                status[row] = "dropped"
    return {"requirements": made.made()}


def _form_stays(item: tuple[int, SelfDeclare], form: str) -> Fault:
    return fault(
        item,
        form,
        Text(
            "Đơn, tờ khai vẫn phải nộp: tổ chức, cá nhân tự khai trong đó.",
            "A form is still handed in: the applicant declares in it.",
        ),
        Text(
            "Chỉ nêu giấy tờ; muốn bỏ mẫu đơn thì dùng đề xuất bãi bỏ thành phần hồ sơ.",
            "Name papers only; to do away with a form, drop the required document.",
        ),
        "form_stays",
    )
