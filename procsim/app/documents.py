"""The files that are handed in: made in the background, shown before they are downloaded."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from procsim.app import results
from procsim.app.jobs import Report
from procsim.language.i18n import bilingual
from procsim.store import Project

__all__ = ["Document", "Options", "make", "outline", "sheets"]

Form = Literal["xlsx", "docx"]
PREVIEW_ROWS = 60
PREVIEW_PARAGRAPHS = 60


@dataclass(frozen=True)
class Options:
    """What an officer asks of a file.

    Attributes
    ----------
    form
        ``xlsx`` or ``docx``.
    plan
        Name of the plan.
    language
        Language of the file.
    on
        Date printed on it; None leaves it open.
    maps
        Procedure maps in the Word annex; −1 for all.
    """

    form: Form
    plan: str
    language: str
    on: dt.date | None = None
    maps: int = 30

    def key(self, project: Project) -> tuple[object, ...]:
        """Return what the file depends on, for `procsim.app.jobs`."""
        digest = project.digest_of("portfolio", "parameters", "dates", f"plans/{self.plan}")
        return ("document", digest, self)


@dataclass(frozen=True)
class Document:
    """A file that was made."""

    form: Form
    data: bytes


def make(project: Project, options: Options) -> Callable[[Report], Document]:
    """Return the work that makes a file; for `procsim.app.jobs`."""

    def work(report: Report) -> Document:
        report(0.02, bilingual("app.report.measuring"))
        before = results.before(project)
        after = results.after(project, options.plan)

        def progress(done: int, total: int) -> None:
            said = bilingual(f"app.report.writing.{options.form}", done=done, total=total)
            report(0.1 + 0.88 * done / max(total, 1), said)

        with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
            path = Path(folder) / f"plan.{options.form}"
            plan = project.plans[options.plan]
            if options.form == "xlsx":
                from procsim.reports.workbook import write_plan

                write_plan(
                    project.portfolio,
                    plan,
                    path,
                    before=before,
                    after=after,
                    faults=results.faults(project),
                    language=options.language,
                    progress=progress,
                    on=options.on,
                    parameters=project.parameters(),
                )
            else:
                from procsim.reports.word_annex import write_annex

                write_annex(
                    project.portfolio,
                    plan,
                    path,
                    language=options.language,
                    on=options.on,
                    before=before,
                    after=after,
                    maps="all" if options.maps < 0 else options.maps,
                    progress=progress,
                )
            return Document(options.form, path.read_bytes())

    return work


def sheets(document: Document) -> list[str]:
    """Return the sheets of a workbook that an officer sees."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    book = CalamineWorkbook.from_filelike(io.BytesIO(document.data))
    return [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]


def outline(document: Document) -> list[tuple[int, str]]:
    """Return the first paragraphs of a Word file: level of the heading (0 for text), text."""
    import docx

    found: list[tuple[int, str]] = []
    for paragraph in docx.Document(io.BytesIO(document.data)).paragraphs:
        text = " ".join(paragraph.text.split())
        if not text:
            continue
        style = paragraph.style.name if paragraph.style is not None else ""
        last = style.rsplit(" ", 1)[-1]
        found.append((int(last) if style.startswith("Heading") and last.isdigit() else 0, text))
        if len(found) == PREVIEW_PARAGRAPHS:
            break
    return found
