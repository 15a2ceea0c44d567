"""Clusters of similar procedures: what is put together, what is said of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import procsim as ps
from procsim.model.portfolio import Portfolio
from procsim.network.similar import KINDS, Cluster, similar_procedures
from tests.benchmarks.synthetic import synthetic
from tests.shared import SHARED, needs_shared

NAMES = {
    "1.000001": "Cấp thẻ bảo hiểm y tế (thực hiện tại cấp tỉnh)",
    "1.000002": "Cấp lại thẻ bảo hiểm y tế (thực hiện tại cấp trung ương)",
    "1.000003": "Thu hồi thẻ bảo hiểm y tế",
    "1.000004": "Đăng ký khai sinh",
    "1.000005": "Đăng ký khai sinh (cấp xã)",
    "1.000006": "Cấp giấy phép thăm dò khoáng sản",
}


def portfolio(ministry: object = "Bộ Y tế", **columns: object) -> Portfolio:
    """Return six procedures, each with a form, and two with a paper of their own."""
    ids = list(NAMES)
    rows = [
        {"procedure": key, "name": name, "types": types}
        for key, papers in {
            "1.000001": [("Tờ khai tham gia", ""), ("Căn cước công dân", "can_cuoc")],
            "1.000002": [("Tờ khai tham gia", ""), ("Căn cước công dân", "can_cuoc"),
                         ("Thẻ cũ", "the_bhyt")],
            "1.000004": [("Giấy chứng sinh", "")],
            "1.000005": [("Giấy chứng sinh", "")],
        }.items()
        for name, types in papers
    ]  # fmt: skip
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": ids, "name": list(NAMES.values()), "ministry": ministry,
                 "levels": ["province", "central", "province", "province", "commune", "central"]}
                | columns
            ),
            "channels": pd.DataFrame(
                {"id": [f"{i}/k" for i in ids], "procedure": ids, "method": "counter",
                 "limit_value": [7.0, 2.5, 1.0, 1.0, 1.0, 1.0], "limit_unit": "working_day"}
            ),
            "requirements": pd.DataFrame(
                [row | {"id": f"r{n}", "case": "c", "kind": "document", "papers": 1.0}
                 for n, row in enumerate(rows)]
            ),
        }
    )  # fmt: skip


def members(found: list[Cluster]) -> set[tuple[str, ...]]:
    return {cluster.members for cluster in found}


def test_acts_on_one_paper_and_levels_of_one_matter_are_found():
    found = similar_procedures(portfolio(), least=0.6)
    assert {cluster.members: cluster.kind for cluster in found} == {
        ("1.000001", "1.000002"): "acts",
        ("1.000004", "1.000005"): "levels",
    }
    acts = next(cluster for cluster in found if cluster.kind == "acts")
    assert acts.subject == "thẻ bảo hiểm y tế"
    assert acts.shared == ("can_cuoc",)
    assert acts.differs["acts"] == ("cấp", "cấp lại")
    assert acts.differs["other_types"] == ("", "the_bhyt")
    assert acts.differences["documents"].tolist() == [2, 3]
    assert "audience" not in acts.differs


def test_the_sentence_says_what_is_shared_and_what_differs_in_both_languages():
    found = similar_procedures(portfolio(), least=0.6)
    vi, en = next((c.sentence.vi, c.sentence.en) for c in found if c.kind == "acts")
    for words in ("2 thủ tục về “thẻ bảo hiểm y tế”", "việc làm (cấp; cấp lại)",
                  "thời hạn giải quyết 2,5–7 ngày làm việc", "thành phần hồ sơ 2–3"):  # fmt: skip
        assert words in vi
    for words in ("2 procedures", "time limit 2.5–7 working days", "level (province; central)"):
        assert words in en


def test_ending_a_paper_is_not_like_giving_it():
    assert not any("1.000003" in group for group in members(similar_procedures(portfolio())))


def test_another_ministry_and_abolished_procedures_stay_apart():
    apart = portfolio([f"Bộ {n}" for n in range(6)])
    assert similar_procedures(apart, least=0.1, least_subject=0.1) == []
    gone = portfolio(status=["abolished", *["active"] * 5])
    assert members(similar_procedures(gone, least=0.6)) == {("1.000004", "1.000005")}


def test_nothing_to_compare_gives_no_cluster():
    assert similar_procedures(Portfolio.from_tables({})) == []


def test_every_two_members_are_alike_and_each_procedure_is_in_one_cluster():
    made = synthetic(200, rng=np.random.default_rng(3))
    rng = np.random.default_rng(4)
    words = np.array(["giấy", "phép", "khai", "thác", "nước", "rừng", "biển", "đất"])
    names = [f"Cấp {' '.join(rng.choice(words, 4))}" for _ in range(200)]
    table = made.procedures.assign(name=pd.Series(names, made.procedures.index, dtype="str"))
    made = made.replace(procedures=table)
    found = similar_procedures(made)
    all_members = [member for cluster in found for member in cluster.members]
    assert found
    assert len(all_members) == len(set(all_members))
    again = similar_procedures(made)
    assert [(c.members, c.similarity) for c in found] == [(c.members, c.similarity) for c in again]
    for cluster in found:
        assert 0.7 <= cluster.similarity <= 1 + 1e-6
        assert cluster.kind in KINDS
        higher = similar_procedures(made, least=min(cluster.similarity + 1e-4, 1.0))
        if cluster.similarity < 1:
            assert cluster.members not in members(higher)


def test_plain_values_for_json():
    clusters = similar_procedures(portfolio(), least=0.6)
    found = next(cluster for cluster in clusters if cluster.kind == "acts").as_dict("en")
    assert found["procedures"] == ["1.000001", "1.000002"]
    assert found["differences"]["levels"] == ["province", "central"]
    assert found["sentence"].startswith("2 procedures")


@needs_shared
def test_real_records_give_what_an_officer_would_put_together():
    codes = ["1.001458", "1.011726", "1.011728", "1.014216", "1.014219", "1.014220", "1.000757"]
    read = ps.read_portal(SHARED / "portal" / "procedures.jsonl.gz")
    found = similar_procedures(read.select([key for code in codes for key in read.ids(code)]))
    assert members(found) == {
        ("1.001458", "1.011726", "1.011728"),
        ("1.014216", "1.014219", "1.014220"),
    }
    assert {cluster.kind for cluster in found} == {"levels", "acts"}


@pytest.mark.parametrize("name", ["", "!!!", "1/2 (3)"])
def test_names_without_words_are_compared_with_nobody(name):
    made = portfolio()
    table = made.procedures.assign(name=pd.Series(name, made.procedures.index, dtype="str"))
    assert similar_procedures(made.exchange(procedures=table)) == []
