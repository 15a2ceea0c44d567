"""Changes of the dossier (thành phần hồ sơ)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from procsim.errors import Fault, Text
from procsim.reference.schema import table
from procsim.reforms.base import Reform
from procsim.reforms.wording import DAYS, SHARE, database_names, in_units, type_names

__all__ = ["AcceptCopy", "DropRequirement", "MergeRequirements", "ReplaceByData", "SelfDeclare"]

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
    title: ClassVar[Text] = Text("Thay giấy tờ bằng dữ liệu", "Replace a paper by data")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        papers, sources = type_names(self.document_types), database_names(self.databases)
        return Text(
            f"Thay thế {'một phần ' if self.part else ''}thành phần hồ sơ là {papers.vi} bằng "
            f"việc khai thác dữ liệu từ {sources.vi} ({self.requirement}).",
            f"Replace {'in part ' if self.part else ''}the required document {papers.en} by "
            f"data looked up in {sources.en} ({self.requirement}).",
        )

    def _faults(self) -> Iterator[Fault]:
        for name, wording, cure in (
            (
                "document_types",
                Text("Phải ghi loại giấy tờ được thay.", "Name the paper replaced."),
                Text("Ghi mã loại giấy tờ, ví dụ giay_khai_sinh.", "Such as giay_khai_sinh."),
            ),
            (
                "databases",
                Text("Phải ghi cơ sở dữ liệu thay thế.", "Name the database."),
                Text("Ghi mã cơ sở dữ liệu, ví dụ csdl_dan_cu.", "Such as csdl_dan_cu."),
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
    title: ClassVar[Text] = Text("Bãi bỏ thành phần hồ sơ", "Drop a required document")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            f"Bãi bỏ thành phần hồ sơ {self.requirement}.",
            f"Drop the required document {self.requirement}.",
        )

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
    title: ClassVar[Text] = Text("Chấp nhận bản sao", "Accept a plain copy")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {"requirement": "requirements"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            "Chấp nhận bản sao không phải chứng thực thay cho bản chính hoặc bản sao có "
            f"chứng thực tại thành phần hồ sơ {self.requirement}.",
            "Accept a plain copy in place of an original or a certified copy for the "
            f"required document {self.requirement}.",
        )

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
    title: ClassVar[Text] = Text("Gộp thành phần hồ sơ", "Merge required documents")
    target_field: ClassVar[str] = "requirement"
    refers: ClassVar[Mapping[str, str]] = {
        "requirement": "requirements",
        "merged": "requirements",
    }

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others = "; ".join(self.merged)
        return Text(
            f"Gộp thành phần hồ sơ {others} vào thành phần hồ sơ {self.requirement}.",
            f"Merge the required documents {others} into {self.requirement}.",
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
    title: ClassVar[Text] = Text("Tự khai, hậu kiểm", "Self-declaration, inspected afterwards")
    refers: ClassVar[Mapping[str, str]] = {
        "procedure": "procedures",
        "requirements": "requirements",
    }

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        papers = Text("giấy tờ", "papers")
        if self.requirements:
            named = "; ".join(self.requirements)
            papers = Text(f"thành phần hồ sơ {named}", f"the required documents {named}")
        limit = Text("", "")
        if self.days is not None:
            days = in_units(self.days, "working_day")
            limit = Text(
                f"; thời hạn giải quyết còn {days.vi}", f"; the time limit falls to {days.en}"
            )
        return Text(
            f"Thủ tục {self.procedure}: tổ chức, cá nhân tự khai, tự chịu trách nhiệm thay cho "
            f"việc nộp {papers.vi}; cơ quan có thẩm quyền kiểm tra sau{limit.vi}.",
            f"Procedure {self.procedure}: the applicant declares and answers for it instead of "
            f"handing in {papers.en}; the authority inspects afterwards{limit.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._number_faults("days", unit=DAYS)
