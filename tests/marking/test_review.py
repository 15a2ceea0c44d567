"""Officers' decisions: taken, applied to equal rows, undone, carried over, shared, learned from."""

from __future__ import annotations

import json
import time
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.cli import main
from procsim.errors import InvalidValue, UnknownName
from procsim.marking import (
    Decision,
    VariantMatcher,
    carry_decisions,
    confirm,
    decide,
    decide_equal,
    decisions_frame,
    equal_rows,
    explain,
    mark,
    mark_lines,
    replaceable,
    review_queue,
    take_decisions,
    training_rows,
    undo,
)
from procsim.marking.officer import row_key, standing
from procsim.marking.queue import QUEUE_COLUMNS, alternatives_text
from procsim.measures import measure
from procsim.measures.cost import row_stakes
from procsim.model.check import check
from procsim.model.portfolio import Portfolio
from procsim.readers import read_folder, read_workbook, write_folder, write_workbook
from procsim.readers.folder import read_decisions, write_decisions
from procsim.readers.portal import read_portal
from procsim.reference import document_types
from procsim.reforms import resolution_66_7
from procsim.sample import load_sample
from tests.shared import SHARED, needs_shared

DAY = date(2026, 3, 2)
HEALTH = "Giấy khám sức khỏe"
VAGUE = "Vật chứng minh năng lực của người dự tuyển"
FIRST = "1.000001/c1/r1"
# What the rules alone are sure of does not change when the model learns again.
RULES = VariantMatcher(document_types())


def build(dossiers, **procedures) -> Portfolio:
    """Return a portfolio from {code: {case name: [row text, …]}}."""
    cases, rows = [], []
    for code, of in dossiers.items():
        for c, (case, names) in enumerate(of.items(), start=1):
            cases.append({"id": f"{code}/c{c}", "procedure": code, "position": c, "name": case})
            rows += [
                {
                    "id": f"{code}/c{c}/r{r}",
                    "procedure": code,
                    "case": f"{code}/c{c}",
                    "position": r,
                    "name": name,
                    "originals": 1,
                }
                for r, name in enumerate(names, start=1)
            ]
    heads = [
        {"id": code, "code": code, "name": f"Cấp thẻ {code}", "ministry": "Bộ Thử nghiệm"}
        | procedures.get(code.replace(".", "_"), {})
        for code in dossiers
    ]
    frames = {"procedures": heads, "cases": cases, "requirements": rows}
    return Portfolio.from_tables({name: pd.DataFrame(made) for name, made in frames.items()})


SMALL_ROWS = {
    "1.000001": {"": [VAGUE, "Đơn đề nghị", HEALTH]},
    "1.000002": {"": [HEALTH + ".", "- " + VAGUE + ";", "Ảnh 3x4"]},
    "1.000003": {"Đối với người nước ngoài": [VAGUE, "a) " + HEALTH.upper()]},
    "1.000004": {"Lưu ý:": [VAGUE]},
}


def small() -> Portfolio:
    return mark(build(SMALL_ROWS))


def said(requirement=FIRST, kind="note", **more) -> Decision:
    given = {"decided_by": "Trần Lan", "decided_on": DAY, "reason": "Đã hỏi đơn vị chuyên môn"}
    return Decision(requirement=requirement, kind=kind, **(given | more))


# -- a decision is a value


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"kind": "paper"}, "Loại"),
        ({"kind": "document", "types": ("no_such",)}, "no_such"),
        ({"types": ("can_cuoc",)}, "Ghi chú"),
        ({"kind": "document", "replaceable": "full"}, "có loại"),
        ({"kind": "form", "types": ("can_cuoc",), "replaceable": "part"}, "Chỉ giấy tờ"),
        ({"decided_by": " "}, "ai, ngày nào"),
        ({"reason": ""}, "vì sao"),
        ({"relation": "some"}, "Quan hệ"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(wrong, word):
    with pytest.raises(InvalidValue, match=word):
        said(**wrong)


def test_all_that_is_wrong_with_a_decision_is_told_at_once():
    with pytest.raises(InvalidValue) as stop:
        said(kind="paper", decided_by="", types=("x", "y"))
    assert len(stop.value.faults) == 4


def test_one_type_has_no_relation():
    assert said(kind="document", types=("can_cuoc", "can_cuoc"), relation="all").relation == "one"


# -- decisions win


def test_a_decision_can_say_note_form_or_no_listed_paper():
    for kind, papers in (("note", 0), ("form", 1), ("document", 1)):
        portfolio = decide(small(), said("1.000001/c1/r3", kind))
        row = portfolio.requirements.loc["1.000001/c1/r3"]
        assert (row["kind"], row["types"], row["papers"]) == (kind, "", papers)
        assert replaceable(portfolio)["1.000001/c1/r3"] == "no"
        assert not (portfolio.marks["requirement"] == "1.000001/c1/r3").any()
        assert check(portfolio) == check(small())


def test_a_decision_wins_over_the_machine_and_stays_when_marked_again():
    whole = said(FIRST, "document", types=("giay_khai_sinh", "giay_cn_ket_hon"), relation="all")
    portfolio = mark(mark(decide(small(), whole)))
    row = portfolio.requirements.loc[FIRST]
    assert (row["kind"], row["relation"], row["papers"]) == ("document", "all", 2)
    own = portfolio.marks[portfolio.marks["requirement"] == FIRST]
    assert list(own["document_type"].unique()) == ["giay_khai_sinh", "giay_cn_ket_hon"]
    assert set(own["source"]) == {"officer"}
    assert set(own["decided_by"]) == {"Trần Lan"}
    assert set(own["decided_on"]) == {"2026-03-02"}
    assert own["legal_basis"].str.contains("Điều 4 khoản 2").any()
    assert replaceable(portfolio)[FIRST] == "full"
    line = next(iter(mark_lines(portfolio)))
    assert (line["confidence"], line["review"]) == (1.0, False)


def test_what_is_decided_reaches_the_measures_and_the_plan():
    before = measure(small())["documents"]
    portfolio = decide(small(), said("1.000001/c1/r3"))
    assert measure(portfolio).at["1.000001", "documents"] == before["1.000001"] - 1
    rows = {reform.requirement for reform in resolution_66_7(portfolio).reforms}
    assert "1.000001/c1/r3" not in rows
    assert "1.000002/c1/r1" in rows


def test_replaceable_can_be_decided_within_the_law():
    health = "1.000001/c1/r3"
    no = decide(small(), said(health, "document", types=("giay_kham_suc_khoe",), replaceable="no"))
    assert replaceable(no)[health] == "no"
    assert set(no.marks[no.marks["requirement"] == health]["class"]) == {"none"}
    foreign = "1.000003/c1/r2"
    assert replaceable(small())[foreign] == "no"
    full = said(foreign, "document", types=("giay_kham_suc_khoe",), replaceable="full")
    portfolio = decide(small(), full)
    assert replaceable(portfolio)[foreign] == "full"
    assert replaceable(portfolio, on=date(2025, 6, 1))[foreign] == "no"  # nothing in force yet
    listed = portfolio.marks[portfolio.marks["requirement"] == foreign]
    assert "listed" in set(listed["class"])
    # No database is listed for photographs: no officer can decide otherwise.
    photo = "1.000002/c1/r3"
    portfolio = decide(small(), said(photo, "document", types=("anh_the",), replaceable="full"))
    assert replaceable(portfolio)[photo] == "no"


def test_the_latest_decision_stands_and_undo_brings_the_earlier_back():
    portfolio = decide(small(), said(reason="một"))
    portfolio = decide(portfolio, said(kind="form", reason="hai"))
    assert portfolio.requirements.at[FIRST, "kind"] == "form"
    frame = decisions_frame(portfolio)
    assert frame["reason"].tolist() == ["hai", "một"]
    assert frame["state"].tolist() == ["stands", "replaced"]
    portfolio = undo(portfolio, frame.index[0])
    assert portfolio.requirements.at[FIRST, "kind"] == "note"
    # One that is dated earlier does not push a later one aside.
    portfolio = decide(portfolio, said(kind="form", decided_on=date(2026, 1, 1)))
    assert portfolio.requirements.at[FIRST, "kind"] == "note"


def test_a_decision_on_other_words_is_refused():
    with pytest.raises(InvalidValue, match="không còn nội dung"):
        decide(small(), said(name="Một dòng khác"))
    assert len(decide(small(), said(name=f"+ {VAGUE.upper()}.")).decisions) == 1


def test_unknown_rows_and_decisions_are_told():
    with pytest.raises(UnknownName, match="Không có thành phần hồ sơ"):
        decide(small(), said("9.999999/c1/r1"))
    for act in (undo, decide_equal):
        with pytest.raises(UnknownName, match="Không có quyết định"):
            act(small(), "9.999999/c1/r1/q1")


def test_a_row_edited_after_the_decision_is_not_decided_by_it():
    portfolio = decide(small(), said(FIRST, "document", types=("van_bang",)))
    rows = portfolio.requirements.copy()
    rows.loc[FIRST, "name"] = "Bản sao hợp đồng lao động"
    portfolio = mark(portfolio.replace(requirements=rows))
    assert portfolio.requirements.at[FIRST, "types"] == "hop_dong_lao_dong"
    assert not (portfolio.marks["source"] == "officer").any()
    assert [fault.code for fault in portfolio.faults] == ["decision.text_changed"]
    assert mark(portfolio).faults == portfolio.faults
    assert decisions_frame(portfolio)["state"].tolist() == ["changed"]


# -- equal rows


def test_equal_rows_are_shown_before_and_decided_on_request():
    portfolio = decide(small(), said())
    equal = equal_rows(portfolio, FIRST)
    # Not the foreigners' row, and not the one under a remark.
    assert equal.index.tolist() == ["1.000002/c1/r2"]
    assert equal["procedure_name"].tolist() == ["Cấp thẻ 1.000002"]
    assert equal["decided"].tolist() == [False]
    number = portfolio.decisions.index[0]
    spread = decide_equal(portfolio, number)
    assert spread.requirements.at["1.000002/c1/r2", "kind"] == "note"
    assert spread.decisions["copied_from"].tolist() == ["", number]
    assert decide_equal(spread, number).equals(spread)
    assert decide_equal(portfolio, number, []).equals(portfolio)
    with pytest.raises(UnknownName):
        decide_equal(portfolio, number, ["1.000003/c1/r1"])


def test_undoing_takes_the_copies_along_and_a_copy_alone():
    portfolio = decide(small(), said())
    number = portfolio.decisions.index[0]
    spread = decide_equal(portfolio, number)
    assert undo(spread, spread.decisions.index[1]).equals(portfolio)
    assert undo(spread, number).equals(small())


def test_only_a_decision_in_force_is_applied_elsewhere():
    portfolio = decide(decide(small(), said()), said(kind="form"))
    with pytest.raises(InvalidValue, match="đang có hiệu lực"):
        decide_equal(portfolio, portfolio.decisions.index[0])


choices = st.sampled_from(
    [
        ("note", (), "one", None),
        ("form", (), "one", None),
        ("document", (), "one", None),
        ("document", ("giay_khai_sinh",), "one", None),
        ("document", ("giay_khai_sinh", "ho_chieu"), "any", "full"),
        ("document", ("can_cuoc", "van_bang"), "all", "part"),
        ("document", ("can_cuoc", "van_bang", "ho_chieu"), "mixed", "no"),
    ]
)
SMALL = small()
RAW = build({"1.000001": {"": [VAGUE, "Đơn đề nghị", HEALTH]}})
acts = st.lists(
    st.tuples(st.sampled_from(SMALL.requirements.index.tolist()), choices, st.booleans()),
    min_size=1,
    max_size=4,
)


@settings(max_examples=6, deadline=None)
@given(acts, st.randoms())
def test_decisions_undone_in_any_order_leave_the_portfolio_as_it_was(chosen, random):
    portfolio = SMALL
    for requirement, (kind, types, relation, answer), everywhere in chosen:
        portfolio = decide(
            portfolio, said(requirement, kind, types=types, relation=relation, replaceable=answer)
        )
        if everywhere:
            portfolio = decide_equal(portfolio, portfolio.decisions.index[-1])
    assert mark(portfolio).equals(portfolio)
    while len(portfolio.decisions):
        portfolio = undo(portfolio, random.choice(portfolio.decisions.index.tolist()))
    assert portfolio.equals(SMALL)
    assert portfolio.faults == SMALL.faults


@given(choices)
@settings(max_examples=5, deadline=None)
def test_on_rows_not_yet_marked_a_decision_waits_for_marking(choice):
    kind, types, relation, answer = choice
    made = decide(RAW, said(kind=kind, types=types, relation=relation, replaceable=answer))
    assert made.requirements.equals(RAW.requirements)
    assert undo(made, made.decisions.index[0]).equals(RAW)
    assert mark(made).requirements.at[FIRST, "kind"] == kind


# -- a newer snapshot

CASES = ("Cấp mới", "Cấp lại", "Cấp đổi")
TEXTS = (VAGUE, HEALTH, "Đơn đề nghị cấp thẻ", "Ảnh chân dung 3x4", "Bản sao hợp đồng lao động")
dossiers = st.dictionaries(
    st.sampled_from(["1.000001", "1.000002", "1.000003"]),
    st.dictionaries(
        st.sampled_from(CASES), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=5), min_size=1
    ),
    min_size=1,
)


def shuffled(of, random):
    """Return the dossiers with procedures, cases and rows in another order."""
    codes = list(of)
    random.shuffle(codes)
    made = {}
    for code in codes:
        cases = list(of[code])
        random.shuffle(cases)
        made[code] = {case: random.sample(of[code][case], len(of[code][case])) for case in cases}
    return made


def decided_in(portfolio):
    """Return what stands on which words in which case of which procedure."""
    rows = portfolio.requirements
    return sorted(
        (
            rows.at[requirement, "procedure"],
            portfolio.cases.at[rows.at[requirement, "case"], "name"],
            row_key(rows.at[requirement, "name"]),
            made.reason,
        )
        for requirement, made in standing(portfolio).items()
    )


@settings(max_examples=10, deadline=None)
@given(dossiers, st.data(), st.randoms())
def test_decisions_survive_reordered_and_renumbered_rows(of, data, random):
    old = build(of)
    chosen = data.draw(st.lists(st.sampled_from(old.requirements.index.tolist()), min_size=1))
    old = decide(old, [said(r, reason=f"lý do {n}") for n, r in enumerate(chosen)])
    new, faults = carry_decisions(old, build(shuffled(of, random)))
    assert faults == []
    assert decided_in(new) == decided_in(old)
    assert len(new.decisions) == len(old.decisions)
    again, faults = carry_decisions(old, new)
    assert (faults, again.equals(new)) == ([], True)


letters = st.text("abcđêơ ()0123456789", min_size=1, max_size=6)


edits = st.tuples(st.sampled_from(TEXTS), letters, st.integers(0, 40), st.booleans())


@settings(max_examples=10, deadline=None)
@given(st.lists(edits, min_size=1, max_size=25))
def test_a_changed_text_is_never_silently_decided(made):
    texts, changed = {}, {}
    for number, (text, piece, at, cut) in enumerate(made):
        code = f"1.{number:06d}"
        texts[code] = text
        changed[code] = text[:at] + piece + text[at + (len(piece) if cut else 0) :]
    old = build({code: {"": [text, "Giấy ủy quyền"]} for code, text in texts.items()})
    old = decide(old, [said(f"{code}/c1/r1", name=text) for code, text in texts.items()])
    fresh = build({code: {"": [text, "Giấy ủy quyền"]} for code, text in changed.items()})
    new, faults = carry_decisions(old, fresh)
    same = {code for code in texts if row_key(changed[code]) == row_key(texts[code])}
    assert set(standing(new)) == {f"{code}/c1/r1" for code in same}
    assert len(faults) == len(texts) - len(same)
    assert {fault.severity for fault in faults} <= {"warning"}
    assert sorted(new.decisions["code"]) == sorted(texts)  # kept: in force, or waiting
    waiting = new.decisions[new.decisions["requirement"] == ""]
    assert set(waiting["code"]) == set(texts) - same
    kinds = mark(fresh).requirements["kind"]
    rest = [f"{code}/c1/r1" for code in texts if code not in same]
    assert mark(new).requirements["kind"][rest].equals(kinds[rest])


def test_each_reason_why_a_decision_waits():
    old = build({"1.000001": {"Cấp mới": [VAGUE], "Cấp lại": [VAGUE]}})
    old = decide(old, said())

    def carried(of):
        new, faults = carry_decisions(old, build(of))
        assert standing(new) == {}
        assert decisions_frame(new)["state"].tolist() == ["waiting"]
        assert check(mark(new))[0].code == "decision.waiting"
        (fault,) = faults
        return fault.code, fault.proposal

    assert carried({"1.000009": {"": [VAGUE]}}) == ("decision.procedure_gone", "")
    assert carried({"1.000001": {"": ["Đơn"]}}) == ("decision.row_gone", "")
    longer = VAGUE.replace("năng lực", "năng lực tài chính")
    assert carried({"1.000001": {"": ["Đơn", longer]}}) == (
        *("decision.text_changed", "1.000001/c1/r2"),
    )
    assert carried({"1.000001": {"Lưu ý:": [VAGUE]}}) == (
        *("decision.context_changed", "1.000001/c1/r1"),
    )
    two = {"1.000001": {"Trường hợp A": [VAGUE], "Trường hợp B": [VAGUE]}}
    assert carried(two) == ("decision.ambiguous", "1.000001/c1/r1, 1.000001/c2/r1")


def test_a_decision_that_waits_is_confirmed_by_an_officer():
    old = decide(build({"1.000001": {"": [VAGUE]}}), said())
    changed = VAGUE.replace("năng lực", "năng lực tài chính")
    new, (fault,) = carry_decisions(old, mark(build({"1.000001": {"": ["Đơn", changed]}})))
    assert "→" in fault.value
    assert fault.proposal in fault.cure.vi
    made = confirm(new, new.decisions.index[0], fault.proposal, "Lê Minh", date(2026, 4, 1))
    (decision,) = standing(made).values()
    assert (decision.requirement, decision.name) == ("1.000001/c1/r2", changed)
    assert (decision.decided_by, decision.reason) == ("Lê Minh", "Đã hỏi đơn vị chuyên môn")
    assert made.requirements.at["1.000001/c1/r2", "kind"] == "note"
    assert made.faults == ()


def test_waiting_decisions_are_tried_again_with_the_next_snapshot():
    first = decide(build({"1.000001": {"": [VAGUE]}}), said())
    second, _ = carry_decisions(first, build({"1.000001": {"": ["Đơn"]}}))
    third, faults = carry_decisions(second, build({"1.000001": {"": ["Đơn", VAGUE]}}))
    assert faults == []
    assert list(standing(third)) == ["1.000001/c1/r2"]


def test_two_officers_who_differ_are_told_and_the_later_stands():
    mine = decide(small(), said(decided_by="An"))
    theirs = decide(small(), said(kind="form", decided_by="Bình", decided_on=date(2026, 5, 1)))
    both, faults = take_decisions(theirs.decisions, mine)
    assert [fault.code for fault in faults] == ["decision.conflict"]
    assert "Bình, 2026-05-01" in faults[0].message.vi
    assert both.requirements.at[FIRST, "kind"] == "form"
    both, _ = take_decisions(mine.decisions, theirs)
    assert both.requirements.at[FIRST, "kind"] == "form"


# -- round trips


def decided() -> Portfolio:
    types = ("giay_khai_sinh", "ho_chieu")
    portfolio = decide(
        small(), said(kind="document", types=types, relation="any", replaceable="part")
    )
    portfolio = decide_equal(portfolio, portfolio.decisions.index[0])
    portfolio = decide(portfolio, said("1.000001/c1/r3", reason="= lời dẫn; “có dấu”"))
    other = decide(build({"2.000009": {"": ["Giấy lạ"]}}), said("2.000009/c1/r1"))
    return take_decisions(other.decisions, portfolio)[0]


@pytest.mark.parametrize("kind", ["workbook", "folder"])
def test_decisions_come_back_from_files(tmp_path, kind):
    portfolio = decided()
    path = tmp_path / ("a.xlsx" if kind == "workbook" else "a")
    write, read = (
        (write_workbook, read_workbook) if kind == "workbook" else (write_folder, read_folder)
    )
    write(portfolio, path)
    back = read(path)
    assert back.decisions.equals(portfolio.decisions)
    assert back.equals(portfolio)
    assert mark(back).equals(portfolio)


def test_decisions_are_shared_as_one_file(tmp_path):
    portfolio = decided()
    path = tmp_path / "quyết định.csv"
    assert write_decisions(portfolio, path) == ()
    table, faults = read_decisions(path)
    assert faults == []
    assert table.equals(portfolio.decisions)
    taken, faults = take_decisions(table, small())
    assert [fault.code for fault in faults] == ["decision.procedure_gone"]
    assert taken.requirements.equals(portfolio.requirements)
    assert {row["id"] for row in training_rows(taken)} == {
        row["id"] for row in training_rows(portfolio)
    }


def test_decisions_written_by_hand_need_only_words(tmp_path):
    path = tmp_path / "tay.csv"
    path.write_text(
        "Mã TTHC,Dòng hồ sơ khi quyết định,Loại,Người quyết định,Ngày quyết định,Lý do\n"
        f"1.000001,{VAGUE},ghi chú,Lan,02/03/2026,Không phải giấy tờ\n"
        f"1.000001,{HEALTH},giấy tờ,,02/03/2026,Thiếu tên\n",
        encoding="utf-8",
    )
    table, faults = read_decisions(path)
    assert "reader.required" in {fault.code for fault in faults}
    portfolio, faults = take_decisions(table, small())
    assert [fault.code for fault in faults] == ["decision.invalid"]
    assert portfolio.requirements.at[FIRST, "kind"] == "note"


# -- the queue


def test_the_queue_is_ordered_by_effect_and_groups_equal_rows():
    portfolio = mark(
        build(
            {
                "1.000001": {"": [VAGUE, "Đơn đề nghị"]},
                "1.000002": {"": ["- " + VAGUE]},
                "1.000003": {"": ["Vật khác mà người dự tuyển tự chuẩn bị"]},
            },
            **{"1_000003": {"times_per_year": 2, "subjects_per_year": 50}},
        ),
        matcher=RULES,
    )
    queue = review_queue(portfolio, matcher=RULES)
    assert tuple(queue.columns) == QUEUE_COLUMNS
    assert queue["requirement"].tolist() == ["1.000003/c1/r1", FIRST]
    assert queue["dossiers_per_year"].tolist() == [100, 2]
    assert queue["volume"].tolist() == ["known", "one"]
    assert queue["effect_documents"].tolist() == [100, 2]
    assert queue["effect_vnd"].isna().all()
    assert queue["rows"].tolist() == [1, 2]
    assert queue["codes"].tolist() == ["1.000003", "1.000001;1.000002"]
    assert queue["alternatives"].tolist() == ["note:-1;form:+0"] * 2
    # A dear paper of few dossiers goes before a cheap one of many.
    saving = pd.Series(1000.0, index=portfolio.requirements.index)
    saving[FIRST] = 200_000.0
    queue = review_queue(portfolio, saving, matcher=RULES)
    assert queue["requirement"].tolist() == [FIRST, "1.000003/c1/r1"]
    assert queue["effect_vnd"].tolist() == [201_000, 100_000]
    # What is decided leaves the queue.
    settled = decide(portfolio, said(), matcher=RULES)
    settled = decide_equal(settled, settled.decisions.index[0], matcher=RULES)
    assert review_queue(settled, matcher=RULES)["requirement"].tolist() == ["1.000003/c1/r1"]


def test_alternatives_in_words():
    both = alternatives_text("note:-1;form:+0;type:the_bhyt:-1;relation:all:+2")
    assert both.vi.startswith("ghi chú: bớt 1 giấy tờ; đơn, tờ khai: không đổi; ")
    assert both.en.endswith("all papers are due: 2 documents more")
    assert "the_bhyt" not in both.vi + both.en


def test_stakes_are_the_cost_lines_of_the_rows_and_of_notes_as_papers():
    portfolio = small()
    stakes = row_stakes(portfolio)
    assert (stakes[portfolio.requirements["kind"] != "note"] > 0).all()
    assert stakes["1.000004/c1/r1"] == 0  # under a remark: in no figure
    noted = decide(portfolio, said("1.000001/c1/r3"))
    assert row_stakes(noted)["1.000001/c1/r3"] == stakes["1.000001/c1/r3"]
    assert row_stakes(Portfolio.from_tables({})).empty
    assert review_queue(Portfolio.from_tables({})).empty


# -- why, and learning


def test_explain_tells_who_when_why_and_what_the_machine_would_say():
    portfolio = decide(small(), said(kind="document", types=("giay_khai_sinh",)))
    text = explain(portfolio, FIRST)
    for word in ("Trần Lan", "2026-03-02", "Đã hỏi đơn vị chuyên môn", "Giấy khai sinh"):
        assert word in text.vi
    assert "Điều 4 khoản 2" in text.vi
    assert "Nếu không có quyết định, máy đọc" in text.vi
    assert "Without the decision the machine reads" in text.en
    assert "Reason: Đã hỏi" in text.en
    spread = decide_equal(portfolio, portfolio.decisions.index[0])
    assert f"{FIRST}/q1" in explain(spread, "1.000002/c1/r2").vi
    plain = decide(small(), said(kind="document"))
    assert "không có loại nào trong danh mục" in explain(plain, FIRST).vi


def test_explain_names_clause_dates_scope_and_applicants():
    portfolio = mark(
        build({"1.000001": {"Đối với doanh nghiệp": ["Phiếu lý lịch tư pháp của giám đốc"]}})
    )
    text = explain(portfolio, FIRST)
    assert "phiếu lý lịch tư pháp" in text.vi
    assert "Điều 4 khoản 8" in text.vi
    assert "từ 2026-01-01, đến 2027-02-28" in text.vi
    assert "since 2026-01-01, until 2027-02-28" in text.en
    assert "người nộp: " in text.vi
    assert "applicants: " in text.en
    assert "Criminal" in text.en or "criminal" in text.en


def test_decisions_are_labelled_rows_for_learning():
    portfolio = decide(small(), said(kind="document", types=("giay_khai_sinh",)))
    portfolio = decide_equal(portfolio, portfolio.decisions.index[0])
    (row,) = training_rows(portfolio)  # the copy teaches nothing new
    assert row["name"] == VAGUE
    assert (row["kind"], row["types"], row["relation"]) == ("document", ["giay_khai_sinh"], "one")
    assert (row["replaceable"], row["sure"]) == ("full", True)
    assert set(row) == {
        *("id", "code", "ministry", "procedure", "case", "row", "name", "originals", "copies"),
        *("form", "kind", "types", "relation", "replaceable", "conditional", "certified", "sure"),
    }
    assert json.loads(json.dumps(row)) == row
    assert list(training_rows(small())) == []


# -- the command line


def test_the_command_line_prints_the_queue_and_applies_decisions(tmp_path, capsys):
    folder, csv = tmp_path / "tt", tmp_path / "qd.csv"
    # Which of three papers are due together is for an officer to say.
    mixed = {"1.000005": {"": ["Thẻ căn cước và giấy khai sinh hoặc hộ chiếu"]}}
    write_folder(build(SMALL_ROWS | mixed), folder)
    write_decisions(decided(), csv)

    def call(*words):
        code = main(["mark", str(folder), *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    code, out, err = call("--queue", "1", "--json")
    assert (code, err, len(out.splitlines())) == (0, "", 1)
    line = json.loads(out)
    assert set(line) == set(QUEUE_COLUMNS)
    assert line["effect_vnd"] > 0
    code, out, _ = call("--queue")
    assert "dòng giống nhau" in out
    assert "phải có tất cả: thêm 1 giấy tờ" in out
    code, out, err = call("--decisions", csv, "--json")
    lines = [json.loads(text) for text in out.splitlines()]
    assert lines[0]["types"] == ["giay_khai_sinh", "ho_chieu"]
    assert lines[0]["replaceable"] == "part"
    assert lines[2]["kind"] == "note"
    assert "2.000009" in err  # the one that fits no row is told, and blocks nothing
    assert code == 0
    code, out, _ = call("--decisions", csv, "--queue", "--lang", "en")
    assert "0 shown" in out or "equal rows" in out
    code, _, err = call("--decisions", tmp_path / "không có.csv")
    assert (code, bool(err)) == (2, True)


def test_decisions_become_labels_that_the_model_learns_from(tmp_path, capsys):
    folder, labels, model = tmp_path / "tt", tmp_path / "nhan.jsonl", tmp_path / "moi.npz"
    write_folder(decided(), folder)
    assert main(["mark", str(folder), "--training", str(labels)]) == 0
    rows = [json.loads(text) for text in labels.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(list(training_rows(decided()))) > 0
    assert main(["train", "--labels", str(labels), "-o", str(model)]) == 0
    capsys.readouterr()
    assert main(["mark", str(folder), "--model", str(model), "--json"]) == 0
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert lines[0]["types"] == ["giay_khai_sinh", "ho_chieu"]
    assert main(["mark", str(folder), "--model", str(labels)]) == 2
    assert capsys.readouterr().err


# -- the sample and the real records


def test_the_queue_of_the_sample_uses_its_volumes():
    portfolio = mark(load_sample())
    queue = review_queue(portfolio, row_stakes(portfolio))
    assert queue["effect_vnd"].is_monotonic_decreasing
    assert queue["effect_vnd"].iloc[0] > 1e9
    assert queue["volume"].iloc[0] == "known"


@needs_shared
def test_the_queue_of_the_real_records_is_quick_and_sensible():
    portfolio = mark(read_portal(SHARED / "portal" / "procedures.jsonl.gz"))
    saving = row_stakes(portfolio)
    started = time.process_time()
    queue = review_queue(portfolio, saving)
    assert time.process_time() - started <= 2
    assert 0 < len(queue) < queue["rows"].sum() < 0.2 * len(portfolio.requirements)
    top = queue.head(20)
    assert (top["effect_vnd"] > 0).all()
    assert (top["documents_at_stake"] >= 1).all()
    assert top["rows"].max() > 5  # what stands in many procedures comes first
    started = time.process_time()
    made = decide(portfolio, said(queue["requirement"][0]))
    made = decide_equal(made, made.decisions.index[0])
    assert len(made.decisions) == queue["rows"][0]
    assert undo(made, made.decisions.index[0]).equals(portfolio)
    assert time.process_time() - started <= 5
