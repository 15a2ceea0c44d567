"""Values written in many Vietnamese ways come back equal, or flagged: see `oracle`."""

from __future__ import annotations

from tests.language.oracle import SPELLINGS, run


def test_no_spelling_is_read_as_another_value_and_plain_ones_are_read() -> None:
    counts, wrong = run(6_000, seed=20261130)
    assert not wrong
    assert all(counts[name]["equal"] for name, spelling in SPELLINGS.items() if spelling.is_plain)
    equal = sum(row["equal"] for row in counts.values())
    assert equal > 0.5 * sum(row.total() for row in counts.values())
