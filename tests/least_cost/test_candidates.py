"""What could be reformed: each rule on a case worked out by hand, and the real records."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from procsim.errors import InvalidValue, UnknownName
from procsim.least_cost.candidates import CLASSES, Candidates, candidates, class_of
from procsim.least_cost.proposals import Routes, act_of
from procsim.marking import mark
from procsim.measures import measure
from procsim.reforms import CutCondition, Plan, ReplaceByData, ShortenLimit, apply
from procsim.sample import load_sample
from tests.decisions.small_portfolios import build, clinic
from tests.shared import needs_shared

CODE = "1.000001"


@pytest.fixture(scope="module")
def sample():
    return mark(load_sample())


@pytest.fixture(scope="module")
def found(sample):
    return candidates(sample)


def joined(*parts):
    names = dict.fromkeys(name for part in parts for name in part)
    return build(**{name: [row for part in parts for row in part.get(name, [])] for name in names})


def of_kind(made, kind):
    return made.frame[made.frame["kind"].eq(kind)]


def test_one_procedure_by_hand():
    made = candidates(joined(clinic()))
    assert set(made.frame["kind"]) == {
        "drop_requirement", "accept_copy", "cut_fee", "parallel_steps", "cut_condition",
    }  # fmt: skip
    assert of_kind(made, "drop_requirement")["target"].tolist() == [f"{CODE}/c1/r4"]
    assert of_kind(made, "accept_copy")["target"].tolist() == [f"{CODE}/c1/r2"]
    steps = of_kind(made, "parallel_steps").iloc[0]
    assert (steps["target"], steps["others"]) == (f"{CODE}/s2", f"{CODE}/s3")
    # Papers, conditions and fees of 0 đồng online change a measure; steps change none of a target.
    assert of_kind(made, "parallel_steps")["include"].tolist() == ["no"]
    assert made.frame["include"].value_counts().to_dict() == {"yes": 4, "no": 1}
    assert of_kind(made, "cut_condition")["saved_conditions"].tolist() == [1.0]
    assert of_kind(made, "drop_requirement")["saved_documents"].tolist() == [1.0]


def test_routes_by_subject():
    made = candidates(joined(clinic()))
    assert of_kind(made, "accept_copy")["texts"].tolist() == ["5/2023/TT-BYT"]
    assert of_kind(made, "cut_fee")["texts"].tolist() == ["59/2023/TT-BTC"]
    assert of_kind(made, "cut_fee")["drafter"].tolist() == ["Bộ Tài chính"]
    assert of_kind(made, "cut_condition")["texts"].tolist() == ["96/2023/NĐ-CP"]
    assert all("giả định" in reason for reason in made.frame["reason"])


def test_named_text_is_no_assumption():
    tables = clinic()
    tables["legal_bases"].append(
        {"id": f"{CODE}/l4", "requirement": f"{CODE}/c1/r2", "number": "8/2024/TT-BYT",
         "rank": "thong_tu", "article": "Điều 5"}
    )  # fmt: skip
    row = of_kind(candidates(joined(tables)), "accept_copy").iloc[0]
    assert (row["texts"], row["article"]) == ("8/2024/TT-BYT", "Điều 5")
    assert "giả định" not in row["reason"]


def test_general_and_amending_texts_are_passed_over():
    parts = []
    for n in range(1, 5):
        part = clinic(f"1.00000{n}", field=f"Lĩnh vực {n}")
        code = part["procedures"][0]["id"]
        part["legal_bases"] = [
            {"id": f"{code}/l1", "number": "1/2018/TT-VPCP", "rank": "thong_tu", "name": "Một cửa"},
            {"id": f"{code}/l2", "number": f"{n}/2024/TT-BYT", "rank": "thong_tu",
             "name": "Thông tư sửa đổi, bổ sung một số điều"},
            {"id": f"{code}/l3", "number": f"{n}/2020/TT-BYT", "rank": "thong_tu", "name": "Hồ sơ"},
        ]  # fmt: skip
        parts.append(part)
    routes = Routes(joined(*parts))
    assert routes.of("1.000002", "dossier").number == "2/2020/TT-BYT"


def test_unknown_text_is_one_of_its_field_alone():
    parts = [clinic(f"1.00000{n}", field=f"Lĩnh vực {n}") for n in (1, 2)]
    for part in parts:
        part["legal_bases"] = []
    texts = of_kind(candidates(joined(*parts)), "cut_fee")["texts"]
    assert texts.nunique() == 2
    assert texts.str.startswith("Thông tư (Bộ Tài chính, Lĩnh vực").all()


def test_limits_fall_to_the_median_and_never_below():
    lengths = (4.0, 5.0, 6.5, 9.0, 15.0)
    parts = [clinic(f"1.00000{n}", days) for n, days in enumerate(lengths)]
    made = of_kind(candidates(joined(*parts)), "shorten_limit").set_index("procedure")
    # The median 6.5 is rounded up to 7 working days; field and act give the same group.
    assert made["days"].to_dict() == {"1.000003": 7.0, "1.000004": 7.0}
    assert made["saved_days"].to_dict() == {"1.000003": 2.0, "1.000004": 8.0}
    assert made["class"].to_dict() == {"1.000003": "median", "1.000004": "judgement"}
    assert made["reason"].str.contains("trung vị 6,5 ngày của 5 thủ tục").all()


def test_four_procedures_make_no_median():
    parts = [clinic(f"1.00000{n}", days) for n, days in enumerate((4.0, 5.0, 6.0, 60.0))]
    assert of_kind(candidates(joined(*parts)), "shorten_limit").empty


def test_business_procedures_without_online_channel():
    part = clinic()
    part["channels"] = part["channels"][:1]
    part["fees"] = part["fees"][:1]
    assert of_kind(candidates(joined(part)), "move_online")["target"].tolist() == [CODE]
    assert of_kind(candidates(joined(part)), "cut_fee").empty
    for row in part["procedures"]:
        row["audience"] = "citizen"
    assert of_kind(candidates(joined(part)), "move_online").empty


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("Thủ tục cấp lại giấy phép", "cấp lại"),
        ("CẤP ĐỔI THẺ", "cấp đổi"),
        ("Gia hạn giấy phép", "gia hạn"),
        ("Lập hồ sơ", ""),
    ],
)
def test_acts(name, act):
    assert act_of(name) == act


def test_kinds_and_classes_can_be_chosen(sample):
    made = candidates(sample, kinds=["shorten_limit", "cut_fee"], classes=["median"])
    assert set(made.frame["kind"]) == {"shorten_limit"}
    assert set(made.frame["class"]) == {"median"}
    for wrong in ({"kinds": ["merge_steps"]}, {"classes": ["sure"]}):
        with pytest.raises(UnknownName, match="Chọn trong"):
            candidates(sample, **wrong)


def test_not_marked_is_refused():
    with pytest.raises(InvalidValue, match="chưa được nhận dạng"):
        candidates(load_sample())


def test_classes_of_the_sample(found):
    assert set(found.frame["class"]) == set(CLASSES)
    listed = [r for r in found.reforms if class_of(r) == "listed"]
    assert listed
    assert all("66.7/2025" in r.source for r in listed)
    # The open clause never rests on the resolution: its text must be amended first.
    opened = [r for r in found.reforms if "khoản 10" in r.source]
    assert opened
    assert all(isinstance(r, ReplaceByData) and r.legal_text for r in opened)


def test_effects_are_those_of_each_reform_alone(sample, found):
    before = measure(sample)
    rng = np.random.default_rng(6)
    for row in rng.choice(len(found), size=12, replace=False).tolist():
        after = measure(apply(sample, Plan([found.reforms[row]])))
        for column, name in (
            ("statutory_days", "saved_days"),
            ("cost_vnd", "saved_vnd"),
            ("documents", "saved_documents"),
            ("conditions", "saved_conditions"),
        ):
            saved = float((before[column] - after[column]).sum())
            assert found.frame[name].iloc[row] == pytest.approx(saved)


def test_table_round_trip(sample, found):
    chosen = Candidates(found.frame[found.frame["include"].eq("yes")])
    again = Candidates.from_frame(sample, chosen.to_frame())
    assert again.reforms == chosen.reforms
    pd.testing.assert_frame_equal(again.frame, chosen.frame)


@pytest.mark.parametrize("name", ["de-xuat.xlsx", "de-xuat.yaml"])
def test_file_round_trip(sample, found, tmp_path, name):
    few = Candidates(found.frame[found.frame["include"].eq("yes")].groupby("kind").head(3))
    few.write(tmp_path / name)
    again = Candidates.read(tmp_path / name, sample)
    assert again.reforms == few.reforms
    assert again.frame["class"].tolist() == few.frame["class"].tolist()


def test_dates_count_from_the_day(sample):
    made = candidates(sample, on=dt.date(2026, 1, 15), kinds=["shorten_limit", "replace_by_data"])
    circulars = made.frame[made.frame["rank"].eq("thong_tu") & made.frame["class"].eq("median")]
    assert set(circulars["ready_on"]) == {"2026-04-15"}
    assert set(candidates(sample, kinds=["cut_fee"]).frame["ready_on"]) == {""}


def test_every_bad_row_gets_its_message(sample, found):
    frame = found.frame.head(4).copy()
    frame["price"] = [-1.0, float("nan"), 0.0, 0.0]
    frame["include"] = ["yes", "yes", "maybe", "yes"]
    frame["kind"] = [*frame["kind"].head(3), "abolish_everything"]
    with pytest.raises(InvalidValue) as error:
        Candidates.from_frame(sample, frame)
    codes = [fault.code for fault in error.value.faults]
    assert codes == ["candidate.price", "candidate.price", "candidate.include", "candidate.kind"]


def test_unknown_text_and_no_effect():
    table = joined(clinic(times_per_year=1.0, subjects_per_year=0.0))
    made = Candidates.of(
        table,
        [
            CutCondition(f"{CODE}/d1"),
            CutCondition(f"{CODE}/d1", legal_numbers=("văn bản lạ",)),
            ShortenLimit(CODE, days=10, rank="thong_tu"),
        ],
        include=["yes"] * 3,
    )
    with pytest.raises(InvalidValue) as error:
        Candidates.from_frame(table, made.frame)
    found = {fault.code for fault in error.value.faults}
    assert found == {"candidate.no_text", "candidate.unknown_text", "candidate.no_effect"}


def test_zero_volume_saves_no_cost():
    table = joined(clinic(times_per_year=1.0, subjects_per_year=0.0))
    made = candidates(table)
    assert of_kind(made, "cut_fee")["include"].tolist() == ["no"]
    edited = made.to_frame().assign(include="yes")
    with pytest.raises(InvalidValue, match="lượng hồ sơ bằng 0"):
        Candidates.from_frame(table, edited[edited["kind"].eq("cut_fee")])


@needs_shared
def test_real_records_have_a_route(records):
    part = mark(records.select(list(records.procedures.index[:150])))
    made = candidates(part)
    kept = made.frame[made.frame["include"].eq("yes")]
    assert kept["texts"].ne("").all()
    assert kept["reason"].ne("").all()
    assert len(made.plan) == len(kept)
    assert len(apply(part, Plan(made.reforms[:50]))) == len(part)
