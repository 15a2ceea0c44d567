"""JSON without surprises: no NaN, no doubled keys, nothing without bound.

Python's own parser takes ``NaN``, keeps the last of two equal keys, recurses as deep as
the text asks and makes sixty bytes of memory of two brackets. Here each of these is a
fault that names the value, and of a file with one record a line the good lines still
come. A file is read record by record, so that its size costs no memory.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual
from procsim.readers.gates.limits import DEFAULT, Limits, place_of, refusal, size_text
from procsim.readers.gates.packages import check_bomb
from procsim.readers.gates.sheets import damaged

if TYPE_CHECKING:
    from typing_extensions import Buffer


CHUNK = 1 << 19
BLANK = re.compile(r"[ \t\r\n]*")

STRUCTURE = b'{}[]"'
EVERYTHING_ELSE = bytes(byte for byte in range(256) if byte not in STRUCTURE)
ONE_BRACKET = bytes.maketrans(b"{}", b"[]")
TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|-?(?:Infinity|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|NaN', re.DOTALL
)
SURROGATE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
CURE = bilingual("readers.mend_place_file_export")


class _Refused(ValueError):
    """A value that JSON text may not hold here, on its way out of the parser."""

    def __init__(self, code: str, value: str, message: Text) -> None:
        super().__init__(code)
        self.code = code
        self.value = value
        self.message = message


def _constant(name: str) -> object:
    raise _Refused("json.not_finite", name, bilingual("readers.no_number_json_accepts", name=name))


def _real(text: str) -> float:
    number = float(text)
    if isinf(number):
        _constant(text)
    return number


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) == len(pairs):
        return record
    times = Counter(key for key, _ in pairs)
    double = next(key for key, _ in pairs if times[key] > 1)
    raise _Refused(
        "json.duplicate_key",
        double,
        bilingual("readers.key_stands_twice_object", double=shorten(double, 60)),
    )


def _decoder(limits: Limits) -> json.JSONDecoder:
    digits = limits.json_digits

    def whole(text: str) -> int:
        if len(text) > digits and len(text.lstrip("-")) > digits:
            raise _Refused(
                "json.huge_integer",
                shorten(text, 60),
                bilingual(
                    "readers.integer_digits_limit", text=len(text.lstrip("-")), digits=digits
                ),
            )
        return int(text)

    return json.JSONDecoder(
        parse_constant=_constant, parse_float=_real, parse_int=whole, object_pairs_hook=_pairs
    )


def _depth_is_over(content: bytes, limit: int) -> bool:
    """Whether brackets nest deeper than `limit`, found without recursion.

    Texts are cut out, then empty pairs are taken away round by round: each round
    removes one level from the inside.
    """
    if content.count(b"{") + content.count(b"[") <= limit:
        return False
    if b"\\" in content:
        content = content.replace(b"\\\\", b"").replace(b'\\"', b"")
    outside = b"".join(content.translate(ONE_BRACKET, EVERYTHING_ELSE).split(b'"')[::2])
    rounds = 0
    while rounds <= limit:
        fewer = outside.replace(b"[]", b"")
        if len(fewer) == len(outside):
            break
        outside = fewer
        rounds += 1
    return rounds + outside.count(b"[") > limit


def _unfit(text: str, place: str, limits: Limits) -> Fault | None:
    """Return what is wrong with a text that its parser would not mind."""
    try:
        if _depth_is_over(text.encode("utf-8"), limits.json_depth):
            return _too_deep(text, place, limits)
    except UnicodeEncodeError as error:
        return _surrogate(place, f"\\u{ord(text[error.start]):04x}")
    if len(text) > limits.json_values and _values(text) > limits.json_values:
        return _too_many_values(place, limits)
    if "\\u" in text and (match := _lone_surrogate(text)):
        return _surrogate(place, match)
    return None


def _values(text: str) -> int:
    """Return how many values a text can hold at most; those in quotes count too."""
    return text.count(",") + text.count("[") + text.count("{")


def _parse(text: str, place: str, decoder: json.JSONDecoder, limits: Limits) -> object | Fault:
    """Return the value of `text`, or the fault that says why there is none."""
    text = text.removeprefix("\ufeff")
    if fault := _unfit(text, place, limits):
        return fault
    try:
        return cast("object", decoder.decode(text))
    except json.JSONDecodeError as error:
        return _broken(text, place, error, error.lineno, error.colno)
    except _Refused as error:
        at = _position(text, error)
        return Fault(f"{place}{at}", shorten(error.value), error.message, CURE, code=error.code)


def _too_deep(text: str, place: str, limits: Limits) -> Fault:
    depth = limits.json_depth
    message = bilingual("readers.data_nest_deeper_levels", depth=depth)
    return Fault(place, shorten(text[:200], 40), message, CURE, code="json.too_deep")


def _too_many_values(place: str, limits: Limits) -> Fault:
    most = limits.json_values
    message = bilingual("readers.record_holds_more_values", most=most)
    return Fault(place, f"> {most}", message, CURE, code="json.too_many_values")


def _lone_surrogate(text: str) -> str:
    """Return the first half of a pair that stands alone, or ""."""
    match = SURROGATE.search(text.replace("\\\\", ""))
    return match.group() if match else ""


def _surrogate(place: str, value: str) -> Fault:
    message = bilingual("readers.half_unicode_character_stands")
    return Fault(place, value, message, CURE, code="json.surrogate")


def _broken(text: str, place: str, error: json.JSONDecodeError, line: int, column: int) -> Fault:
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        code = "json.truncated"
        message = bilingual("readers.json_truncated_ends_midway", line=line, column=column)
    else:
        code = "json.broken"
        message = Text(
            f"JSON sai cú pháp ở dòng {line}, cột {column}",
            f"The JSON is malformed at line {line}, column {column}: {error.msg}",
        )
    near = shorten(text[max(0, error.pos - 30) : error.pos + 30])
    return Fault(place, near, message, CURE, code=code)


def _position(text: str, error: _Refused) -> str:
    """Return where a refused number stands; a key has no single place."""
    match = None if error.code == "json.duplicate_key" else _match(text, 0, error)
    if match is None:
        return ""
    line = text.count("\n", 0, match.start()) + 1
    column = match.start() - text.rfind("\n", 0, match.start())
    return f" › dòng {line}, cột {column}"


def _match(text: str, at: int, error: _Refused) -> re.Match[str] | None:
    """Return the refused number where it stands in the text."""
    for match in TOKEN.finditer(text, at):
        if match.group()[0] != '"' and shorten(match.group(), 60) == error.value:
            return match
    return None


def loads(text: str, place: str, limits: Limits = DEFAULT) -> object:
    """Return the value of a JSON text.

    Parameters
    ----------
    text
        The text; a byte order mark at its start is allowed.
    place
        Where the text stands, for the fault.
    limits
        The bounds of depth and digits.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None.

    Raises
    ------
    UnreadableInput
        ``json.broken`` or ``json.truncated`` (with line and column), ``json.not_finite``,
        ``json.duplicate_key``, ``json.too_deep``, ``json.too_many_values``,
        ``json.huge_integer``, ``json.surrogate``.
    """
    value = _parse(text, place, _decoder(limits), limits)
    if isinstance(value, Fault):
        raise UnreadableInput(value)
    return value


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb") if packed else path.open("rb"))


def open_json(path: Path) -> BinaryIO:
    """Open a JSON file, packed by gzip or not, as bytes of UTF-8.

    Windows writes UTF-16 too, with its mark or without; JSON begins with characters of
    ASCII, which show it. Reading it raises `UnreadableInput`, ``json.encoding``, where
    it is damaged.
    """
    stream = _open(path)
    encoding = json.detect_encoding(stream.read(4))
    stream.seek(0)
    if encoding.startswith("utf-8"):
        return stream
    return cast("BinaryIO", io.BufferedReader(_AsUtf8(stream, encoding, place_of(path))))


class _AsUtf8(io.RawIOBase):
    """The bytes of a text in UTF-16 or UTF-32, in UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str, place: str) -> None:
        self.stream, self.encoding, self.place = stream, encoding, place
        self.decode = codecs.getincrementaldecoder(encoding)().decode
        self.rest = b""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Put the next bytes into `buffer` and return how many there are, 0 at the end."""
        chunk = b" "
        while chunk and not self.rest:
            chunk = self.stream.read(CHUNK)
            try:
                self.rest = self.decode(chunk, not chunk).encode("utf-8")
            except UnicodeError as error:
                raise UnreadableInput(_not_text(self.place, self.encoding, error)) from error
        room = memoryview(buffer)
        size = min(len(room), len(self.rest))
        room[:size], self.rest = self.rest[:size], self.rest[size:]
        return size

    def close(self) -> None:
        """Close the file beneath too."""
        self.stream.close()
        super().close()


def _not_text(place: str, encoding: str, error: UnicodeError) -> Fault:
    name = encoding.upper()
    message = bilingual("readers.no_content_valid", name=name)
    cure = bilingual("readers.save_file_utf_8")
    return Fault(place, shorten(str(error), 60), message, cure, code="json.encoding")


class _Document:
    """One JSON text that is read piece by piece.

    `text` is what is in memory, `at` the place in it up to which it was used, and
    `line` and `column` say where `text` begins in the file.
    """

    def __init__(self, path: Path, stream: BinaryIO, limits: Limits) -> None:
        self.place = place_of(path)
        self.packed = path.stat().st_size
        self.stream, self.limits = stream, limits
        self.decoder = _decoder(limits)
        self.decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self.text, self.at, self.line, self.column = "", 0, 1, 0
        self.total = self.held = 0
        self.ended = False

    def more(self) -> bool:
        """Let go of what was used and read on; tell whether anything came."""
        if self.ended:
            return False
        self.line, self.column = self.where(self.at)
        self.text, self.at = self.text[self.at :], 0
        # A record that does not fit is tried again at twice the length, not after each chunk.
        content = self.stream.read(max(CHUNK, len(self.text)))
        self.ended = not content
        self.total += len(content)
        check_bomb(self.place, self.packed, self.total, self.limits)
        try:
            self.text += self.decode(content, self.ended)
        except UnicodeDecodeError as error:
            raise UnreadableInput(_not_utf8(self.place, error)) from error
        return not self.ended

    def where(self, at: int) -> tuple[int, int]:
        """Return line (from 1) and column (from 0) in the file of a place in `text`."""
        breaks = self.text.count("\n", 0, at)
        before = 0 if breaks else self.column
        return self.line + breaks, before + at - (self.text.rfind("\n", 0, at) + 1)

    def peek(self) -> str:
        """Return the next character that is not blank, "" at the end."""
        while True:
            self.at = cast("re.Match[str]", BLANK.match(self.text, self.at)).end()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, wanted: str) -> str:
        """Pass over one of the characters `wanted` and return it."""
        found = self.peek()
        if not found or found not in wanted:
            raise self.broken(f"Expecting {' or '.join(map(repr, wanted))}", self.at)
        self.at += 1
        return found

    def broken(self, message: str, at: int) -> UnreadableInput:
        """Return the error for a text that is no JSON at a place in `text`."""
        line, column = self.where(at)
        error = json.JSONDecodeError(message, self.text, at)
        return UnreadableInput(_broken(self.text, self.place, error, line, column + 1))

    def value(self) -> object:
        """Return the value that begins here, once all of it is in memory."""
        self.peek()
        while True:
            try:
                found, end = self.decoder.raw_decode(self.text, self.at)
            except json.JSONDecodeError as error:
                if self.ended:
                    raise self.broken(error.msg, error.pos) from error
            except _Refused as error:
                raise UnreadableInput(self.refused(error)) from error
            except RecursionError as error:
                deep = _too_deep(self.text[self.at :], self.place, self.limits)
                raise UnreadableInput(deep) from error
            else:
                if end < len(self.text) or self.ended:  # else a number may go on
                    break
            self.check_size()
            self.more()
        self.held += end - self.at
        fault = _unfit(self.text[self.at : end], self.place, self.limits)
        if self.held > self.limits.json_line_bytes:
            fault = _too_long(self.place, self.limits)
        if fault:
            raise UnreadableInput(fault)
        self.at = end
        return cast("object", found)

    def check_size(self) -> None:
        """Refuse a record that is too large before more of it is read and parsed."""
        size = len(self.text) - self.at
        if self.held + size > self.limits.json_line_bytes:
            raise UnreadableInput(_too_long(self.place, self.limits))
        if size > CHUNK and _values(self.text) > self.limits.json_values:
            raise UnreadableInput(_too_many_values(self.place, self.limits))

    def refused(self, error: _Refused) -> Fault:
        """Return the fault of a value that JSON may not hold."""
        match = None if error.code == "json.duplicate_key" else _match(self.text, self.at, error)
        line, column = self.where(match.start()) if match else (0, 0)
        at = f" › dòng {line}, cột {column + 1}" if match else ""
        place = f"{self.place}{at}"
        return Fault(place, shorten(error.value), error.message, CURE, code=error.code)

    def items(self) -> Iterator[object]:
        """Yield the items of the list that begins here, one by one."""
        self.take("[")
        if self.peek() == "]":
            self.at += 1
            return
        while True:
            self.held = 0
            yield self.value()
            if self.take(",]") == "]":
                return

    def members(self) -> Iterator[object]:
        """Yield the items of the list ``data`` of the object that begins here, or the object."""
        self.take("{")
        pairs: list[tuple[str, object]] = []
        listed = False
        going = self.peek() != "}"
        self.at += not going
        while going:
            if self.peek() != '"':
                raise self.broken("Expecting property name enclosed in double quotes", self.at)
            key = str(self.value())
            self.take(":")
            if key == "data" and self.peek() == "[":
                listed = True
                yield from self.items()
                pairs.append((key, None))
            else:
                pairs.append((key, self.value()))
            going = self.take(",}") == ","
            if len(pairs) > self.limits.json_values:
                raise UnreadableInput(_too_many_values(self.place, self.limits))
        try:
            record = _pairs(pairs)
        except _Refused as error:
            raise UnreadableInput(self.refused(error)) from error
        if not listed:
            yield record["data"] if isinstance(record.get("data"), dict) else record

    def records(self) -> Iterator[object]:
        """Yield what a file of records holds, whatever stands around them."""
        first = self.peek()
        if first == "[":
            yield from self.items()
        elif first == "{":
            yield from self.members()
        else:
            yield self.value()
        if self.peek():
            raise self.broken("Extra data", self.at)


def iter_json(path: Path | str, limits: Limits = DEFAULT) -> Iterator[tuple[int, object]]:
    """Read the records of a JSON document one by one, packed by gzip or not.

    Parameters
    ----------
    path
        A ``.json`` or ``.json.gz`` file in UTF-8: a list of records, an object that
        holds them under ``data``, or one record.
    limits
        The bounds of the reading.

    Yields
    ------
    tuple of int and object
        The number of the record, from 1, and its value.

    Raises
    ------
    UnreadableInput
        As `loads`, or ``json.line_too_long``, ``json.too_many_values``,
        ``file.zip_bomb``, ``file.truncated``, ``json.encoding``.
    """
    path = Path(path)
    try:
        with open_json(path) as stream:
            yield from enumerate(_Document(path, stream, limits).records(), start=1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(place_of(path), error) from error


def _decode(content: bytes, place: str) -> str | Fault:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _not_utf8(place, error)


def _not_utf8(place: str, error: UnicodeDecodeError) -> Fault:
    message = bilingual("readers.no_content_utf_8")
    near = repr(error.object[max(0, error.start - 20) : error.start + 20])
    cure = bilingual("readers.save_file_utf_8")
    return Fault(place, shorten(near), message, cure, code="json.encoding")


def iter_json_lines(
    path: Path | str, limits: Limits = DEFAULT
) -> Iterator[tuple[int, object | Fault]]:
    """Read a JSON Lines file line by line, packed by gzip or not.

    Parameters
    ----------
    path
        A ``.jsonl`` or ``.jsonl.gz`` file in UTF-8.
    limits
        The bounds of the reading.

    Yields
    ------
    tuple of int and (object or Fault)
        The 1-based line, and its value or the fault that says why there is none.
        Blank lines are passed over. A file that breaks off yields a last `Fault`
        with code ``file.truncated``.

    Raises
    ------
    UnreadableInput
        ``file.zip_bomb`` when a packed file swells beyond the bounds.
    """
    path = Path(path)
    file = place_of(path)
    decoder = _decoder(limits)
    number = total = 0
    packed = path.stat().st_size
    with open_json(path) as stream:
        while True:
            number += 1
            place = f"{file} › dòng {number}"
            try:
                line = stream.readline(limits.json_line_bytes + 1)
                is_long = len(line) > limits.json_line_bytes
                while is_long and line and not line.endswith(b"\n"):
                    total += len(line)
                    check_bomb(place, packed, total, limits)
                    line = stream.readline(limits.json_line_bytes)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                yield number, damaged(place, error).faults[0]
                return
            total += len(line)
            check_bomb(place, packed, total, limits)
            if is_long:
                yield number, _too_long(place, limits)
            elif not line:
                return
            elif line.strip(b"\xef\xbb\xbf \t\r\n"):
                text = _decode(line, place) if number == 1 else _decode_line(line, place)
                yield (
                    number,
                    text if isinstance(text, Fault) else _parse(text, place, decoder, limits),
                )


def _decode_line(line: bytes, place: str) -> str | Fault:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return _decode(line, place)


def too_many_records(place: str, limits: Limits) -> UnreadableInput:
    """Return the error for a file or folder with more records than the bound."""
    most = limits.records
    return refusal(
        place,
        "json.too_many_records",
        bilingual("readers.too_many_records_limit", most=most),
        bilingual("readers.split_into_several_smaller"),
        f"> {most}",
    )


def _too_long(place: str, limits: Limits) -> Fault:
    bound = size_text(limits.json_line_bytes)
    message = bilingual("readers.line_record_over_limit", bound=bound)
    cure = bilingual("readers.write_procedure_line_if")
    return Fault(place, f"> {bound}", message, cure, code="json.line_too_long")
