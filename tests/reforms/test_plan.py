"""Plans: applied purely, added, shown as a table, saved and read back."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.errors import InvalidValue, ProcsimError, Text, UnreadableInput
from procsim.model.portfolio import TABLES, Portfolio
from procsim.reforms import (
    AbolishProcedure,
    AcceptCopy,
    CutFee,
    DropRequirement,
    Plan,
    ReplaceByData,
    ShortenLimit,
    Unmatched,
    apply,
    conflicts,
)
from tests.reforms.small import P, portfolio

TYPES = {
    "can_cuoc": "csdl_dan_cu",
    "giay_khai_sinh": "csdl_ho_tich",
    "so_bhxh": "csdl_bao_hiem",
    "gcn_dkdn": "csdl_dkdn",
}
ROWS = 5
BASE = portfolio(
    requirements=[
        {"kind": "form"},
        {"types": "can_cuoc", "originals": 1},
        {"types": "can_cuoc;gcn_dkdn", "relation": "any", "certified": True, "copies": 1},
        {"types": ";".join(TYPES), "relation": "all", "papers": 4.0},
        {"kind": "note", "papers": 0.0},
    ],
    channels=[{"limit_value": 20.0}, {"limit_value": 15.0}, {"limit_value": 240.0 / 8}],
    fees=[{"amount_vnd": 100000.0}, {"amount_vnd": 30000.0}],
    procedures=[{}, {}],
)
FEE, CHANNEL = f"{P}/f1", f"{P}/k2"


def row(number: int) -> str:
    return f"{P}/c1/r{number}"


def replace(number: int, *types: str, coverage: float | None = None) -> ReplaceByData:
    bases = tuple(TYPES[name] for name in types)
    mark = "" if coverage is None else "giả định"
    return ReplaceByData(row(number), types, bases, coverage, mark, owner="Bộ A")


numbers = st.integers(1, ROWS)
shares = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
reforms = st.one_of(
    st.builds(
        lambda n, types, share: replace(n, *types, coverage=share),
        numbers,
        st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=3, unique=True),
        shares,
    ),
    st.builds(lambda n: DropRequirement(row(n)), numbers),
    st.builds(lambda n: AcceptCopy(row(n), reason="a\n# b: 'c'"), numbers),
    st.builds(lambda p: ShortenLimit(P, percent=p), st.floats(0.5, 100)),
    st.builds(lambda p: CutFee(P, FEE, percent=p, due=date(2027, 3, 1)), st.floats(0.5, 100)),
    st.builds(CutFee, st.just(P), amount_vnd=st.just(0)),
    st.builds(AbolishProcedure, st.sampled_from([P, "1.000002"])),
)
plans = st.lists(reforms, max_size=8).map(lambda made: Plan(made, name="thử"))


def copied(made: Portfolio) -> dict[str, pd.DataFrame]:
    return {name: table.copy(deep=True) for name, table in made.tables.items()}


def assert_same(one: Portfolio, other: Portfolio) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


@settings(max_examples=40, deadline=None)
@given(plans)
def test_applying_never_changes_the_baseline_nor_counts_too_much(plan: Plan):
    before = copied(BASE)
    after = apply(BASE, plan)
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(BASE, name), table)
        made = getattr(after, name)
        assert list(made.dtypes) == list(table.dtypes)
        assert made.index.equals(table.index)
    frame = after.requirements
    assert (frame["replaced"] <= frame["papers"]).all()
    assert (frame["replaced"] >= 0).all()
    share = frame["coverage"].dropna()
    assert share.between(0, 1).all()
    assert not (frame["coverage"].notna() & (frame["replaced"] == 0)).any()
    assert (after.channels["limit_value"] >= 0).all()
    assert (after.channels["limit_value"] <= BASE.channels["limit_value"]).all()
    assert (after.fees["amount_vnd"] <= BASE.fees["amount_vnd"]).all()


@settings(max_examples=40, deadline=None)
@given(plans, plans)
def test_two_plans_in_one_are_the_two_after_each_other(first: Plan, second: Plan):
    taken = {(r.target, b) for r in first.reforms if hasattr(r, "databases") for b in r.databases}
    mine = [
        r
        for r in second.reforms
        if not (hasattr(r, "databases") and any((r.target, b) in taken for b in r.databases))
    ]
    second = Plan(mine, name="sau")
    assert_same(apply(BASE, first + second), apply(apply(BASE, first), second))


@settings(max_examples=40, deadline=None)
@given(plans)
def test_papers_replaced_twice_count_once(plan: Plan):
    once = Plan([r for r in plan.reforms if isinstance(r, ReplaceByData)])
    first = apply(BASE, once)
    again = apply(first, once)
    assert_same(first, again)
    assert_same(first, apply(BASE, once + once))


@settings(max_examples=30, deadline=None)
@given(plan=plans)
def test_a_plan_read_back_from_yaml_is_equal(plan: Plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "phuong-an.yaml"
    full = Plan(
        plan.reforms,
        name="Đợt 1: “thử”",
        version="2",
        note="dòng 1\ndòng 2",
        unmatched=[
            Unmatched("I", "7", "1.000009", "Tên", "Giấy", "not_in_portfolio", Text("vì", "as"))
        ],
    )
    full.write(path)
    assert Plan.read(path) == full
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_yaml_plan_is_text_that_an_officer_can_read(tmp_path: Path):
    Plan([ShortenLimit(P, days=5, reason="Đủ dữ liệu", due=date(2026, 6, 30))], name="Đợt 1").write(
        tmp_path / "a.yaml"
    )
    text = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    assert text.splitlines() == [
        "procsim_plan: 1",
        "name: Đợt 1",
        "version: '1'",
        "note: ''",
        "reforms:",
        "- kind: shorten_limit",
        "  reason: Đủ dữ liệu",
        "  due: 2026-06-30",
        "  procedure: '1.000001'",
        "  days: 5",
        "unmatched: []",
    ]


def test_unknown_targets_come_all_at_once_and_nothing_is_applied():
    plan = Plan(
        [
            DropRequirement("1.000001/c1/r99"),
            AbolishProcedure("9.999999"),
            ShortenLimit("1.000002", days=1, channel=CHANNEL),
            CutFee(P, "1.000001/f9", amount_vnd=0),
        ]
    )
    with pytest.raises(InvalidValue) as error:
        apply(BASE, plan)
    assert [f.code for f in error.value.faults] == ["plan.unknown_target"] * 4
    assert [f.place.split(" › ")[1] for f in error.value.faults] == ["1", "2", "3", "4"]
    assert "không có mã này" in str(error.value)


def test_replacing_before_marking_is_refused_with_the_cure():
    bare = portfolio(requirements=[{"papers": np.nan, "kind": "unknown"}])
    with pytest.raises(InvalidValue, match="procsim mark"):
        apply(bare, Plan([replace(1, "can_cuoc")]))


def test_an_empty_plan_and_an_empty_portfolio_stay_as_they_are():
    assert_same(apply(BASE, Plan()), BASE)
    empty = Portfolio.from_tables({})
    assert_same(apply(empty, Plan()), empty)
    assert conflicts(empty, Plan()) == []


def test_limits_cut_twice_by_percent_fall_one_after_the_other():
    after = apply(BASE, Plan([ShortenLimit(P, percent=50), ShortenLimit(P, percent=50)]))
    assert after.channels["limit_value"].tolist() == [5.0, 3.75, 7.5]


def test_hours_and_calendar_days_are_compared_as_working_days():
    base = portfolio(
        channels=[
            {"limit_value": 24.0, "limit_unit": "hour"},
            {"limit_value": 1.0, "limit_unit": "month"},
        ]
    )
    after = apply(base, Plan([ShortenLimit(P, days=3)])).channels
    assert after["limit_value"].tolist() == [24.0, 3.0]
    assert after["limit_unit"].tolist() == ["hour", "working_day"]
    after = apply(base, Plan([ShortenLimit(P, days=8, unit="hour")])).channels
    assert after["limit_value"].tolist() == [8.0, 8.0]
    assert after["limit_text"].tolist() == ["8 giờ", "8 giờ"]


def test_an_entered_limit_clears_the_doubt_about_the_old_one():
    base = portfolio(
        channels=[{"limit_value": 9.0, "limit_flag": "doubtful", "limit_proposed": 8.0}]
    )
    after = apply(base, Plan([ShortenLimit(P, days=4)])).channels.iloc[0]
    assert (after["limit_flag"], after["limit_mark"]) == ("", "nhập")
    assert np.isnan(after["limit_proposed"])


def test_a_fee_common_to_all_channels_is_split_when_one_of_them_is_free():
    after = apply(BASE, Plan([CutFee(P, amount_vnd=0, channel_method="online")]))
    of = after.fees.groupby("channel")["amount_vnd"].apply(sorted)
    assert of.to_dict() == {
        f"{P}/k1": [30000.0, 100000.0],
        f"{P}/k2": [30000.0, 100000.0],
        f"{P}/k3": [0.0, 0.0],
    }


def test_plans_add_up_with_names_notes_and_unmatched_rows():
    lost = Unmatched("I", "7", "1.000009", "Tên", "Giấy", "not_in_portfolio", Text("vì", "as"))
    one = Plan([DropRequirement(row(2))], name="Một", note="a", unmatched=[lost])
    two = Plan([AcceptCopy(row(3))], name="Hai", note="b", unmatched=[lost])
    both = one + two
    assert (both.name, both.note, len(both)) == ("Một + Hai", "a\nb", 2)
    assert both.unmatched == (lost,)
    assert both.reforms == one.reforms + two.reforms


def test_the_table_of_a_plan_states_change_route_and_missing_clarities():
    frame = Plan(
        [
            replace(2, "can_cuoc", coverage=0.9),
            ShortenLimit(P, days=5, owner="a", lead="b", signer="c", product="d", due="2027-03-01"),
        ]
    ).to_frame()
    assert frame.index.tolist() == [1, 2]
    assert frame["procedure"].tolist() == [P, P]
    assert frame["document_types"].iloc[0] == "can_cuoc"
    assert frame["databases"].iloc[0] == "csdl_dan_cu"
    assert frame["missing"].tolist() == ["time;responsibility;product;authority", ""]
    assert frame["due"].tolist() == ["", "2027-03-01"]
    assert frame["days"].iloc[1] == 5
    assert "thành phần hồ sơ" in frame["change_vi"].iloc[0]
    assert Plan().to_frame().columns.tolist() == frame.columns.tolist()


def test_only_reforms_make_a_plan():
    for wrong in ("Đợt 1", [1], 7):
        with pytest.raises(InvalidValue, match="đề xuất cải cách"):
            Plan(wrong)


def test_conflicts_name_the_reforms_that_do_not_go_together():
    plan = Plan(
        [
            ShortenLimit(P, days=5),
            ShortenLimit(P, days=5),
            ShortenLimit(P, days=3, channel=CHANNEL),
            AcceptCopy(row(1)),
            DropRequirement("1.000001/c1/r99"),
            AbolishProcedure("1.000002"),
            CutFee("1.000002", amount_vnd=0),
        ]
    )
    found = [(f.code, f.severity, f.place.split(" › ")[1]) for f in conflicts(BASE, plan)]
    assert found == [
        ("plan.unknown_target", "error", "5"),
        ("plan.fee_missing", "error", "7"),
        ("plan.repeated", "warning", "2"),
        ("plan.contradictory", "error", "3"),
        ("plan.meaningless", "warning", "7"),
        ("plan.no_effect", "warning", "4"),
    ]
    third = next(f for f in conflicts(BASE, plan) if f.code == "plan.contradictory")
    assert "đề xuất 1, 2" in third.message.vi


def test_channels_without_a_limit_are_named():
    base = portfolio(channels=[{"limit_value": 10.0}, {"limit_text": "Không quy định"}])
    plan = Plan([ShortenLimit(P, days=5)])
    (fault,) = conflicts(base, plan)
    assert (fault.code, fault.value) == ("plan.limit_partly_missing", "1")
    after = apply(base, plan).channels
    assert after["limit_value"].iloc[0] == 5
    assert np.isnan(after["limit_value"].iloc[1])
    assert after["limit_text"].iloc[1] == "Không quy định"


def test_a_full_exemption_needs_no_readable_amount():
    base = portfolio(fees=[{"amount_text": "theo biểu mức"}])
    for reform in (CutFee(P, percent=100), CutFee(P, amount_vnd=0)):
        after = apply(base, Plan([reform])).fees.iloc[0]
        assert (after["amount_vnd"], after["amount_text"]) == (0, "0 đồng")


def test_a_database_that_already_answers_for_a_row_is_said():
    first = Plan([replace(4, "giay_khai_sinh")])
    again = [f.code for f in conflicts(apply(BASE, first), first)]
    assert again == ["plan.no_effect"]


def test_what_is_gone_already_is_said():
    base = portfolio(
        requirements=[{"status": "dropped"}, {"procedure": "1.000002"}],
        procedures=[{}, {"status": "abolished"}],
    )
    plan = Plan([AcceptCopy(row(1)), DropRequirement("1.000002/c1/r2")])
    codes = [f.code for f in conflicts(base, plan)]
    assert codes.count("plan.meaningless") == 2


BAD_FILES = {
    "not yaml": ("a: [1", "không phải YAML"),
    "not utf-8": (b"\xff\xfe\x00a", "không phải YAML"),
    "no plan": ("a: 1", "không phải là phương án"),
    "a list": ("- 1", "không phải là phương án"),
    "empty": ("", "không phải là phương án"),
    "newer": ("procsim_plan: 2", "định dạng 2"),
    "aliases": ("procsim_plan: 1\nname: &a x\nnote: *a", "bí danh"),
    "twice": ("procsim_plan: 1\nname: a\nname: b", "Dòng 3: ô “name” ghi hai lần"),
    "deep": ("procsim_plan: 1\nreforms: " + "[" * 50 + "]" * 50, "lồng quá sâu"),
    "python object": ("procsim_plan: !!python/object:os.system {}", "không phải YAML"),
    "no list": ("procsim_plan: 1\nreforms: 7", "phải là một danh sách"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_plan_is_refused_with_words(name: str, tmp_path: Path):
    content, words = BAD_FILES[name]
    path = tmp_path / "xau.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UnreadableInput, match=words):
        Plan.read(path)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40), number=st.floats(0.001, 100))
def test_any_text_and_number_survive_yaml(text: str, number: float, tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "a.yaml"
    reform = ShortenLimit(P, percent=number, reason=text, legal_numbers=[text], article=text)
    plan = Plan([reform], name=text, note=text)
    plan.write(path)
    assert Plan.read(path) == plan


def test_numpy_numbers_become_plain_ones(tmp_path: Path):
    plan = Plan(
        [replace(2, "can_cuoc", coverage=np.float64(0.5)), CutFee(P, amount_vnd=np.int64(0))]
    )
    plan.write(tmp_path / "a.yaml")
    assert Plan.read(tmp_path / "a.yaml") == plan
    assert type(plan.reforms[0].coverage) is float


def test_a_plan_that_cannot_be_written_is_said(tmp_path: Path):
    with pytest.raises(ProcsimError, match="Thư mục không có"):
        Plan().write(tmp_path / "khong-co" / "a.yaml")


def test_name_version_and_note_are_text():
    with pytest.raises(InvalidValue, match="phải là chữ"):
        Plan(version=2)


def test_a_cut_in_percent_is_a_number_an_officer_would_write():
    base = portfolio(channels=[{"limit_value": 7.0}])
    after = apply(base, Plan([ShortenLimit(P, percent=30)])).channels
    assert after["limit_value"].tolist() == [4.9]
    assert after["limit_text"].tolist() == ["4,9 ngày làm việc"]


def test_a_missing_file_is_said_without_a_traceback(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="Không mở được"):
        Plan.read(tmp_path / "khong-co.yaml")


def test_all_wrong_reforms_of_a_file_come_at_once(tmp_path: Path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        """procsim_plan: 1
nam: sai
reforms:
- kind: shorten_limit
  procedure: '1.000001'
  percent: 130
- kind: bay_len_troi
- just text
- kind: drop_requirement
  requirment: x
unmatched:
- annex: 1
""",
        encoding="utf-8",
    )
    with pytest.raises(InvalidValue) as error:
        Plan.read(path)
    assert [(f.code, f.place) for f in error.value.faults] == [
        ("plan.field", "plan.yaml › nam"),
        ("reform.percent", "plan.yaml › reforms › 1 › shorten_limit › 1.000001 › percent"),
        ("plan.kind", "plan.yaml › reforms › 2"),
        ("plan.kind", "plan.yaml › reforms › 3"),
        ("plan.field", "plan.yaml › reforms › 4 › requirment"),
        ("plan.value", "plan.yaml › unmatched › 1"),
    ]


def test_a_plan_for_794_of_1836_procedures_is_applied_in_half_a_second():
    ids = [f"1.{i:06d}" for i in range(1, 1837)]
    rows = [{"procedure": i, "types": "can_cuoc", "originals": 1} for i in ids for _ in range(6)]
    large = portfolio(
        rows,
        channels=[{"procedure": i, "limit_value": 20.0} for i in ids for _ in range(3)],
        fees=[{"procedure": i, "amount_vnd": 50000.0} for i in ids],
        procedures=[{} for _ in ids],
    )
    first = large.requirements.groupby("procedure").head(1).index[:794]
    plan = Plan(
        [ReplaceByData(i, ("can_cuoc",), ("csdl_dan_cu",)) for i in first]
        + [ShortenLimit(i, percent=50) for i in ids[:794]]
        + [CutFee(i, percent=50) for i in ids[:794]]
    )
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        after = apply(large, plan)
        seconds.append(time.perf_counter() - start)
    assert after.requirements["replaced"].sum() == 794
    assert (after.channels["limit_value"] == 10).sum() == 794 * 3
    assert min(seconds) <= 0.5


# Plans as sequences


def test_a_plan_is_iterated_sliced_and_filtered():
    cuts = [ShortenLimit(P, days=day) for day in (9, 8, 7)]
    plan = Plan([*cuts, DropRequirement(row(1)), CutFee(P, amount_vnd=0)], name="Đợt 1", note="n")
    assert list(plan) == list(plan.reforms)
    assert plan[0] == cuts[0]
    assert plan[-1].kind == "cut_fee"
    assert plan[1:3] == Plan(cuts[1:], name="Đợt 1", note="n")
    assert [reform.kind for reform in plan.filter(kind=["cut_fee", "drop_requirement"])] == [
        "drop_requirement",
        "cut_fee",
    ]
    assert list(plan.filter(lambda reform: getattr(reform, "days", None) == 8)) == [cuts[1]]
    assert len(plan.filter(kind="shorten_limit", procedure=P)) == 3
    assert len(plan.filter(target=row(1))) == 1
    assert len(plan.filter(procedure="9.999999")) == 0
    with pytest.raises(ProcsimError, match="muc_tieu"):
        plan.filter(muc_tieu="x")
