"""Two snapshots: what the published procedures changed, and what did not change."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.model.diff import AREAS, diff, procedure_pairs, row_pairs
from procsim.model.portfolio import Portfolio

P, Q = "1.000001", "1.000002"
PAPERS = ("Tờ khai theo mẫu", "Giấy khai sinh của con", "Bản sao hộ chiếu còn hạn")


def snapshot(
    papers: tuple[str, ...] = PAPERS,
    /,
    *,
    procedures: tuple[dict[str, Any], ...] = ({"id": P}, {"id": Q}),
    limit: float = 7.0,
    limit_text: str = "7 ngày làm việc",
    fee: str = "20.000 đồng",
    amount: float = 20_000.0,
    conditions: tuple[str, ...] = ("Có chỗ ở hợp pháp.",),
    steps: tuple[str, ...] = ("Nộp hồ sơ tại bộ phận một cửa.", "Trả kết quả."),
    bases: tuple[str, ...] = ("68/2020/QH14",),
    **rows: Any,
) -> Portfolio:
    owner = procedures[0]["id"]

    def many(letter: str, column: str, texts: tuple[str, ...], **more: Any) -> pd.DataFrame:
        ids = [f"{owner}/{letter}{i}" for i in range(1, len(texts) + 1)]
        position = range(1, len(texts) + 1)
        frame = pd.DataFrame({"id": ids, column: texts, "position": position, **more})
        return frame.assign(procedure=owner)

    tables = {
        "procedures": pd.DataFrame(
            [{"code": p["id"], "name": f"Thủ tục {p['id']}", "ministry": "Bộ A", **p}
             for p in procedures]
        ),
        "cases": many("c", "name", ("",)),
        "channels": many("k", "method", ("online",), limit_text=limit_text, limit_value=limit,
                         limit_unit="working_day"),
        "fees": many("f", "amount_text", (fee,), amount_vnd=amount, kind="le_phi",
                     channel=f"{owner}/k1"),
        "requirements": many("c1/r", "name", papers, case=f"{owner}/c1", originals=1,
                             **rows),
        "conditions": many("d", "text", conditions),
        "steps": many("s", "text", steps),
        "legal_bases": many("l", "number", bases).drop(columns="position"),
    }  # fmt: skip
    return Portfolio.from_tables(tables)


def changes(old: Portfolio, new: Portfolio) -> list[tuple[str, str, str, str, str]]:
    frame = diff(old, new).frame
    return list(frame[["area", "kind", "item", "before", "after"]].itertuples(index=False))


def test_a_snapshot_does_not_differ_from_itself_however_it_is_read():
    read_otherwise = snapshot(
        tuple(f"  {name.upper()} " for name in PAPERS),
        limit_text="07 ngày làm việc",
        kind="document",
        types="giay_khai_sinh",
        papers=1.0,
        hours=2.0,
    )
    assert changes(snapshot(), read_otherwise) == []
    assert diff(snapshot(), snapshot()).text() == (
        "2 thủ tục trước, 2 thủ tục sau: 0 mới, 0 hết hiệu lực, 0 có thay đổi; "
        "tổng cộng 0 thay đổi."
    )


def test_procedures_added_ended_and_abolished():
    old = snapshot(procedures=({"id": P}, {"id": Q}, {"id": "1.000003"}))
    new = snapshot(procedures=({"id": P}, {"id": Q, "status": "abolished"}, {"id": "1.000004"}))
    made = diff(old, new)
    assert changes(old, new) == [
        ("procedure", "added", "procedures", "", "Thủ tục 1.000004"),
        ("procedure", "removed", "procedures", f"Thủ tục {Q}", ""),
        ("procedure", "removed", "procedures", "Thủ tục 1.000003", ""),
    ]
    assert made.frame["procedure"].tolist() == ["1.000004", Q, "1.000003"]
    assert (made.old, made.new) == (3, 2)


def test_general_information_is_compared_in_words():
    old = snapshot(procedures=({"id": P, "online": "partial", "decision": "1/QĐ-A"},))
    new = snapshot(procedures=({"id": P, "online": "full", "decision": "9/QĐ-A",
                                "levels": "province;commune"},))  # fmt: skip
    assert changes(old, new) == [
        ("procedure", "changed", "procedures.levels", "", "cấp tỉnh; cấp xã"),
        ("procedure", "changed", "procedures.online", "một phần", "toàn trình"),
        ("procedure", "changed", "procedures.decision", "1/QĐ-A", "9/QĐ-A"),
    ]


def test_limits_fees_conditions_steps_and_legal_bases():
    new = snapshot(
        limit=5.0,
        limit_text="5 ngày làm việc",
        fee="10.000 đồng",
        amount=10_000.0,
        conditions=(),
        steps=("Nộp hồ sơ tại bộ phận một cửa điện tử.", "Trả kết quả."),
        bases=("68/2020/QH14", "154/2024/NĐ-CP"),
    )
    assert changes(snapshot(), new) == [
        ("limit", "changed", "channels.limit_text", "7 ngày làm việc", "5 ngày làm việc"),
        ("fee", "changed", "fees.amount_text", "20.000 đồng", "10.000 đồng"),
        ("condition", "removed", "conditions", "Có chỗ ở hợp pháp.", ""),
        (
            "step", "changed", "steps.text",
            "Nộp hồ sơ tại bộ phận một cửa.", "Nộp hồ sơ tại bộ phận một cửa điện tử.",
        ),
        ("legal_basis", "added", "legal_bases", "", "154/2024/NĐ-CP"),
    ]  # fmt: skip


def test_a_limit_entered_as_a_number_is_compared_without_its_text():
    entered = snapshot(limit=5.0, limit_text="")
    found = changes(snapshot(limit_text=""), entered)
    assert found == [
        ("limit", "changed", "channels.limit_text", "7 ngày làm việc", "5 ngày làm việc")
    ]


def test_rows_are_matched_by_what_they_say_not_by_their_ids():
    reordered = snapshot(("Ảnh chân dung", PAPERS[2], PAPERS[0]))
    assert changes(snapshot(), reordered) == [
        ("dossier", "removed", "requirements", PAPERS[1], ""),
        ("dossier", "added", "requirements", "", "Ảnh chân dung"),
    ]


def test_a_reworded_row_is_one_change_and_a_copy_in_place_of_an_original_another():
    reworded = (PAPERS[0], "Giấy khai sinh của con dưới 14 tuổi", PAPERS[2])
    new = snapshot(reworded, copies=[0, 0, 1])
    new = new.replace(requirements=new.requirements.assign(originals=[1, 1, 0]))
    found = diff(snapshot(), new).frame
    assert found[["item", "subject", "before", "after"]].to_numpy().tolist() == [
        ["requirements.name", "", PAPERS[1], reworded[1]],
        ["requirements.originals", PAPERS[2], "1", "0"],
        ["requirements.copies", PAPERS[2], "0", "1"],
    ]


def test_what_is_dropped_or_cut_in_the_portfolio_does_not_stand():
    old = snapshot()
    new = old.replace(
        requirements=old.requirements.assign(status=["required", "dropped", "required"]),
        conditions=old.conditions.assign(status="cut"),
    )
    assert changes(old, new) == [
        ("dossier", "removed", "requirements", PAPERS[1], ""),
        ("condition", "removed", "conditions", "Có chỗ ở hợp pháp.", ""),
    ]


def test_procedures_are_matched_by_code_where_ids_differ_and_by_name_where_codes_repeat():
    old = Portfolio.from_tables(
        {"procedures": pd.DataFrame({
            "id": ["a", f"{P}", f"{P}#2", "b"], "code": [Q, P, P, ""],
            "name": ["Cấp", "Gia hạn", "Thu hồi", "Không mã"], "ministry": "Bộ A"})}
    )  # fmt: skip
    new = Portfolio.from_tables(
        {"procedures": pd.DataFrame({
            "id": ["x", f"{P}", f"{P}#2", "c"], "code": [Q.rstrip("0"), P, P, ""],
            "name": ["Cấp mới", "Thu hồi", "Gia hạn", "Không mã"], "ministry": "Bộ A"})}
    )  # fmt: skip
    pairs = procedure_pairs(old, new)
    assert list(zip(pairs.old, pairs.new, strict=True)) == [(0, 0), (1, 2), (2, 1)]
    assert pairs.removed.tolist() == [3]
    assert pairs.added.tolist() == [3]


def test_summary_counts_by_ministry_and_area():
    made = diff(snapshot(), snapshot(PAPERS[:2], limit=5.0, limit_text="5 ngày"))
    assert made.summary.to_numpy().tolist() == [
        ["", "limit", 0, 0, 1, 1],
        ["", "dossier", 0, 1, 0, 1],
        ["Bộ A", "limit", 0, 0, 1, 1],
        ["Bộ A", "dossier", 0, 1, 0, 1],
    ]
    assert "1.000001 – bỏ – Thành phần hồ sơ: “Bản sao hộ chiếu còn hạn”" in made.text()
    assert "Dossier: 0 added, 1 removed, 0 changed (in 1 procedures)" in made.text("en")
    assert made.text(most=1).endswith("… và 1 thay đổi khác (dùng --json để có đủ).")


def test_an_empty_snapshot_is_all_added_or_all_ended():
    nothing = Portfolio.from_tables({})
    assert diff(nothing, nothing).frame.empty
    assert diff(nothing, nothing).summary.empty
    assert diff(nothing, snapshot()).frame["kind"].tolist() == ["added", "added"]
    assert diff(snapshot(), nothing).frame["kind"].tolist() == ["removed", "removed"]


WORDS = ("giấy", "tờ", "khai", "sinh", "bản", "sao", "hộ", "chiếu", "đơn")
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
dossiers = st.lists(words, min_size=1, max_size=6).map(tuple)


@settings(max_examples=15, deadline=None)
@given(dossiers, dossiers)
def test_every_row_is_paired_once_or_is_removed_or_added(before, after):
    old, new = snapshot(before), snapshot(after)
    pairs = row_pairs(old, new, "requirements", procedure_pairs(old, new))
    assert sorted([*pairs.old, *pairs.removed]) == list(range(len(before)))
    assert sorted([*pairs.new, *pairs.added]) == list(range(len(after)))
    kinds = diff(old, new).frame["kind"].value_counts()
    assert kinds.get("removed", 0) == len(pairs.removed)
    assert kinds.get("added", 0) == len(pairs.added)
    assert len(pairs.removed) - len(pairs.added) == len(before) - len(after)


def test_every_area_has_words_in_both_languages():
    assert all(text.vi and text.en for text in AREAS.values())
