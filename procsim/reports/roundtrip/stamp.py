"""Bản gốc: the hidden sheet that says from what a workbook was written.

With it an edited workbook can be held against its own original: the plan, the
parameters and the dates as they were, what officers had entered before, and the digest
of the list that it was made from.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from procsim.decisions.targets import Scorecard, targets
from procsim.errors import UnreadableInput, shorten
from procsim.language.i18n import bilingual
from procsim.readers.gates.limits import place_of, refusal
from procsim.readers.tables import Book as Read
from procsim.reference import Parameters, Target
from procsim.reference import parameters as dated_parameters
from procsim.reference.parameters import HOURLY_INCOME
from procsim.reforms.files import from_content, to_content
from procsim.reforms.plan import Plan
from procsim.reports.excel.page import Book, Column
from procsim.reports.excel.sources import SHEET as SOURCES
from procsim.reports.roundtrip.entries import Entry

SHEET = "Bản gốc"
_FORMAT = 1
_PIECE = 30_000  # a cell of Excel holds 32,767
_MOST_BYTES = 64 * 2**20
_TITLE = bilingual("reports.no_procsim_wrote_sheet")


@dataclass(frozen=True, slots=True)
class Stamp:
    """From what a workbook was written.

    Attributes
    ----------
    digest, source, size
        Digest, name and number of procedures of the list as it was read.
    entries
        Figures that officers had entered before the workbook was written.
    parameters
        Value of every parameter.
    dates
        Dates that officers had entered.
    targets, by, entered
        The scorecard: ids of its targets, its grouping, figures stated for the nation.
    layout
        Digest of the sheets as they were laid out.
    """

    digest: str
    source: str
    size: int
    plan: Plan
    parameters: Mapping[str, float]
    on: date | None
    language: str
    targets: tuple[str, ...]
    by: str
    entries: tuple[Entry, ...] = ()
    dates: Mapping[str, date] = field(default_factory=dict)
    entered: Mapping[str, float] = field(default_factory=dict)
    layout: str = ""
    day: date | None = None

    def parameters_then(self) -> Parameters:
        """Return the parameters as they were when the workbook was written.

        Raises
        ------
        ProcsimError
            When there is no such parameter any more.
        """
        return parameters_of(self.parameters, self.day)

    def targets_then(self) -> tuple[Target, ...]:
        """Return the targets that the scorecard held the plan against."""
        known = {target.id: target for target in targets()}
        return tuple(known[name] for name in self.targets if name in known)


def parameters_of(values: Mapping[str, float], day: date | None) -> Parameters:
    """Return the dated parameters with these values where they differ, as entered.

    Raises
    ------
    ProcsimError
        When there is no such parameter, or a value cannot stand.
    """
    known = dated_parameters(day)
    changed = {
        name: value
        for name, value in values.items()
        if name not in known or not math.isclose(known[name], value, rel_tol=1e-12)
    }
    if changed.keys() - {HOURLY_INCOME} and HOURLY_INCOME in changed:
        followed = known.replace(**{k: v for k, v in changed.items() if k != HOURLY_INCOME})
        if math.isclose(followed[HOURLY_INCOME], changed[HOURLY_INCOME], rel_tol=1e-12):
            return followed
    return known.replace(**changed) if changed else known


def stamp_of(plan: Plan, card: Scorecard, parameters: Parameters, **more: Any) -> Stamp:
    """Return the stamp of a workbook; `more` are the fields that are kept as they are."""
    stated = card.nation()[card.nation()["basis"] == "entered"]
    return Stamp(
        plan=plan,
        parameters=dict(parameters),
        day=parameters.day,
        targets=tuple(target.id for target in card.targets),
        by=card.by or "",
        entered=dict(zip(stated["target_id"], map(float, stated["value"]), strict=True)),
        **more,
    )


def layout_of(book: Book) -> str:
    """Return the digest of the sheets that hold inputs: their texts and where they stand."""
    whole = sha256()
    # How a parameter came to its value is told in words that a copy need not share.
    names = {name for name, page in book.pages.items() if page.inputs} - {SOURCES}
    for name in sorted(names):
        whole.update(f"{name}={book.pages[name].texts.hexdigest()}\n".encode())
    return whole.hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(value)  # nothing else in a stamp is not plain


def _packed(stamp: Stamp) -> str:
    """Return a stamp as one text."""
    content = {
        "format": _FORMAT,
        "digest": stamp.digest,
        "source": stamp.source,
        "size": stamp.size,
        "plan": to_content(stamp.plan.as_file()),
        "parameters": dict(stamp.parameters),
        "on": stamp.on,
        "day": stamp.day,
        "language": stamp.language,
        "targets": stamp.targets,
        "by": stamp.by,
        "entries": [asdict(entry) for entry in stamp.entries],
        "dates": dict(stamp.dates),
        "entered": dict(stamp.entered),
        "layout": stamp.layout,
    }
    plain = json.dumps(content, ensure_ascii=False, default=_plain).encode()
    body = base64.b64encode(zlib.compress(plain, 9)).decode()
    return f"{sha256(body.encode()).hexdigest()}:{body}"


def write_stamp(book: Book, stamp: Stamp) -> None:
    """Write "Bản gốc", a hidden sheet."""
    page = book.page(SHEET, (Column(bilingual("reports.original"), 120),))
    page.line((_TITLE.in_language(book.language),))
    text = _packed(stamp)
    for at in range(0, len(text), _PIECE):
        page.line((text[at : at + _PIECE],), ("machine",))
    page.finish(table=False)
    page.is_hidden = True


def read_stamp(path: Path, book: Read) -> Stamp:
    """Return the stamp of a workbook.

    Raises
    ------
    UnreadableInput
        When the workbook has none, or a damaged one.
    """
    sheet = next((sheet for sheet in book.sheets if sheet.name == SHEET), None)
    if sheet is None:
        raise _no_stamp(path, [sheet.name for sheet in book.sheets])
    text = "".join(row[0] for row in sheet.rows[1:] if row)
    content = _unpacked(path, text)
    try:
        return _stamp(path, content)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _unpacked(path: Path, text: str) -> dict[str, Any]:
    head, _, body = text.partition(":")
    if sha256(body.encode()).hexdigest() != head:
        raise _damaged(path, text)
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(base64.b64decode(body, validate=True), _MOST_BYTES)
        content = json.loads(plain)
    except (ValueError, zlib.error, RecursionError) as error:
        raise _damaged(path, text) from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise _damaged(path, str(content)[:80])
    return content


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _stamp(path: Path, content: Mapping[str, Any]) -> Stamp:
    return Stamp(
        digest=content["digest"],
        source=content["source"],
        size=content["size"],
        plan=Plan.from_file(from_content(path, content["plan"])),
        parameters=dict(content["parameters"]),
        on=_day(content["on"]),
        day=_day(content["day"]),
        language=content["language"],
        targets=tuple(content["targets"]),
        by=content["by"],
        entries=tuple(Entry(**entry) for entry in content["entries"]),
        dates={key: date.fromisoformat(day) for key, day in content["dates"].items()},
        entered=dict(content["entered"]),
        layout=content["layout"],
    )


def _no_stamp(path: Path, names: Sequence[str]) -> UnreadableInput:
    return refusal(
        place_of(path),
        "readback.no_stamp",
        bilingual("reports.no_workbook_hidden_sheet", sheet=SHEET),
        bilingual("reports.use_file_procsim_report"),
        ", ".join(names),
    )


def _damaged(path: Path, value: str) -> UnreadableInput:
    return refusal(
        place_of(path, SHEET),
        "readback.damaged_stamp",
        bilingual("reports.hidden_sheet_changed_another", sheet=SHEET),
        bilingual("reports.write_file_again_procsim"),
        shorten(value, 60),
    )
