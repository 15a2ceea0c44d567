"""Mutations of bytes, of trees of values, of tables of cells and of the parts of a zip.

Every mutation draws from a passed `random.Random`, so that a seed gives the input back.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from random import Random
from typing import Any

__all__ = ["ODD", "TOKENS", "cells", "packed", "parts", "raw", "text", "tree"]

TOKENS = (
    *("\0", "\r", "\n", "\t", '"', "'", ";", ",", "=1+1", "NaN", "1e999", "9" * 30, "-1", "0"),
    *("{", "}", "[" * 300, "]", "null", "true", "1.234,5", "31/02/2025", "\ufeff", "đ", "e\u0302"),
    *("&#0;", "<!DOCTYPE x>", "<c r='XFD9'><v>1</v></c>", "&amp;", "]]>", "  ", "\u200b", "ngày"),
    *("05 ngày làm việc", "1/2", "%", "½", "10.000 đồng/lần", "không quy định", "\U0001f600", "*x"),
    *("&x", "!!python/none", "- ", ": ", "#", "1.000001", "1.10", "NA", "2026-01-31", "x" * 500),
    *("mười lăm", "²", "٣", "１", "−5", "1e-400", "\u2028", "\x1c", "\x85", "00", "0,0", "TRUE"),
)
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, 10**25, 10**400, float("nan"), float("inf")),
    *("", " ", "x", "NaN", "1e999", "=1+1", "31/02/2025", "\0", "đ" * 300, "1.234,5", "-5"),
    *([], {}, [[]], [None], {"": None}, {"id": 1}, ["a", 1], [1, 2, 3]),
)


def raw(content: bytes, random: Random, other: bytes = b"") -> bytes:
    """Return bytes with one to four places flipped, cut, doubled, overwritten or filled."""
    made = bytearray(content)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(made) + 1)
        length = random.choice((1, 2, 8, 64, 1024))
        match random.randrange(7):
            case 0 if at < len(made):
                made[at] ^= 1 << random.randrange(8)
            case 1:
                del made[at : at + length]
            case 2:
                made[at:at] = made[at : at + length]
            case 3:
                made[at:at] = random.choice(TOKENS).encode("utf-8", "surrogatepass")
            case 4:
                made[at : at + length] = random.randbytes(length)
            case 5:
                start = random.randrange(len(other) + 1)
                made[at:at] = other[start : start + length]
            case _ if random.randrange(4) == 0:
                del made[at:]
            case _:
                pass
    return bytes(made)


def text(random: Random, seeds: tuple[str, ...] = ()) -> str:
    """Return a text of tokens, letters and pieces of the seeds."""
    pieces = []
    for _ in range(random.randint(1, 12)):
        match random.randrange(4):
            case 0:
                pieces.append(random.choice(TOKENS))
            case 1:
                pieces.append(chr(random.choice((32, 128, 0x2100, 0xD7FF, 0xFFFF, 0x1FFFF)) or 32))
            case 2 if seeds:
                seed = random.choice(seeds)
                start = random.randrange(len(seed) + 1)
                pieces.append(seed[start : start + random.randint(1, 30)])
            case _:
                pieces.append(str(random.choice((random.random() * 100, random.randrange(10**6)))))
    return random.choice(("", " ")).join(pieces)


def tree(value: Any, random: Random) -> Any:
    """Return a tree of lists and dictionaries with one node replaced, dropped or doubled."""
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], (dict, list)):
                walk(node[key])

    if not isinstance(value, (dict, list)) or not value:
        return random.choice(ODD)
    walk(value)
    parent, key = random.choice(places)
    match random.randrange(6):
        case 0:
            del parent[key]
        case 1 if isinstance(parent, list):
            parent.insert(key, parent[key])
        case 2 if isinstance(parent, dict):
            parent[random.choice(("", "x", "kind", "id", "name"))] = parent.pop(key)
        case 3:
            parent[key] = [parent[key]]
        case 4 if isinstance(parent[key], str):
            parent[key] = text(random, (parent[key],))
        case _:
            parent[key] = random.choice(ODD)
    return value


def cells(table: list[list[str]], random: Random) -> list[list[str]]:
    """Return rows of texts with cells rewritten, rows doubled or dropped, columns moved."""
    made = [list(row) for row in table]
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(made)) if made else 0
        row = made[at] if made else []
        match random.randrange(9):
            case 0 if made:
                made.insert(random.randrange(len(made) + 1), list(row))
            case 1 if len(made) > 1 and random.randrange(3) == 0:
                made.pop(at)
            case 2 if row:
                row.pop()
            case 3:
                row.append(random.choice(TOKENS))
            case 4 if made and len(made[0]) > 1 and random.randrange(3) == 0:
                one, other = random.sample(range(len(made[0])), 2)
                made[0][one], made[0][other] = made[0][other], made[0][one]
            case 5 if made and made[0] and random.randrange(3) == 0:
                made[0][random.randrange(len(made[0]))] = random.choice(("", "id", "x", "name"))
            case _ if row:
                place = random.randrange(len(row))
                row[place] = text(random, (row[place],)) if random.random() < 0.8 else ""
            case _:
                pass
    return made


def as_csv(table: list[list[str]], random: Random) -> bytes:
    """Return rows as the bytes of a CSV file in one of its usual forms."""
    stream = io.StringIO(newline="")
    csv.writer(
        stream, delimiter=random.choice(",,,;\t"), lineterminator=random.choice(("\r\n", "\n"))
    ).writerows(table)
    encoding = random.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16"))
    return stream.getvalue().encode(encoding, "surrogatepass")


def parts(archive: bytes) -> dict[str, bytes]:
    """Return the parts of a sound zip."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def packed(content: Mapping[str, bytes], stored: bool = False) -> bytes:
    """Return a zip of parts, whose sums are right."""
    stream = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, part in content.items():
            archive.writestr(name, part)
    return stream.getvalue()


def repacked(archive: bytes, random: Random) -> bytes:
    """Return a zip with a part damaged, dropped, renamed or given to another, sums right."""
    content = parts(archive)
    names = list(content)
    one, other = random.choice(names), random.choice(names)
    match random.randrange(8):
        case 0:
            content[one], content[other] = content[other], content[one]
        case 1:
            del content[one]
        case 2:
            content[random.choice(("xl/", "../", "")) + one] = content.pop(one)
        case _:
            content[one] = raw(content[one], random, content[other])
    return packed(content)
