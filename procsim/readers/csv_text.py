"""Records of a CSV file as text: encoding, delimiter, quotes and even width."""

from __future__ import annotations

import csv
import io
import unicodedata

from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.readers.gates import Source, examine, utf16_codec
from procsim.readers.limits import DEFAULT, Limits, place_of, refusal

__all__ = ["decode", "read_csv_rows"]

DELIMITERS = (",", ";", "\t")
LOOKED_AT = 50

SAVE_AS_UTF8 = Text(
    "Mở bằng Excel, chọn Lưu thành (Save As) › CSV UTF-8, hoặc lưu thành .xlsx",
    "Open it in Excel, choose Save As › CSV UTF-8, or save it as .xlsx",
)


def decode(content: bytes, place: str) -> str:
    """Return the text of a file in UTF-8 or in UTF-16.

    Parameters
    ----------
    content
        The bytes.
    place
        The file, for the fault.

    Raises
    ------
    UnreadableInput
        ``csv.encoding``; its proposal is the first wrong line read as Windows-1258.
    """
    codec = utf16_codec(content) or "utf-8-sig"
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        start = content.rfind(b"\n", 0, error.start) + 1
        end = content.find(b"\n", error.start)
        wrong = content[start : end if end >= 0 else len(content)].strip()
        meant = unicodedata.normalize("NFC", wrong.decode("cp1258", errors="replace"))
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(
            f"{place} › dòng {line}",
            "csv.encoding",
            Text(
                f"Dòng {line} không phải UTF-8 (có thể là Windows-1258, TCVN3 hoặc VNI)",
                f"Line {line} is not UTF-8 (perhaps Windows-1258, TCVN3 or VNI)",
            ),
            SAVE_AS_UTF8,
            repr(wrong[:80]),
            shorten(meant),
        ) from error


def read_csv_rows(path: Source, limits: Limits = DEFAULT) -> tuple[list[list[str]], list[Fault]]:
    """Return the records of a CSV file, padded to one width, and what is wrong.

    Parameters
    ----------
    path
        The file.
    limits
        The bounds of the reading.

    Raises
    ------
    UnreadableInput
        See `procsim.readers.tables.read_csv_text`.
    """
    seen = examine(path, limits)
    path, kind = seen.path, seen.kind
    place = place_of(path)
    if kind != "csv":
        raise refusal(
            place,
            "file.not_a_csv",
            Text("Tệp này không phải CSV", "This file is not CSV"),
            Text("Chọn một tệp .csv", "Choose a .csv file"),
            kind,
        )
    text = decode(path.read_bytes(), place)
    _check_nul(text, place)
    skipped = 0
    delimiter = ""
    if text[:4].casefold() == "sep=" and len(text) > 4:
        delimiter = text[4]
        text = text.partition("\n")[2]
        skipped = 1
    delimiter = delimiter or _delimiter(text)
    records, lines = _records(text, delimiter, place, limits, skipped)
    return _even(records, lines, place, limits)


def _check_nul(text: str, place: str) -> None:
    if "\0" not in text:
        return
    if text.count("\0") * 5 > len(text):
        raise refusal(
            place,
            "csv.encoding",
            Text(
                "Tệp không phải UTF-8 (có thể là UTF-16 thiếu dấu đầu tệp)",
                "The file is not UTF-8 (perhaps UTF-16 without its mark)",
            ),
            SAVE_AS_UTF8,
        )
    numbers = [str(n) for n, line in enumerate(text.split("\n"), 1) if "\0" in line]
    more = len(numbers) - 20
    raise refusal(
        f"{place} › dòng {numbers[0]}",
        "csv.nul",
        Text(
            "Tệp chứa ký tự rỗng NUL, dấu hiệu tệp bị hỏng",
            "The file holds NUL characters, a sign that it is damaged",
        ),
        Text(
            "Tải lại tệp gốc, hoặc mở bằng Excel và lưu thành CSV UTF-8",
            "Download the original again, or save it as CSV UTF-8 from Excel",
        ),
        "dòng / lines " + ", ".join(numbers[:20]) + (f" (+{more:,})" if more > 0 else ""),
    )


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first records most evenly."""
    end = -1
    for _ in range(LOOKED_AT):
        end = text.find("\n", end + 1)
        if end < 0:
            break
    sample = text if end < 0 else text[:end]

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            ]
        except csv.Error:
            return 0.0, 0
        widths = [width for width in widths if width]
        if not widths:
            return 0.0, 0
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0), usual

    return max(DELIMITERS, key=evenness)


def _records(
    text: str, delimiter: str, place: str, limits: Limits, skipped: int
) -> tuple[list[list[str]], list[int]]:
    """Return the records and the line on which each of them begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    lines: list[int] = []
    cells = 0
    line = 0
    try:
        for row in reader:
            records.append(row)
            lines.append(line + 1 + skipped)
            line = reader.line_num
            cells += len(row)
            if len(records) > limits.rows or cells > limits.cells or len(row) > limits.columns:
                raise _too_many(f"{place} › dòng {lines[-1]}", limits)
    except csv.Error as error:
        raise _broken(place, line + 1 + skipped, error) from error
    return records, lines


def _broken(place: str, line: int, error: csv.Error) -> UnreadableInput:
    where = f"{place} › dòng {line}"
    if "field limit" in str(error):
        limit = csv.field_size_limit()
        return refusal(
            where,
            "csv.field_too_long",
            Text(
                f"Một ô dài quá {limit:,} ký tự; có thể thiếu dấu nháy kép đóng",
                f"A field is longer than {limit:,} characters; a closing quote may be missing",
            ),
            Text('Kiểm tra dấu " từ dòng này trở đi', 'Check the " marks from this line on'),
        )
    return refusal(
        where,
        "csv.quote",
        Text(
            'Dấu nháy kép (") không khớp: ô bắt đầu bằng " phải kết thúc bằng ", '
            'và dấu " bên trong phải viết đôi ""',
            'The quotes (") do not match: a field that begins with " ends with ", '
            'and a " inside is written twice ""',
        ),
        Text(
            "Sửa dòng này, hoặc lưu lại từ Excel thành CSV UTF-8",
            "Mend this line, or save the file as CSV UTF-8 from Excel",
        ),
        str(error),
    )


def _too_many(place: str, limits: Limits) -> UnreadableInput:
    return refusal(
        place,
        "file.too_many_cells",
        Text(
            f"Tệp quá lớn; giới hạn là {limits.rows:,} dòng × {limits.columns:,} cột, "
            f"{limits.cells:,} ô",
            f"The file is too large; the limit is {limits.rows:,} rows × "
            f"{limits.columns:,} columns, {limits.cells:,} cells",
        ),
        Text("Chia thành nhiều tệp nhỏ hơn", "Split it into several smaller files"),
    )


def _even(
    records: list[list[str]], lines: list[int], place: str, limits: Limits
) -> tuple[list[list[str]], list[Fault]]:
    """Pad records to one width; name those that have another width than the header."""
    expected = len(next((row for row in records if any(row)), []))
    width = max(map(len, records), default=0)
    faults: list[Fault] = []
    ragged = 0
    for row, line in zip(records, lines, strict=True):
        if row and any(row) and len(row) != expected:
            ragged += 1
            if len(faults) < limits.faults:
                faults.append(_ragged(f"{place} › dòng {line}", len(row), expected, row))
        faults.extend(
            Fault(
                f"{place} › dòng {line}",
                shorten(value, 60),
                Text(
                    "Văn bản dài quá 32.767 ký tự của Excel; vẫn giữ nguyên ở đây",
                    "The text is over Excel's 32,767 characters; it is kept whole here",
                ),
                Text("Rút ngắn hoặc tách thành nhiều ô", "Shorten it or split it into cells"),
                "warning",
                "cell.text_too_long",
            )
            for value in row
            if len(value) > limits.text
        )
        row.extend([""] * (width - len(row)))
    if ragged > limits.faults:
        more = ragged - limits.faults
        message = Text(
            f"Còn {more:,} dòng khác có số ô khác dòng tiêu đề",
            f"{more:,} more lines have another number of fields than the header",
        )
        cure = Text("Sửa các dòng đã nêu rồi nạp lại", "Correct those named, then read it again")
        faults.append(Fault(place, f"+{more:,}", message, cure, code="csv.ragged"))
    while records and not any(records[-1]):
        records.pop()
    return records, faults


def _ragged(place: str, found: int, expected: int, row: list[str]) -> Fault:
    return Fault(
        place,
        shorten(" | ".join(row)),
        Text(
            f"Dòng có {found} ô, dòng tiêu đề có {expected} ô",
            f"The line has {found} fields, the header has {expected}",
        ),
        Text(
            'Thêm hoặc bớt dấu ngăn cách; văn bản chứa dấu ngăn cách phải đặt trong dấu nháy "…"',
            'Add or remove delimiters; text that contains the delimiter stands in quotes "…"',
        ),
        "error",
        "csv.ragged",
    )
