"""Targets: every line of the table of law and press, and the arithmetic of published figures."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources

import pytest

from procsim import reference
from procsim.errors import InvalidValue
from procsim.reference.targets import load_targets

Y25, Y26 = dt.date(2025, 12, 31), dt.date(2026, 12, 31)
OCT, JAN = dt.date(2025, 10, 31), dt.date(2026, 1, 1)

# fmt: off
# id, metric, kind, value, of, audience, base year, deadline
TABLE = [
    ("business_time_2025", "statutory_days", "rate", 0.30, None, "business", 2024, Y25),
    ("business_cost_2025", "cost_vnd", "rate", 0.30, None, "business", 2024, Y25),
    ("business_conditions_2025", "conditions", "rate", 0.30, None, "business", 2024, Y25),
    ("business_time_2026", "statutory_days", "rate", 0.50, None, "business", 2024, Y26),
    ("business_cost_2026", "cost_vnd", "rate", 0.50, None, "business", 2024, Y26),
    ("business_conditions_2026", "conditions", "rate", 1.00, None, "business", 2024, Y26),
    ("boundary_free_2025", "boundary_free_share", "share", 1.00, None, "all", None, Y25),
    ("business_online_2025", "online_share", "share", 1.00, None, "business", None, Y25),
    ("fully_online_2025", "fully_online_share", "share", 0.80, None, "all", None, Y25),
    ("legal_texts_10_2025", "legal_texts", "count", 466, None, "all", None, OCT),
    ("procedures_simplified_10_2025", "procedures_simplified", "count",
     2051, 4888, "all", None, OCT),
    ("conditions_simplified_10_2025", "conditions_simplified", "count",
     2041, 6974, "business", None, OCT),
    ("vneid_procedures", "vneid_procedures", "count", 324, None, "all", None, None),
    ("data_services_10_2025", "data_services", "count", 25, None, "all", None, OCT),
    ("vneid_utilities_2025", "vneid_utilities", "count", 40, 61, "all", None, Y25),
    ("procedures_replaced_2026", "procedures_replaced", "count", 786, None, "all", None, JAN),
    ("procedures_cut_2026", "procedures_cut", "count", 8, None, "all", None, JAN),
    ("legal_texts_66_7", "legal_texts", "count", 221, None, "all", None, dt.date(2027, 3, 1)),
]
# fmt: on


@pytest.mark.parametrize("line", TABLE, ids=[line[0] for line in TABLE])
def test_target_is_as_published(line):
    (target,) = [t for t in reference.targets_table() if t.id == line[0]]
    assert (
        target.id, target.metric, target.kind, target.value, target.of, target.audience,
        target.base_year, target.deadline,
    ) == line  # fmt: skip
    assert target.year == (target.deadline.year if target.deadline else None)
    assert target.legal_basis
    assert target.source


def test_no_target_beyond_the_table():
    assert [t.id for t in reference.targets_table()] == [line[0] for line in TABLE]


def test_only_the_text_that_was_read_is_marked_as_law():
    law = {t.id for t in reference.targets_table() if t.mark == "luật"}
    assert law == {"procedures_replaced_2026", "procedures_cut_2026", "legal_texts_66_7"}
    assert {t.mark for t in reference.targets_table()} == {"luật", "công bố"}


def test_rates_are_ratios_of_sums():
    for target in reference.targets_table():
        assert target.reading == ("ratio_of_sums" if target.kind == "rate" else "count")


def test_scope_of_ministries():
    scoped = {t.id: t.ministries for t in reference.targets_table() if t.ministries}
    assert scoped == {"data_services_10_2025": ("Bộ Tài chính", "Bộ Tư pháp", "Bộ Công Thương")}
    assert set(scoped["data_services_10_2025"]) <= set(reference.MINISTRIES)


def test_targets_are_frozen_and_named_in_both_languages():
    target = reference.targets_table()[0]
    assert target.name.vi.startswith("Cắt giảm ít nhất 30 %")
    assert target.name.en.startswith("Cut at least 30 %")
    with pytest.raises(AttributeError):
        target.value = 0.9


def test_sources_and_notes_are_told_in_both_languages():
    for target in reference.targets_table():
        assert target.told_by.vi != target.told_by.en
        assert not target.note or target.remark.vi != target.remark.en


def test_counts_of_the_resolution_equal_the_shipped_annexes():
    value = {t.id: t.value for t in reference.targets_table()}
    annex = reference.resolution_66_7()
    entries = annex.groupby("annex")["number"].nunique()
    assert value["procedures_replaced_2026"] == entries["I"] == 786
    assert value["procedures_cut_2026"] == entries["II"] == 8
    assert value["legal_texts_66_7"] == len(reference.legal_texts()) == 221


@pytest.mark.parametrize(
    ("key", "count", "of", "printed"),
    [
        ("procedures_2025_07", 872, 4888, "18"),
        ("procedures_2025_11", 3071, 4888, "62.83"),
        ("conditions_2025_11", 2269, 6974, "32.54"),
    ],
)
def test_published_state_follows_from_its_counts(key, count, of, printed):
    (state,) = [s for s in reference.published_state() if s.id == key]
    assert (state.count, state.of, state.share_percent) == (count, of, printed)
    exact = Decimal(100 * count) / Decimal(of)
    assert exact.quantize(Decimal(printed), ROUND_HALF_UP) == Decimal(printed)


def test_published_counts_without_a_base():
    counts = {s.id: s.count for s in reference.published_state()}
    assert counts["conditions_2025_07"] == 118
    assert counts["procedures_cut_2025_09"] == 890
    assert counts["procedures_decentralised_2025_09"] == 741


def test_targets_name_the_list_that_they_count_from():
    named = {t.id: t.programme for t in reference.targets_table() if t.programme}
    assert named.pop("vneid_procedures") == "vneid_324"
    assert named.pop("data_services_10_2025") == "data_services_25"
    assert named.pop("procedures_replaced_2026") == "nq66_7_annex_1"
    assert named.pop("procedures_cut_2026") == "nq66_7_annex_2"
    assert named.pop("legal_texts_66_7") == "nq66_7_annex_3"
    assert set(named.values()) == {"nq66_business"}
    assert set(named) == {t.id for t in reference.targets_table() if t.audience == "business"}


def test_an_unknown_programme_is_refused(tmp_path):
    shipped = resources.files("procsim.reference").joinpath("targets.yaml").read_text("utf-8")
    path = tmp_path / "targets.yaml"
    path.write_text(shipped.replace("programme: vneid_324", "programme: vneid"), encoding="utf-8")
    with pytest.raises(InvalidValue, match=r"programme.*\[vneid\]"):
        load_targets(path)
