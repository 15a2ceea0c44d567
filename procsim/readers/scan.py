"""A streamed look at a workbook's XML before any parser of cells may touch it.

The scan uses little memory whatever the file claims. It refuses document type
declarations (entity bombs, external entities) and cells so far away that a dense
parser would ask for terabytes, and it notes what python-calamine does not tell:
formulas without a stored value, error cells, merged ranges, hidden rows and
columns, and how many rows hold a value, so that rows read can be compared with
rows seen.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

from procsim.errors import Text, UnreadableInput
from procsim.readers.limits import (
    DEFAULT,
    Limits,
    cell_name,
    place_of,
    refusal,
)
from procsim.readers.sheet_formulas import FormulaHandler
from procsim.readers.sheet_scan import NAMES, Handler, SheetHandler, SheetScan, Strings, Styles

__all__ = ["WorkbookScan", "damaged", "scan_formulas", "scan_workbook"]

CHUNK = 1 << 16
LONGEST_TOKEN = 8 * 1024 * 1024
"""Bytes of one tag or comment; a parser has to hold it whole."""


@dataclass(frozen=True, slots=True)
class WorkbookScan:
    """What was seen in a workbook before its cells are parsed.

    Parameters
    ----------
    sheets
        One `SheetScan` for each worksheet, in the workbook's order.
    date_1904
        Whether dates count from 1904.
    external
        Parts that link to other workbooks.
    """

    sheets: tuple[SheetScan, ...]
    date_1904: bool
    external: tuple[str, ...]


class _Workbook(Handler):
    """The list of sheets: name, relation, state."""

    def __init__(self) -> None:
        self.elements = 0
        self.sheets: list[tuple[str, str, bool]] = []
        self.date_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        tag = NAMES[tag]
        if tag == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), relation, hidden))
        elif tag == "workbookPr":
            self.date_1904 = attributes.get("date1904") in ("1", "true")


class _Relations(Handler):
    """Where the parts of the workbook lie."""

    def __init__(self) -> None:
        self.elements = 0
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if NAMES[tag] != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        part = target[1:] if target.startswith("/") else posixpath.join("xl", target)
        kind = attributes.get("Type", "").rpartition("/")[2]
        name = attributes.get("Id", "")
        self.targets[name] = posixpath.normpath(part).casefold()
        self.kinds[name] = kind

    def part(self, kind: str) -> str:
        """Return the part of a kind, or ""."""
        return next((self.targets[name] for name, one in self.kinds.items() if one == kind), "")


def damaged(place: str, detail: object) -> UnreadableInput:
    """Return the error for a file whose content is cut off or broken."""
    return refusal(
        place,
        "file.truncated",
        Text(
            "Tệp bị cắt cụt hoặc hỏng, không đọc được hết nội dung",
            "The file is truncated or damaged; its content cannot be read to the end",
        ),
        Text(
            "Tải hoặc sao chép lại tệp gốc; nếu vẫn lỗi, mở bằng Excel và lưu thành tệp mới",
            "Download or copy the original again; if it still fails, save it anew from Excel",
        ),
        str(detail),
    )


class _Scanner:
    """One pass over the parts of one workbook."""

    def __init__(self, archive: zipfile.ZipFile, file: str, limits: Limits) -> None:
        self.archive = archive
        self.file = file
        self.limits = limits
        self.parts = {info.filename.casefold(): info for info in archive.infolist()}
        self.done: set[str] = set()

    def walk(self, part: str, handler: Handler, most: int = 10_000_000) -> None:
        """Send the events of `part` to `handler`; nothing happens if there is no such part."""
        info = self.parts.get(part)
        if info is None or part in self.done:
            return
        self.done.add(part)
        place = place_of(self.file, cell=info.filename)
        try:
            with self.archive.open(info) as stream:
                first = stream.read(CHUNK)
                if not _is_xml(first):
                    return
                self._parse(_parser(handler, place), handler, stream, first, (place, most))
        except expat.ExpatError as error:
            raise damaged(place, error) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise damaged(place, error) from error

    def _parse(
        self,
        parser: expat.XMLParserType,
        handler: Handler,
        stream: IO[bytes],
        chunk: bytes,
        bounds: tuple[str, int],
    ) -> None:
        place, most = bounds
        fed = 0
        while chunk:
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > LONGEST_TOKEN or handler.elements > most:
                raise _too_many_elements(place, most)
            chunk = stream.read(CHUNK)
        parser.Parse(b"", True)

    def _worksheets(self) -> tuple[_Relations, bool, list[tuple[str, str, bool]]]:
        """Return the relations, the date system, and name, part and state of each sheet."""
        relations, book = _Relations(), _Workbook()
        self.walk("xl/_rels/workbook.xml.rels", relations)
        self.walk("xl/workbook.xml", book)
        worksheets = [
            (name, relations.targets[relation], hidden)
            for name, relation, hidden in book.sheets
            if relations.kinds.get(relation) == "worksheet"
        ]
        if len(worksheets) > self.limits.sheets:
            raise _too_many_sheets(self.file, len(worksheets), self.limits)
        return relations, book.date_1904, worksheets

    def formulas(self) -> dict[str, dict[str, str]]:
        """Return the formulas of every sheet by name and address."""
        found = {}
        for name, part, _ in self._worksheets()[2]:
            handler = FormulaHandler()
            self.walk(part, handler, 10 * self.limits.cells)
            found[name] = handler.formulas
        return found

    def workbook(self) -> WorkbookScan:
        """Walk through every part, the sheets with the closest look."""
        relations, date_1904, worksheets = self._worksheets()
        strings, styles = Strings(self.limits), Styles()
        self.walk(relations.part("sharedStrings"), strings, 4 * self.limits.cells)
        self.walk(relations.part("styles"), styles)
        sheets: list[SheetScan] = []
        cells = 0
        for name, part, hidden in worksheets:
            scan = SheetScan(name, hidden, self.limits)
            if part not in self.parts:
                raise damaged(place_of(self.file, name), part)
            handler = SheetHandler(scan, self.file, strings, styles, self.limits)
            self.walk(part, handler, 10 * self.limits.cells)
            cells += scan.last_row * scan.last_column
            check_extent(scan, cells, self.file, self.limits)
            sheets.append(scan)
        for part in self.parts:
            self.walk(part, Handler())
        external = tuple(
            info.filename for part, info in self.parts.items() if part.startswith(EXTERNAL)
        )
        return WorkbookScan(tuple(sheets), date_1904, external)


EXTERNAL = "xl/externallinks/externallink"


def _is_xml(head: bytes) -> bool:
    """Whether bytes can be XML at all; pictures and printer settings are not."""
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"


def _parser(handler: Handler, place: str) -> expat.XMLParserType:
    def refuse(name: str, system: str | None, public: str | None, internal: bool) -> None:
        del public, internal
        value = f"<!DOCTYPE {name}" + (f' SYSTEM "{system}"' if system else "")
        raise refusal(
            place,
            "file.doctype",
            Text(
                "Tệp chứa khai báo DOCTYPE/ENTITY; Excel không bao giờ ghi như vậy, "
                "tệp có thể gây hại nên không được đọc",
                "The file holds a DOCTYPE/ENTITY declaration, which Excel never writes; "
                "it may be harmful and was not read",
            ),
            Text(
                "Lấy lại tệp từ nơi gửi, hoặc mở bằng Excel và lưu thành tệp .xlsx mới",
                "Ask the sender for the file again, or save it as a new .xlsx from Excel",
            ),
            value,
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    if type(handler) is not Handler:
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.data
    return parser


def check_extent(scan: SheetScan, cells: int, file: str, limits: Limits) -> None:
    """Refuse a sheet whose farthest cell would make a parser ask for too much memory.

    Parameters
    ----------
    scan
        The sheet.
    cells
        Cells of the rectangles of all sheets so far, this one included.
    file
        Name of the file, for the fault.
    limits
        The bounds.

    Raises
    ------
    UnreadableInput
        ``file.far_cell`` where almost all of the rectangle is empty,
        ``file.too_many_cells`` where it is really full.
    """
    rows, columns = scan.last_row, scan.last_column
    if rows <= limits.rows and columns <= limits.columns and cells <= limits.cells:
        return
    last = cell_name(rows, columns)
    place = place_of(file, scan.name, last)
    if rows > limits.rows or columns > limits.columns:
        found = f"{rows:,} dòng × {columns:,} cột", f"{rows:,} rows × {columns:,} columns"
        bound = (
            f"{limits.rows:,} dòng × {limits.columns:,} cột",
            f"{limits.rows:,} rows × {limits.columns:,} columns",
        )
    else:
        found = (
            f"{cells:,} ô tính tới trang này, các trang trước gồm cả",
            f"{cells:,} cells up to this sheet, those before it included",
        )
        bound = f"{limits.cells:,} ô", f"{limits.cells:,} cells"
    if scan.values * 10 < rows * columns:
        raise refusal(
            place,
            "file.far_cell",
            Text(
                f"Trang tính có ô ở rất xa ({last}) trong khi chỉ có {scan.values:,} ô có dữ liệu; "
                f"giới hạn là {bound[0]}",
                f"The sheet has a cell very far away ({last}) while only {scan.values:,} cells "
                f"hold data; the limit is {bound[1]}",
            ),
            Text(
                f"Trong Excel nhấn Ctrl+End để tới ô {last}, xóa các dòng và cột thừa, lưu rồi "
                "đọc lại",
                f"In Excel press Ctrl+End to reach {last}, delete the spare rows and columns, "
                "save and read again",
            ),
            last,
        )
    raise refusal(
        place,
        "file.too_many_cells",
        Text(
            f"Tệp quá lớn: {found[0]}; giới hạn là {bound[0]}",
            f"The file is too large: {found[1]}; the limit is {bound[1]}",
        ),
        Text("Chia thành nhiều tệp nhỏ hơn", "Split it into several smaller files"),
        last,
    )


def _too_many_elements(place: str, most: int) -> UnreadableInput:
    return refusal(
        place,
        "file.too_many_cells",
        Text(
            f"Phần này của tệp chứa quá nhiều phần tử; giới hạn là {most:,}",
            f"This part of the file holds too many elements; the limit is {most:,}",
        ),
        Text(
            "Mở tệp bằng Excel, xóa các ô thừa hoặc chia thành nhiều tệp",
            "Open the file in Excel, delete spare cells or split it into several files",
        ),
    )


def _too_many_sheets(file: str, count: int, limits: Limits) -> UnreadableInput:
    return refusal(
        place_of(file),
        "file.too_many_sheets",
        Text(
            f"Tệp có {count:,} trang tính; giới hạn là {limits.sheets:,}",
            f"The workbook has {count:,} sheets; the limit is {limits.sheets:,}",
        ),
        Text("Chia thành nhiều tệp", "Split it into several files"),
        str(count),
    )


def scan_workbook(path: Path | str, limits: Limits = DEFAULT) -> WorkbookScan:
    """Walk once through the XML of a workbook, with bounded memory.

    Parameters
    ----------
    path
        A workbook whose zip directory was found sound.
    limits
        The bounds of the reading.

    Returns
    -------
    WorkbookScan
        What was seen.

    Raises
    ------
    UnreadableInput
        ``file.doctype``, ``file.far_cell``, ``file.too_many_cells``,
        ``file.too_many_sheets``, ``file.over_excel_limits`` or ``file.truncated``.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _Scanner(archive, path.name, limits).workbook()
    except zipfile.BadZipFile as error:
        raise damaged(place_of(path), error) from error


def scan_formulas(path: Path | str, limits: Limits = DEFAULT) -> dict[str, dict[str, str]]:
    """Return the formulas of a workbook that passed the gates, by sheet and address.

    A formula that Excel shares among cells and does not write in this one is
    `procsim.readers.sheet_formulas.SHARED`.

    Raises
    ------
    UnreadableInput
        As `scan_workbook`.
    """
    path = Path(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _Scanner(archive, path.name, limits).formulas()
    except zipfile.BadZipFile as error:
        raise damaged(place_of(path), error) from error
