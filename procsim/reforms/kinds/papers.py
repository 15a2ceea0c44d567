"""Reforms of the dossier (thành phần hồ sơ): their fields, and what they do to the requirements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from procsim.errors import NOTHING, Fault, Text
from procsim.language.i18n import bilingual
from procsim.measures.base import base_rows
from procsim.model.portfolio import Portfolio
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.kinds.tables import (
    Edited,
    Numbered,
    Tables,
    fault,
    rows,
    rows_by_procedure,
    weakest,
)
from procsim.reforms.wording import DAYS, SHARE, database_names, in_units, type_names

_MARKS = table("requirements")["coverage_mark"].categories


@dataclass(frozen=True)
class ReplaceByData(Reform):
    """Look the paper up in a database instead of asking for it.

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ.
    document_types
        Ids of the papers of that row which the data replace.
    databases
        Ids of the databases that answer.
    coverage
        Share of applicants (0–1) whose data answer; None where unknown.
    coverage_mark
        Where the coverage comes from: luật, công bố, nhập, giả định.
    part
        The row asks for more than these papers (thay thế một phần). A row that
        counts as one paper then keeps counting; of a row with several papers
        only those named fall away.

    Notes
    -----
    Nghị quyết 66.7/2025/NQ-CP, Điều 2: a paper is replaced to the extent the
    database serves; Điều 8 keeps the paper as the fallback.

    Examples
    --------
    >>> reform = ReplaceByData("1.004222/c1/r3", document_types="can_cuoc", databases="csdl_dan_cu")
    >>> reform.describe().vi.split(" bằng ")[0]
    'Thay thế thành phần hồ sơ là Thẻ căn cước, căn cước công dân, chứng minh nhân dân'
    >>> reform.databases
    ('csdl_dan_cu',)
    """

    requirement: str = ""
    document_types: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    coverage: float | None = None
    coverage_mark: str = ""
    part: bool = False

    kind: ClassVar[str] = "replace_by_data"
    title: ClassVar[Text] = bilingual("reforms.replace_paper_data")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        papers, sources = type_names(self.document_types), database_names(self.databases)
        return bilingual(
            "reforms.replace_required_document_data",
            part=Text("một phần " if self.part else "", "in part " if self.part else ""),
            papers=papers,
            sources=sources,
            requirement=self.requirement,
        )

    def _faults(self) -> Iterator[Fault]:
        for name, wording, cure in (
            (
                "document_types",
                bilingual("reforms.name_paper_replaced"),
                bilingual("reforms.such_giay_khai_sinh"),
            ),
            (
                "databases",
                bilingual("reforms.name_database"),
                bilingual("reforms.such_csdl_dan_cu"),
            ),
        ):
            if not getattr(self, name):
                yield Fault(self._place(name), "", wording, cure, code=f"reform.{name}")
        yield from self._number_faults("coverage", 1, unit=SHARE)
        yield from self._choice_faults("coverage_mark", _MARKS)


@dataclass(frozen=True)
class DropRequirement(Reform):
    """Stop asking for one thành phần hồ sơ (bãi bỏ thành phần hồ sơ).

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ.

    Examples
    --------
    >>> DropRequirement("1.004222/c1/r3").describe().vi
    'Bãi bỏ thành phần hồ sơ 1.004222/c1/r3.'
    """

    requirement: str = ""

    kind: ClassVar[str] = "drop_requirement"
    title: ClassVar[Text] = bilingual("reforms.drop_required_document")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return bilingual("reforms.papers.drop_required_document", requirement=self.requirement)

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class AcceptCopy(Reform):
    """Accept a plain copy in place of an original or a certified copy.

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ.

    Examples
    --------
    >>> AcceptCopy("1.004222/c1/r3").describe().vi.split(" thay ")[0]
    'Chấp nhận bản sao không phải chứng thực'
    """

    requirement: str = ""

    kind: ClassVar[str] = "accept_copy"
    title: ClassVar[Text] = bilingual("reforms.accept_plain_copy")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return bilingual("reforms.accept_plain_copy_place", requirement=self.requirement)

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class MergeRequirements(Reform):
    """Ask for one paper or form in place of several (gộp thành phần hồ sơ).

    Parameters
    ----------
    requirement
        Id of the thành phần hồ sơ that is kept.
    merged
        Ids of those that go up in it: of the same procedure and the same case.

    Notes
    -----
    The merged ones get the status ``merged``. Whoever had to hand in one of
    them hands in the one kept: if one was asked of everybody, it is too.

    Examples
    --------
    >>> MergeRequirements("1.004222/c1/r1", merged=["1.004222/c1/r2"]).describe().en
    'Merge the required documents 1.004222/c1/r2 into 1.004222/c1/r1.'
    """

    requirement: str = ""
    merged: tuple[str, ...] = ()

    kind: ClassVar[str] = "merge_requirements"
    title: ClassVar[Text] = bilingual("reforms.merge_required_documents")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements", "merged": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others = "; ".join(self.merged)
        return bilingual(
            "reforms.merge_required_documents_into", others=others, requirement=self.requirement
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("merged")


@dataclass(frozen=True)
class SelfDeclare(Reform):
    """Let the applicant declare, and inspect afterwards (tự khai, hậu kiểm).

    Parameters
    ----------
    procedure
        Id of the procedure.
    requirements
        Ids of the papers that are no longer handed in; by default every paper
        of kind ``document`` of the base case. Forms stay: in them the
        applicant declares.
    days
        New time limit in working days, where it falls too.

    Examples
    --------
    >>> SelfDeclare("1.004222", days=2).describe().en.split("; ")[-1]
    'the time limit falls to 2 working days.'
    """

    procedure: str = ""
    requirements: tuple[str, ...] = ()
    days: float | None = None

    kind: ClassVar[str] = "self_declare"
    title: ClassVar[Text] = bilingual("reforms.self_declaration_inspected_afterwards")
    refers: ClassVar[Mapping[str, str]] = {
        "procedure": "procedures",
        "requirements": "requirements",
    }

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        papers = bilingual("reforms.papers")
        if self.requirements:
            named = "; ".join(self.requirements)
            papers = bilingual("reforms.required_documents", named=named)
        limit = NOTHING
        if self.days is not None:
            days = in_units(self.days, "working_day")
            limit = bilingual("reforms.time_limit_falls", days=days)
        return bilingual(
            "reforms.procedure_applicant_declares_answers",
            procedure=self.procedure,
            papers=papers,
            limit=limit,
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._number_faults("days", unit=DAYS)


# What the reforms of the dossier do to the table of requirements.


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
        bilingual("reforms.no_required_document_marked"),
        bilingual("reforms.mark_portfolio_procsim_mark"),
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
        bilingual("reforms.form_still_handed_applicant"),
        bilingual("reforms.name_papers_only_away"),
        "form_stays",
    )
