"""JSON without surprises: no NaN, no doubled keys, no depth or digits without bound.

Python's own parser takes ``NaN``, keeps the last of two equal keys and recurses as
deep as the text asks. Here each of these is a fault that names the value, and of a
file with one record a line the good lines still come.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from math import isinf
from pathlib import Path
from typing import BinaryIO, cast

from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.readers.limits import DEFAULT, Limits, place_of, refusal, size_text
from procsim.readers.packages import check_bomb
from procsim.readers.scan import damaged

__all__ = ["iter_json_lines", "load", "loads"]

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
CURE = Text(
    "Sửa chỗ này trong tệp, hoặc xuất lại dữ liệu từ nguồn",
    "Mend this place in the file, or export the data again from the source",
)


class _Refused(ValueError):
    """A value that JSON text may not hold here, on its way out of the parser."""

    def __init__(self, code: str, value: str, message: Text) -> None:
        super().__init__(code)
        self.code = code
        self.value = value
        self.message = message


def _constant(name: str) -> object:
    raise _Refused(
        "json.not_finite",
        name,
        Text(
            f"{name} không phải là số; JSON chỉ nhận số hữu hạn hoặc null",
            f"{name} is not a number; JSON accepts finite numbers or null",
        ),
    )


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
        Text(
            f"Khóa '{shorten(double, 60)}' xuất hiện hai lần trong cùng một đối tượng; "
            "không biết giá trị nào đúng",
            f"The key '{shorten(double, 60)}' stands twice in one object; which value counts "
            "is unknown",
        ),
    )


def _decoder(limits: Limits) -> json.JSONDecoder:
    digits = limits.json_digits

    def whole(text: str) -> int:
        if len(text) > digits and len(text.lstrip("-")) > digits:
            raise _Refused(
                "json.huge_integer",
                shorten(text, 60),
                Text(
                    f"Số nguyên có {len(text.lstrip('-')):,} chữ số; giới hạn là {digits}",
                    f"The integer has {len(text.lstrip('-')):,} digits; the limit is {digits}",
                ),
            )
        return int(text)

    return json.JSONDecoder(
        parse_constant=_constant,
        parse_float=_real,
        parse_int=whole,
        object_pairs_hook=_pairs,
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


def _parse(text: str, place: str, decoder: json.JSONDecoder, limits: Limits) -> object | Fault:
    """Return the value of `text`, or the fault that says why there is none."""
    text = text.removeprefix("\ufeff")
    try:
        if _depth_is_over(text.encode("utf-8"), limits.json_depth):
            depth = limits.json_depth
            message = Text(
                f"Dữ liệu lồng nhau quá {depth} cấp", f"The data nest deeper than {depth} levels"
            )
            return Fault(place, shorten(text, 40), message, CURE, code="json.too_deep")
        if "\\u" in text and (match := _lone_surrogate(text)):
            return _surrogate(place, match)
        return cast("object", decoder.decode(text))
    except json.JSONDecodeError as error:
        return _broken(text, place, error)
    except UnicodeEncodeError as error:
        return _surrogate(place, f"\\u{ord(text[error.start]):04x}")
    except _Refused as error:
        at = _position(text, error)
        return Fault(f"{place}{at}", shorten(error.value), error.message, CURE, code=error.code)


def _lone_surrogate(text: str) -> str:
    """Return the first half of a pair that stands alone, or ""."""
    match = SURROGATE.search(text.replace("\\\\", ""))
    return match.group() if match else ""


def _surrogate(place: str, value: str) -> Fault:
    message = Text(
        "Ký tự Unicode bị cắt đôi (surrogate đứng một mình)",
        "Half of a Unicode character stands alone (a lone surrogate)",
    )
    return Fault(place, value, message, CURE, code="json.surrogate")


def _broken(text: str, place: str, error: json.JSONDecodeError) -> Fault:
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        code = "json.truncated"
        message = Text(
            f"JSON bị cắt cụt: nội dung kết thúc giữa chừng (dòng {error.lineno}, "
            f"cột {error.colno})",
            f"The JSON is truncated: it ends midway (line {error.lineno}, column {error.colno})",
        )
    else:
        code = "json.broken"
        message = Text(
            f"JSON sai cú pháp ở dòng {error.lineno}, cột {error.colno}",
            f"The JSON is malformed at line {error.lineno}, column {error.colno}: {error.msg}",
        )
    near = shorten(text[max(0, error.pos - 30) : error.pos + 30])
    return Fault(place, near, message, CURE, code=code)


def _position(text: str, error: _Refused) -> str:
    """Return where a refused number stands; a key has no single place."""
    if error.code == "json.duplicate_key":
        return ""
    for match in TOKEN.finditer(text):
        token = match.group()
        if token[0] != '"' and shorten(token, 60) == error.value:
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - text.rfind("\n", 0, match.start())
            return f" › dòng {line}, cột {column}"
    return ""


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
        ``json.duplicate_key``, ``json.too_deep``, ``json.huge_integer``, ``json.surrogate``.
    """
    value = _parse(text, place, _decoder(limits), limits)
    if isinstance(value, Fault):
        raise UnreadableInput(value)
    return value


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb") if packed else path.open("rb"))


def load(path: Path | str, limits: Limits = DEFAULT) -> object:
    """Return the value of a whole JSON file, packed by gzip or not.

    Parameters
    ----------
    path
        A ``.json`` or ``.json.gz`` file in UTF-8.
    limits
        The bounds of the reading.

    Raises
    ------
    UnreadableInput
        As `loads`, or ``file.too_large``, ``file.truncated``, ``json.encoding``.
    """
    path = Path(path)
    place = place_of(path)
    try:
        with _open(path) as stream:
            content = stream.read(limits.json_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(place, error) from error
    if len(content) > limits.json_bytes:
        raise _too_large(place, limits.json_bytes)
    text = _decode(content, place)
    if isinstance(text, Fault):
        raise UnreadableInput(text)
    return loads(text, place, limits)


def _decode(content: bytes, place: str) -> str | Fault:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = Text("Nội dung không phải UTF-8", "The content is not UTF-8")
        near = repr(content[max(0, error.start - 20) : error.start + 20])
        cure = Text("Lưu lại tệp với mã UTF-8", "Save the file in UTF-8")
        return Fault(place, shorten(near), message, cure, code="json.encoding")


def _too_large(place: str, limit: int) -> UnreadableInput:
    bound = size_text(limit)
    return refusal(
        place,
        "file.too_large",
        Text(f"Tệp JSON lớn hơn giới hạn {bound}", f"The JSON file is over the limit of {bound}"),
        Text(
            "Xuất thành JSON Lines (mỗi dòng một thủ tục) hoặc chia nhỏ tệp",
            "Export it as JSON Lines (one procedure a line) or split it",
        ),
    )


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
    with _open(path) as stream:
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


def _too_long(place: str, limits: Limits) -> Fault:
    bound = size_text(limits.json_line_bytes)
    message = Text(f"Dòng dài hơn giới hạn {bound}", f"The line is over the limit of {bound}")
    cure = Text(
        "Mỗi dòng chỉ ghi một thủ tục; nếu là một tài liệu JSON, đặt đuôi .json",
        "Write one procedure a line; if it is one JSON document, name it .json",
    )
    return Fault(place, f"> {bound}", message, cure, code="json.line_too_long")
