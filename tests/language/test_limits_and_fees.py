"""Every limit and fee of the shared records: what is parsed, flagged, refused, and why.

The table `data/limits_and_fees.csv` is committed. It is written anew with
``python -m tests.language.test_limits_and_fees --write``; a change in it is a
change in what officers are shown, so it is read row by row before it is committed.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import procsim
from procsim.language.i18n import TEXTS
from procsim.language.vietnamese import (
    Reading,
    amounts_in,
    durations_in,
    nfc,
    read_duration,
    read_money,
)
from tests.shared import SHARED, needs_shared

TABLE = Path(__file__).parent / "data" / "limits_and_fees.csv"
LONGEST_NOTE = 60
_KEY = re.compile(
    r"hội đồng nhân dân|quyết định|quy định|\d+ ?%|kể từ|đến\s+hết ngày|áp dụng|được miễn|miễn"
    r"|không thu|hải quan|mức thu|(?<![\d.])\d[\d.]*\d ?(?:đ|đồng|vnđ)(?!\w)|thông tư|phí",
    re.IGNORECASE,
)
UNIT_CODES = ("WORKING_DAY", "DAY", "HOUR", "MONTH")


class Row(NamedTuple):
    what: str
    value: str
    unit: str
    note: str
    outcome: str
    reading: str
    reading_unit: str
    per: str
    proposal: str
    proposal_unit: str
    flag: str


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}" if number < 1e9 else str(int(number))


def _outcome(reading: Reading) -> str:
    return "refused" if reading.is_missing else "flagged" if reading.flag else "parsed"


@cache
def _read(what: str, value: float | None, unit: str | None, note: str) -> Reading:
    return read_duration(value, unit, note) if what == "limit" else read_money(value, unit, note)


def _result(reading: Reading) -> tuple[str, ...]:
    return (
        _outcome(reading),
        _plain(reading.value),
        reading.unit,
        reading.per,
        _plain(reading.proposal),
        reading.proposal_unit,
        reading.flag,
    )


def _candidates(what: str, note: str) -> Iterator[str]:
    """Yield ever longer pieces of a note, each of at most 60 characters."""
    note = " ".join(nfc(note).split())
    if what == "limit" or not note:
        yield ""
    if len(note) <= LONGEST_NOTE:
        yield note
    else:
        yield note[:LONGEST_NOTE].strip()
    named = durations_in(note) if what == "limit" else amounts_in(note)
    for n in (1, 2, 3, 4, 5):
        yield "; ".join(dict.fromkeys(reading.text for reading in named[:n]))
    for clause in re.split(r"(?<=[;.:])\s|\s(?=[-+*]\s)", note):
        yield clause[:LONGEST_NOTE].strip()
    words = [found.start() for found in re.finditer(r"\S+", note)]
    for start in words:
        for end in words:
            if 30 < end - start <= LONGEST_NOTE:
                yield note[start:end].strip()
    pieces = [
        note[found.start() : found.start() + 28].rsplit(" ", 1)[0] for found in _KEY.finditer(note)
    ]
    for i, first in enumerate(pieces[:30]):
        yield from (f"{first} … {second}" for second in pieces[i + 1 : 30])


@cache
def _row(what: str, value: float | None, unit: str | None, note: str) -> Row:
    """Return the row of one input: the shortest piece of its note that reads the same."""
    result = _result(_read(what, value, unit, note))
    for piece in _candidates(what, note):
        if len(piece) <= LONGEST_NOTE and _result(_read(what, value, unit, piece)) == result:
            return Row(what, _plain(value), unit or "", piece, *result)
    return Row(what, _plain(value), unit or "", "…", *result)


def _records() -> Iterator[tuple[str, float | None, str | None, str]]:
    with gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            for channel in json.loads(line)["executionMethods"]:
                yield (
                    "limit",
                    channel["processingTime"],
                    channel["processingTimeUnit"],
                    channel["description"] or "",
                )
                for fee in channel["fees"]:
                    yield "fee", fee["value"], fee["currencyName"], fee["description"] or ""


def count_rows() -> Counter[Row]:
    return Counter(_row(*record) for record in _records())


def read_table() -> list[tuple[Row, int]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [(Row(*(row[name] for name in Row._fields)), int(row["count"])) for row in rows]


def write_table() -> None:
    counts = sorted(count_rows().items(), key=lambda item: (item[0].what, item[0].flag, -item[1]))
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["count", *Row._fields])
        writer.writerows([count, *row] for row, count in counts)


def _shares(what: str) -> dict[str, float]:
    totals: Counter[str] = Counter()
    for row, count in read_table():
        if row.what == what:
            totals[row.outcome] += count
    return {outcome: count / totals.total() for outcome, count in totals.items()}


def test_the_table_is_small_and_holds_short_facts_only() -> None:
    rows = read_table()
    assert 300 < len(rows) <= 1200
    assert max(len(row.note) for row, _ in rows) <= LONGEST_NOTE
    assert len({row for row, _ in rows}) == len(rows)
    assert sum(count for row, count in rows if row.what == "limit") == 4884
    assert sum(count for row, count in rows if row.what == "fee") == 4277


def test_every_row_reads_the_same_without_the_records() -> None:
    unread = 0
    for row, count in read_table():
        if row.note == "…":
            unread += count
            continue
        value = float(row.value) if row.value else None
        assert _result(_read(row.what, value, row.unit or None, row.note)) == row[4:], row
    assert unread <= 60


def test_every_flag_of_the_table_has_a_sentence_in_both_languages() -> None:
    flags = {row.flag for row, _ in read_table()} - {""}
    assert all(TEXTS[f"flag.{flag}"].vi and TEXTS[f"flag.{flag}"].en for flag in flags)


def test_nearly_all_limits_with_number_and_unit_are_parsed() -> None:
    stated = [(r, n) for r, n in read_table() if r.what == "limit" and r.unit in UNIT_CODES]
    total = sum(count for _, count in stated)
    read = sum(count for row, count in stated if row.reading)
    assert total == 3840
    assert read / total >= 0.97
    assert all(float(row.reading) == float(row.value) for row, _ in stated if row.reading)


def test_no_bare_number_became_a_limit() -> None:
    bare = [(r, n) for r, n in read_table() if r.what == "limit" and r.unit == "OTHER"]
    assert sum(count for _, count in bare) == 707
    assert all(row.outcome == "refused" for row, _ in bare)


def test_no_amount_is_silently_wrong() -> None:
    for row, _ in read_table():
        if row.what != "fee" or row.outcome != "parsed":
            continue
        value = float(row.value)
        assert float(row.reading) == value  # never changed on the way
        assert row.reading_unit == "VND"
        assert value == 0 or value >= 1000, row
        named = {r.value for r in amounts_in(row.note) if r.flag != "amount.threshold"}
        assert not named or value in named or value == sum(v for v in named if v), row


def test_an_unexplained_zero_is_never_clean() -> None:
    zeros = [r for r, _ in read_table() if r.what == "fee" and r.value == "0"]
    assert all(row.note for row in zeros if row.outcome == "parsed")


def test_shares_stand_as_reported() -> None:
    limits, fees = _shares("limit"), _shares("fee")
    assert limits["parsed"] > 0.76
    assert limits["refused"] < 0.215
    assert fees["parsed"] > 0.18
    assert fees["refused"] < 0.125


@needs_shared
def test_the_table_agrees_with_the_records() -> None:
    assert dict(count_rows()) == dict(read_table())


def read_by_hand() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each channel of the records of 2021 with what a person reads in it.

    ``limit`` and ``unit``: the time limit, empty where none is stated; ``doubt``: field and
    text disagree, or the text shows that the field is no limit of the office; ``fees``: one
    amount for each fee, ``?`` where none is stated, ``0?`` for a zero that nothing explains.
    """
    with (TABLE.parent / "limits_and_fees_2021.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            first, _, last = row["channels"].partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield f"9.{int(row['record']):06d}/k{number}", row


@needs_shared
def test_the_records_of_2021_agree_with_a_reading_by_hand() -> None:
    portfolio = procsim.read(SHARED / "portal" / "procedures_2021.json")
    channels, fees = portfolio.channels, portfolio.fees
    counts: Counter[str] = Counter()
    seen = []
    for channel, row in read_by_hand():
        seen.append(channel)
        value, unit, flag = channels.loc[channel, ["limit_value", "limit_unit", "limit_flag"]]
        if row["doubt"] or not row["limit"]:
            assert flag, channel  # a value may stand, but never without a word
            counts["limit doubtful" if row["doubt"] else "no limit"] += 1
        elif flag:
            counts["limit flagged"] += 1
        else:
            assert (value, unit) == (float(row["limit"]), row["unit"]), channel
            counts["limit equal"] += 1
        stated = fees[fees["channel"] == channel]
        expected = row["fees"].split("|") if row["fees"] else []
        assert len(stated) == len(expected), channel
        for amount, doubt, hand in zip(stated["amount_vnd"], stated["flag"], expected, strict=True):
            assert bool(doubt) == hand.endswith("?"), channel
            assert hand == "?" or amount == float(hand.rstrip("?")), channel
            counts["fee flagged" if doubt else "fee equal"] += 1
    assert seen == list(channels.index)
    assert counts == {
        "limit equal": 69,
        "limit flagged": 5,
        "limit doubtful": 23,
        "no limit": 64,
        "fee equal": 50,
        "fee flagged": 23,
    }


if __name__ == "__main__":
    if "--write" in sys.argv:
        write_table()
    else:
        sys.exit(pytest.main([__file__]))
