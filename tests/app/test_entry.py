"""What officers paste is read as they mean it, and shown as it is read back."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.app.shell import entry
from procsim.app.shell.entry import Refused


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("23,4", "hours", 23.4),
        ("1.234,5", "hours", 1234.5),
        (" 120.000 ", "money", 120_000),
        ("120.000 đồng", "money", 120_000),
        ("30%", "share", 0.3),
        ("0,3", "share", 0.3),
        ("7,5 ngày", "days", 7.5),
        ("05/8/2026", "date", dt.date(2026, 8, 5)),
        ("", "money", None),
        ("=1+1", "text", "=1+1"),
    ],
)
def test_pasted_values(written: str, kind: entry.Kind, value: object) -> None:
    assert entry.read(written, kind) == value


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("1.234", "hours"),
        ("abc", "money"),
        ("30/02/2026", "date"),
        ("=1+1", "hours"),
        ("150%", "share"),
    ],
)
def test_doubtful_values_are_asked_never_guessed(written: str, kind: entry.Kind) -> None:
    found = entry.read(written, kind, "Giờ công")
    assert isinstance(found, Refused)
    assert found.place == "Giờ công"
    assert found.reason.vi
    assert found.reason.en


def test_bounds_are_named() -> None:
    found = entry.read("-5", "count", low=0)
    assert isinstance(found, Refused)
    found = entry.read("500", "count", low=0, high=100)
    assert isinstance(found, Refused)
    assert "100" in found.reason.vi


@given(st.floats(0, 1e9).map(lambda x: round(x, 3)), st.sampled_from(["hours", "days"]))
def test_what_is_shown_is_read_back(value: float, kind: entry.Kind) -> None:
    assert entry.read(entry.as_text(value, kind), kind) == pytest.approx(value, rel=1e-12)


@given(st.integers(0, 10**12))
def test_amounts_are_shown_and_read_back(value: int) -> None:
    assert entry.read(entry.as_text(value, "money"), "money") == value


@given(st.integers(0, 1000).map(lambda x: x / 1000))
def test_shares_are_shown_in_percent_and_read_back(share: float) -> None:
    assert entry.read(entry.as_text(share, "share"), "share") == pytest.approx(share)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)))
def test_dates_are_shown_and_read_back(day: dt.date) -> None:
    assert entry.read(entry.as_text(day, "date"), "date") == day
