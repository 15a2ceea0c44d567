"""Chains: hand-computed cases, brute force on random networks, real records."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.model.portfolio import Portfolio
from procsim.network.chains import chain_burden, cycles, find_cycles, own_burden
from procsim.network.duplicates import duplicates
from procsim.network.links import links
from procsim.network.structure import papers, reach, readings
from procsim.reference import parameters
from tests.benchmarks.network import plain_burden
from tests.benchmarks.synthetic import cross_links, synthetic
from tests.shared import SHARED, needs_shared

NAN = float("nan")
Row = tuple[str, str, dict[str, object]]


def network(days: dict[str, float], rows: list[Row], **procedures: object) -> Portfolio:
    """Return procedures with their days, and rows (owner, types, other columns)."""
    ids = list(days)
    known = [key for key in ids if not np.isnan(days[key])]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": ids, "name": [f"Thủ tục {i}" for i in ids], "ministry": "Bộ"} | procedures
            ),
            "channels": pd.DataFrame(
                {
                    "id": [f"{key}/k" for key in ids],
                    "procedure": ids,
                    "method": "counter",
                    "limit_value": [days[key] for key in ids],
                    "limit_unit": ["working_day" if key in known else "" for key in ids],
                }
            ),
            "requirements": pd.DataFrame(
                [
                    {"id": f"r{n}", "procedure": owner, "case": "c", "name": "Giấy tờ",
                     "kind": "document", "types": types, "papers": 1.0, **more}
                    for n, (owner, types, more) in enumerate(rows)
                ]
            ),
        }
    )  # fmt: skip


def joined(portfolio: Portfolio, *pairs: tuple[str, str], counted: bool = True) -> pd.DataFrame:
    """Return links (requirement, issuer), the type read from the row in order."""
    taken: dict[str, int] = {}
    made = []
    for requirement, issuer in pairs:
        row = portfolio.requirements.loc[requirement]
        kinds = row["types"].split(";")
        place = taken.get(requirement, 0)
        taken[requirement] = place + 1
        made.append((requirement, row["procedure"], kinds[place % len(kinds)], issuer))
    frame = pd.DataFrame(made, columns=["requirement", "procedure", "document_type", "issuer"])
    return frame.assign(counted=counted, own=False, base=True, confidence=1.0, review=False)


def test_own_and_whole_days_in_a_line_of_three():
    portfolio = network(
        {"a": 5, "b": 3, "c": 10}, [("a", "ho_chieu", {}), ("b", "can_cuoc", {"share_held": 0.5})]
    )
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b"), ("r1", "c")))
    assert made["worst_days"].tolist() == [18, 13, 10]
    assert made["expected_days"].tolist() == [5 + 3 + 0.5 * 10, 3 + 0.5 * 10, 10]
    assert made["depth"].tolist() == [2, 1, 0]
    assert made["upstream"].tolist() == [2, 1, 0]


def test_hours_and_cost_add_up_and_a_procedure_needed_twice_is_done_once():
    portfolio = network(
        {"a": 1, "b": 1, "c": 1, "d": 1},
        [("a", "x", {"share_held": 0.5}), ("a", "y", {}), ("b", "z", {}),
         ("c", "z", {"share_held": 0.75}), ("d", "w", {})],
    )  # fmt: skip
    known = joined(portfolio, ("r0", "b"), ("r1", "c"), ("r2", "d"), ("r3", "d"))
    made = chain_burden(portfolio, known)
    own = own_burden(portfolio)
    assert made.at["a", "worst_hours"] == pytest.approx(own.hours.sum())
    # b by half, c by all, d by the larger of ½ × 1 and 1 × ¼
    shares = np.array([1, 0.5, 1, 0.5])
    assert made.at["a", "expected_hours"] == pytest.approx((shares * own.hours).sum())
    assert made.at["a", "expected_cost_vnd"] == pytest.approx((shares * own.cost).sum())
    assert made.at["a", "worst_days"] == 3


def test_papers_are_fetched_in_parallel():
    portfolio = network({"a": 1, "b": 7, "c": 4}, [("a", "x", {}), ("a", "y", {})])
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b"), ("r1", "c")))
    assert made.at["a", "worst_days"] == 1 + 7


def test_of_alternatives_the_soonest_is_taken_and_the_unknown_last():
    portfolio = network(
        {"a": 1, "slow": 9, "soon": 4, "unknown": NAN},
        [("a", "x;y;z", {"relation": "any"}), ("soon", "w", {})],
    )
    known = joined(portfolio, ("r0", "slow"), ("r0", "unknown"), ("r0", "soon"))
    made = chain_burden(portfolio, known)
    assert made.at["a", "worst_days"] == 5
    assert made.at["a", "upstream"] == 1
    assert made.at["a", "unknown_upstream"] == 0


def test_replaced_papers_leave_the_worst_case_and_stay_where_data_do_not_answer():
    row = {"replaced": 1.0, "coverage": 0.9}
    portfolio = network({"a": 5, "b": 10}, [("a", "can_cuoc", row)])
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b")))
    assert made.at["a", "worst_days"] == 5
    assert made.at["a", "upstream"] == 0
    assert made.at["a", "expected_days"] == pytest.approx(5 + 0.1 * 10)


def test_of_several_papers_only_the_replaced_one_falls_away():
    row = {"relation": "all", "papers": 2.0, "replaced": 1.0, "coverage": 1.0,
           "replaced_types": "can_cuoc"}  # fmt: skip
    portfolio = network({"a": 5, "b": 10, "c": 2}, [("a", "can_cuoc;ho_chieu", row)])
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b"), ("r0", "c")))
    assert made.at["a", "worst_days"] == 7


def test_conditional_rows_and_marks():
    portfolio = network(
        {"a": 5, "b": 10, "c": 1},
        [("a", "can_cuoc", {"conditional": True}),
         ("c", "can_cuoc", {"share_held": 0.5, "share_held_mark": "nhập"})],
    )  # fmt: skip
    p = parameters(share_conditional=0.2, share_held=0.5)
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b"), ("r1", "b")), p)
    assert made.at["a", "expected_days"] == pytest.approx(5 + 0.2 * 0.5 * 10)
    assert made["mark"].tolist() == ["giả định", "", "nhập"]


def test_missing_days_stay_missing_and_are_counted_upstream():
    portfolio = network({"a": 5, "b": NAN}, [("a", "can_cuoc", {}), ("b", "x", {})])
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b")))
    assert made["worst_days"].isna().tolist() == [False, True]
    assert made.at["a", "unknown_upstream"] == 1
    assert made["why"].tolist() == ["", "own_days"]


def test_other_clocks_take_the_place_of_statutory_days():
    portfolio = network({"a": 5, "b": 3}, [("a", "can_cuoc", {})])
    clock = pd.Series({"a": 1.0, "b": 2.0})
    made = chain_burden(portfolio, joined(portfolio, ("r0", "b")), days=clock)
    assert made["worst_days"].tolist() == [3.0, 2.0]


def test_papers_of_a_circle_are_held_and_the_circle_is_named():
    portfolio = network(
        {"a": 5, "b": 3, "c": 10},
        [("a", "ho_chieu", {}), ("b", "can_cuoc", {}), ("b", "giay_khai_sinh", {})],
    )
    known = joined(portfolio, ("r0", "b"), ("r1", "a"), ("r2", "c"))
    made = chain_burden(portfolio, known)
    assert made["in_cycle"].tolist() == [True, True, False]
    assert made["worst_days"].tolist() == [5, 13, 10]
    (cycle,) = cycles(portfolio, known)
    assert cycle.procedures == ("a", "b")
    assert cycle.papers == ("ho_chieu", "can_cuoc")
    assert cycle.requirements == ("r0", "r1")
    assert not cycle.avoidable
    assert "“Thủ tục a” (a) cần Hộ chiếu do “Thủ tục b” (b) cấp" in cycle.sentence.vi
    assert "needs the Passport" in cycle.sentence.en
    assert cycle.as_dict()["group"] == 0


def test_a_circle_through_an_alternative_can_be_avoided():
    portfolio = network(
        {"a": 5, "b": 3, "c": 10},
        [("a", "ho_chieu;can_cuoc", {"relation": "any"}), ("b", "giay_khai_sinh", {})],
    )
    known = joined(portfolio, ("r0", "b"), ("r0", "c"), ("r1", "a"))
    (cycle,) = cycles(portfolio, known)
    assert cycle.avoidable
    assert "Có thể tránh" in cycle.sentence.vi
    assert chain_burden(portfolio, known)["worst_days"].tolist() == [5, 3, 10]


def test_links_that_do_not_count_make_no_chain():
    portfolio = network(
        {"a": 5, "b": 3}, [("a", "can_cuoc", {}), ("a", "ho_chieu", {"status": "dropped"})]
    )
    doubtful = joined(portfolio, ("r0", "b"), counted=False)
    dropped = joined(portfolio, ("r1", "b"), ("r0", "a"))
    gone = portfolio.replace(procedures=portfolio.procedures.assign(status=["active", "abolished"]))
    for one, known in (
        (portfolio, doubtful),
        (portfolio, dropped),
        (gone, joined(gone, ("r0", "b"))),
    ):
        assert chain_burden(one, known)["worst_days"].iloc[0] == 5


def test_nothing_at_all():
    empty = Portfolio.from_tables({})
    made = chain_burden(empty)
    assert len(made) == 0
    assert cycles(empty) == []
    known = links(empty)
    assert len(duplicates(empty, known)) == 0
    assert len(reach(empty, known)) == 0
    assert readings(empty, known) == {}


FIGURES = ("days", "hours", "cost_vnd")
COMPARED = [f"{kind}_{name}" for kind in ("worst", "expected") for name in FIGURES]
COMPARED += ["depth", "upstream", "unknown_upstream", "in_cycle"]


def agree(portfolio: Portfolio, known: pd.DataFrame, only: list[str] | None = None) -> pd.DataFrame:
    p = parameters()
    made = chain_burden(portfolio, known, p)
    plain = plain_burden(portfolio, known, own_burden(portfolio, p), p, only)
    frame = pd.DataFrame.from_dict(plain, orient="index", columns=COMPARED)
    pd.testing.assert_frame_equal(
        made.loc[frame.index, COMPARED].astype(float), frame.astype(float), check_names=False
    )
    return made


shares = st.sampled_from([NAN, 0.0, 0.25, 0.5, 1.0])


SIZE, ROWS = 6, 8
TEMPLATE = network(
    {f"p{i}": 1.0 for i in range(SIZE)}, [(f"p{i % SIZE}", "x", {}) for i in range(ROWS)]
)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Portfolio, pd.DataFrame]:
    def some(values: st.SearchStrategy[object], count: int = ROWS) -> list[object]:
        return draw(st.lists(values, min_size=count, max_size=count))

    ids = list(TEMPLATE.procedures.index)
    types = some(st.sampled_from(["x", "x;y", "x;y;z"]))
    replaced = some(st.sampled_from([0.0, 0.0, 1.0, 2.0]))
    status = some(st.sampled_from(["active"] * 5 + ["abolished"]), SIZE)
    portfolio = TEMPLATE.replace(
        procedures=TEMPLATE.procedures.assign(status=status),
        channels=TEMPLATE.channels.assign(
            limit_value=some(st.sampled_from([1.0, 2.0, 5.0, 5.0, NAN]), SIZE)
        ),
        requirements=TEMPLATE.requirements.assign(
            procedure=some(st.sampled_from(ids)),
            types=types,
            relation=some(st.sampled_from(["one", "any", "all", "mixed"])),
            status=some(st.sampled_from(["required"] * 4 + ["dropped"])),
            papers=2.0,
            replaced=replaced,
            coverage=some(shares),
            share_needed=some(shares),
            share_held=some(shares),
            conditional=some(st.booleans()),
            replaced_types=["x;y"[: int(2 * part - 1)] if part else "" for part in replaced],
        ),
    )
    rows = portfolio.requirements.index
    asked = [row for row, text in zip(rows, types, strict=True) for _ in text.split(";")]
    issuers = some(st.sampled_from(ids), len(asked))
    return portfolio, joined(portfolio, *zip(asked, issuers, strict=True))


@settings(max_examples=60)
@given(networks())
def test_sweep_agrees_with_brute_force(case):
    portfolio, known = case
    made = agree(portfolio, known)
    known_days = made.dropna(subset=["own_days"])
    assert (known_days["worst_days"] >= known_days["own_days"]).all()
    assert (known_days["expected_days"] >= known_days["own_days"]).all()


@settings(max_examples=25)
@given(networks())
def test_expected_is_never_above_worst_while_nothing_is_replaced(case):
    portfolio, known = case
    rows = portfolio.requirements.assign(replaced=0.0)
    made = chain_burden(portfolio.replace(requirements=rows), known).dropna()
    for name in FIGURES:
        assert (made[f"expected_{name}"] <= made[f"worst_{name}"] + 1e-6).all()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=15))
def test_every_circle_is_found_and_is_one(pairs):
    import networkx as nx

    owner = np.array([a for a, _ in pairs], dtype=np.intp)
    issuer = np.array([b for _, b in pairs], dtype=np.intp)
    graph = nx.DiGraph([pair for pair in pairs if pair[0] != pair[1]])
    inside = {n for part in nx.strongly_connected_components(graph) if len(part) > 1 for n in part}
    found = find_cycles(7, owner, issuer)
    assert {int(owner[link]) for _, circle in found for link in circle} == inside
    for _, circle in found:
        assert [int(issuer[link]) for link in circle] == [
            int(owner[link]) for link in [*circle[1:], circle[0]]
        ]
        assert len({int(owner[link]) for link in circle}) == len(circle)


def test_synthetic_network_agrees_with_networkx():
    rng = np.random.default_rng(5)
    portfolio = synthetic(400, rng=rng)
    made = agree(portfolio, cross_links(portfolio, rng=rng, types=12, issuers=6, backward=0.1))
    assert made["depth"].max() >= 3
    assert made["in_cycle"].any()


@pytest.fixture(scope="module")
def real() -> tuple[Portfolio, pd.DataFrame]:
    from procsim.marking import mark
    from procsim.readers import read

    portfolio = mark(read(SHARED / "portal" / "procedures.jsonl.gz"))
    return portfolio, links(portfolio)


@needs_shared
def test_two_hundred_real_procedures_agree_with_networkx(real):
    portfolio, known = real
    burdened = chain_burden(portfolio, known).query("upstream > 0").index.tolist()
    made = agree(portfolio, known, burdened[:200])
    assert len(burdened) >= 200
    assert made["depth"].max() >= 3


@needs_shared
def test_real_links_name_the_procedures_that_issue(real):
    portfolio, known = real
    first = known[known["counted"]].groupby("document_type")["issuer"].agg(lambda s: set(s))
    assert first["giay_khai_sinh"] == {"1.001193"}
    assert first["can_cuoc"] == {"1.001247", "2.000200", "1.014061"}
    assert first["ho_chieu"] == {"1.001456", "1.001471"}
    assert first["giay_phep_moi_truong"] == {"1.010719", "1.010727"}
    names = portfolio.procedures["name"]
    assert not known[known["counted"]]["issuer"].map(names).str.startswith("Cấp lại").any()


@needs_shared
def test_real_circle_is_found(real):
    portfolio, known = real
    found = {cycle.procedures for cycle in cycles(portfolio, known)}
    assert ("1.001193", "1.001456") in {tuple(sorted(circle)) for circle in found}


def test_the_same_paper_twice_in_one_dossier_and_along_a_chain():
    portfolio = network(
        {"a": 5, "b": 3, "c": 1},
        [("a", "ho_chieu", {}), ("a", "can_cuoc", {}), ("a", "can_cuoc", {}),
         ("b", "can_cuoc", {}), ("c", "quyet_dinh_phe_duyet", {})],
        agency="",
        levels=["central", "province", "commune"],
    )  # fmt: skip
    known = joined(portfolio, ("r0", "b"), ("r3", "c"))
    made = duplicates(portfolio, known)
    assert made[["class", "requirement", "other", "other_requirement"]].values.tolist() == [
        ["same_dossier", "r2", "a", "r1"],
        ["same_chain", "r1", "b", "r3"],
    ]
    assert made["vi"].iloc[1] == (
        "“Thủ tục a” yêu cầu lại Thẻ căn cước, căn cước công dân, chứng minh nhân dân đã nộp khi "
        "làm “Thủ tục b”."
    )
    assert "asks again for the Citizen identity card" in made["en"].iloc[1]


@pytest.mark.parametrize(
    ("agency", "levels", "basis"),
    [
        (["Công an cấp xã", "Công an cấp xã."], ["commune", "commune"], "agency"),
        (["Công an cấp xã", "Công an tỉnh"], ["commune", "commune"], None),
        (["", "Công an tỉnh"], ["province", "province;commune"], "ministry_level"),
        (["", ""], ["central", "commune"], None),
    ],
)
def test_a_paper_asked_for_by_the_agency_that_issues_it(agency, levels, basis):
    portfolio = network({"a": 5, "b": 3}, [("a", "can_cuoc", {})], agency=agency, levels=levels)
    made = duplicates(portfolio, joined(portfolio, ("r0", "b")))
    assert made["basis"].tolist() == ([basis] if basis else [])
    if basis:
        assert made.loc[0, ["class", "procedure", "other"]].tolist() == ["same_agency", "a", "b"]


def test_a_replaced_paper_is_not_asked_for_twice():
    row = {"replaced": 1.0, "coverage": 1.0}
    portfolio = network({"a": 5}, [("a", "can_cuoc", {}), ("a", "can_cuoc", row)])
    assert len(duplicates(portfolio, joined(portfolio, ("r0", "a")))) == 0


def test_demand_reach_and_bottlenecks():
    portfolio = network(
        {"a": 5, "b": 3, "c": 10, "d": 1},
        [("a", "ho_chieu", {}), ("b", "can_cuoc", {}), ("d", "can_cuoc", {}),
         ("d", "hop_dong", {})],
        times_per_year=[1.0, 2.0, NAN, 1.0],
        subjects_per_year=[100.0, 50.0, 9.0, NAN],
    )  # fmt: skip
    known = joined(portfolio, ("r0", "b"), ("r1", "c"), ("r2", "c"))
    made = papers(portfolio, known)
    assert made.index.tolist() == ["can_cuoc", "ho_chieu", "hop_dong"]
    assert made["procedures"].tolist() == [2, 1, 1]
    assert made["dossiers"].tolist()[:2] == [100.0, 100.0]
    assert made["dossiers"].isna().tolist() == [False, False, True]
    assert made["dossiers_known"].tolist() == [1, 1, 0]
    assert made["chains"].tolist() == [3, 1, 0]
    assert made["chains_freed"].tolist() == [2, 1, 0]
    assert made["issued"].tolist() == [True, True, False]
    far = reach(portfolio, known)
    assert far["direct"].tolist() == [0, 1, 2, 0]
    assert far["all"].tolist() == [0, 1, 3, 0]
    assert far["depth"].tolist() == [2, 1, 0, 1]
    said = readings(portfolio, known)
    assert said.keys() == {"demand", "reach", "bottleneck", "freed", "depth"}
    assert said["reach"].vi.startswith("Kết quả của “Thủ tục c” (c) cần cho nhiều thủ tục nhất: 3")
    assert said["depth"].en.startswith("The longest chain is that of “Thủ tục a” (a): 2")
