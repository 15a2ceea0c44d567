"""Which database frees most: hand-computed cases, brute force, and measuring again."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from procsim.errors import InvalidValue
from procsim.measures.base import base_rows
from procsim.measures.cost import cost_table
from procsim.measures.table import document_table
from procsim.model.portfolio import Portfolio
from procsim.network.chains import chain_burden
from procsim.network.ranking import FREED, asked_papers, best_set, live_databases, ranking
from procsim.reference import parameters
from tests.benchmarks.network import linked
from tests.benchmarks.synthetic import cross_links, synthetic

NAN = float("nan")
BASES = ("csdl_dan_cu", "csdl_ho_tich", "csdl_dat_dai", "csdl_dkdn")
TYPES = ("can_cuoc", "giay_khai_sinh", "gcn_qsdd", "gcn_dkdn", "bao_cao_ket_qua")


def papers(rows: list[dict[str, object]], held: dict[str, str], **owners: object) -> Portfolio:
    """Return procedures whose rows ask for types, and who holds them (type → database)."""
    ids = list(dict.fromkeys(str(row["procedure"]) for row in rows))
    marks = [
        {"id": f"r{n}/m{i}", "requirement": f"r{n}", "document_type": kind,
         "database": held.get(kind, ""), "class": "listed" if kind in held else "none"}
        for n, row in enumerate(rows)
        for i, kind in enumerate(str(row["types"]).split(";"))
    ]  # fmt: skip
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame({"id": ids, "name": ids, "ministry": "Bộ"} | owners),
            "channels": pd.DataFrame(
                {"id": [f"{i}/k" for i in ids], "procedure": ids, "method": "counter",
                 "limit_value": 5.0, "limit_unit": "working_day"}
            ),
            "requirements": pd.DataFrame(
                [
                    {"id": f"r{n}", "case": "c", "name": "Giấy tờ", "kind": "document",
                     "papers": 1.0, "hours": 1.0, "hours_mark": "nhập", "purchase_vnd": 0.0} | row
                    for n, row in enumerate(rows)
                ]
            ),
            "marks": pd.DataFrame(marks),
        }
    )  # fmt: skip


NO_LINKS = pd.DataFrame(
    {
        name: pd.Series(dtype=object)
        for name in ("requirement", "procedure", "document_type", "issuer")
    }
    | {"counted": pd.Series(dtype=bool), "base": pd.Series(dtype=bool)}
)
HELD = {"can_cuoc": "csdl_dan_cu", "giay_khai_sinh": "csdl_ho_tich", "gcn_qsdd": "csdl_dat_dai"}


def test_alone_counts_rows_papers_cost_and_hours():
    portfolio = papers(
        [
            {"procedure": "a", "types": "can_cuoc"},
            {"procedure": "a", "types": "giay_khai_sinh", "hours": 2.0},
            {"procedure": "b", "types": "can_cuoc", "share_needed": 0.5},
        ],
        HELD,
    )
    made = ranking(portfolio, NO_LINKS, live=())
    hourly = parameters().hourly_income_vnd
    people = made.loc["csdl_dan_cu"]
    assert people[["procedures", "requirements", "papers", "listed"]].tolist() == [2, 2, 2, 2]
    assert people["hours"] == 1.5
    assert people["cost_vnd"] == pytest.approx(1.5 * hourly)
    assert made.at["csdl_ho_tich", "cost_vnd"] == pytest.approx(2 * hourly)
    assert made.index[:2].tolist() == ["csdl_ho_tich", "csdl_dan_cu"]
    assert made["next_best_rank"].tolist()[:2] == [1, 2]
    assert made["next_best_rank"].iloc[2:].isna().all()
    assert people["assumed_share"] == 0.0
    assert np.isnan(people["dossiers"])
    assert people["dossiers_known"] == 0


def test_volumes_give_the_year_and_say_how_many_are_known():
    portfolio = papers(
        [{"procedure": "a", "types": "can_cuoc"}, {"procedure": "b", "types": "can_cuoc"}],
        HELD,
        times_per_year=[1.0, NAN],
        subjects_per_year=[300.0, 7.0],
    )
    row = ranking(portfolio, NO_LINKS, live=()).loc["csdl_dan_cu"]
    assert (row["dossiers"], row["dossiers_known"]) == (300, 1)
    assert row["cost_year_vnd"] == pytest.approx(300 * row["cost_vnd"] / 2)


@pytest.mark.parametrize(("relation", "count"), [("mixed", 1.0), ("all", 1.0)])
def test_a_row_that_waits_for_two_databases_is_freed_by_both_only(relation, count):
    portfolio = papers(
        [{"procedure": "a", "types": "can_cuoc;giay_khai_sinh", "relation": relation,
          "papers": count}],
        HELD,
    )  # fmt: skip
    made = ranking(portfolio, NO_LINKS, live=())
    assert made.loc[["csdl_dan_cu", "csdl_ho_tich"], "cost_vnd"].tolist() == [0, 0]
    assert made["next_best_rank"].notna().sum() == 2
    assert made["cost_vnd_next"].iloc[:2].tolist() == [0, pytest.approx(made["hours_next"].sum()
        * parameters().hourly_income_vnd)]  # fmt: skip
    both = best_set(portfolio, 2, value="requirements", live=())
    assert (both.value, both.exact) == (1, True)
    assert best_set(portfolio, 1, value="requirements", live=()).value == 0


def test_two_papers_of_one_row_fall_away_one_by_one():
    portfolio = papers(
        [{"procedure": "a", "types": "can_cuoc;giay_khai_sinh", "relation": "all",
          "papers": 2.0}],
        HELD,
    )  # fmt: skip
    made = ranking(portfolio, NO_LINKS, live=())
    assert made.loc["csdl_dan_cu", ["papers", "requirements", "hours"]].tolist() == [1, 0, 0.5]
    assert made["requirements_next"].sum() == 1


def test_of_alternatives_one_is_enough_and_the_second_adds_nothing():
    portfolio = papers(
        [{"procedure": "a", "types": "can_cuoc;giay_khai_sinh", "relation": "any"}], HELD
    )
    made = ranking(portfolio, NO_LINKS, live=())
    assert made.loc[["csdl_dan_cu", "csdl_ho_tich"], "requirements"].tolist() == [1, 1]
    assert made["requirements_next"].sum() == 1
    both = best_set(portfolio, 2, value="requirements", live=())
    assert (both.value, len(both.chosen)) == (1, 1)


def test_what_a_plan_has_replaced_is_no_longer_freed():
    portfolio = papers(
        [
            {"procedure": "a", "types": "can_cuoc", "replaced": 1.0},
            {"procedure": "a", "types": "can_cuoc;giay_khai_sinh", "relation": "all",
             "papers": 2.0, "replaced": 1.0, "replaced_types": "can_cuoc"},
        ],
        HELD,
    )  # fmt: skip
    made = ranking(portfolio, NO_LINKS, live=())
    assert made.at["csdl_dan_cu", "papers"] == 0
    assert made.loc["csdl_ho_tich", ["papers", "requirements"]].tolist() == [1, 1]


def test_live_databases_answer_what_the_law_lists_and_only_that():
    portfolio = papers(
        [{"procedure": "a", "types": "can_cuoc"}, {"procedure": "a", "types": "ho_chieu"}], HELD
    )
    marks = portfolio.marks.assign(
        database="csdl_dan_cu", **{"class": pd.Categorical(["listed", "open"])}
    )
    portfolio = portfolio.replace(marks=marks)
    made = ranking(portfolio, NO_LINKS, live=("csdl_dan_cu",)).loc["csdl_dan_cu"]
    assert made[["papers", "papers_live", "papers_next", "listed"]].tolist() == [2, 1, 1, 1]
    later = portfolio.replace(marks=marks.assign(since="2026-01-01"))
    before = ranking(later, NO_LINKS, on=date(2025, 6, 1)).loc["csdl_dan_cu"]
    after = ranking(later, NO_LINKS, on=date(2026, 6, 1)).loc["csdl_dan_cu"]
    assert (before["papers_live"], after["papers_live"]) == (2, 1)


def test_a_database_is_live_from_the_day_it_is_published():
    assert "csdl_ho_tich" not in live_databases(date(2025, 12, 9))
    assert "csdl_ho_tich" in live_databases(date(2025, 12, 10))


def test_coverage_decides_what_is_to_be_expected():
    portfolio = papers([{"procedure": "a", "types": "can_cuoc"}], HELD)
    portfolio = portfolio.replace(marks=portfolio.marks.assign(coverage=0.8))
    row = ranking(portfolio, NO_LINKS, live=()).loc["csdl_dan_cu"]
    table = portfolio.requirements.assign(replaced=1.0, coverage=0.8)
    after = cost_table(portfolio.replace(requirements=table))["cost_expected_vnd"].sum()
    before = cost_table(portfolio)["cost_expected_vnd"].sum()
    assert row["cost_expected_vnd"] == pytest.approx(before - after)


def test_what_rests_on_an_assumption_is_said():
    rows = [{"procedure": "a", "types": "can_cuoc"}, {"procedure": "b", "types": "can_cuoc"}]
    portfolio = papers([rows[0], rows[1] | {"hours": NAN, "hours_mark": ""}], HELD)
    row = ranking(portfolio, NO_LINKS, live=()).loc["csdl_dan_cu"]
    default = parameters()["hours_document_original"]
    assert row["assumed_share"] == pytest.approx(default / (default + 1))


def test_papers_that_nobody_can_answer_are_shown_but_never_next():
    portfolio = papers(
        [{"procedure": "a", "types": "bao_cao_ket_qua", "hours": 9.0},
         {"procedure": "a", "types": "can_cuoc"}],
        HELD,
    )  # fmt: skip
    made = ranking(portfolio, NO_LINKS, "document_type", live=())
    assert made.index.tolist() == ["can_cuoc", "bao_cao_ket_qua"]
    assert made["hours"].tolist() == [1, 9]
    assert made["answerable"].tolist() == [True, False]


def test_an_officer_who_says_no_is_obeyed():
    portfolio = papers([{"procedure": "a", "types": "can_cuoc"}], HELD)
    decisions = pd.DataFrame(
        {"id": ["d1"], "requirement": "r0", "procedure": "a", "name": "Giấy tờ",
         "kind": "document", "types": "can_cuoc", "replaceable": "no", "decided_by": "An",
         "decided_on": "2026-01-05", "reason": "Bản gốc phải nộp"}
    )  # fmt: skip
    columns = set(portfolio.decisions.columns) | {"id"}
    tables = {name: frame.reset_index() for name, frame in portfolio.tables.items() if len(frame)}
    tables["decisions"] = decisions[[c for c in decisions if c in columns]]
    decided = Portfolio.from_tables(tables)
    assert ranking(decided, NO_LINKS, live=()).at["csdl_dan_cu", "papers"] == 0


def test_wrong_choices_are_named_with_what_is_accepted():
    portfolio = papers([{"procedure": "a", "types": "can_cuoc"}], HELD)
    with pytest.raises(InvalidValue, match="database, document_type"):
        ranking(portfolio, NO_LINKS, "ministry")
    with pytest.raises(InvalidValue, match="cost_year_vnd"):
        best_set(portfolio, 1, value="days")
    with pytest.raises(InvalidValue, match="từ 1"):
        best_set(portfolio, 0)


def test_an_empty_portfolio_frees_nothing():
    made = ranking(Portfolio.from_tables({}), NO_LINKS)
    assert (made["cost_vnd"] == 0).all()
    assert len(made) >= 27
    assert best_set(Portfolio.from_tables({}), 3).chosen == ()


# Brute force: random dossiers, every set of databases, everything measured again.


@st.composite
def dossiers(draw: st.DrawFn) -> tuple[Portfolio, pd.DataFrame]:
    """Return up to four procedures with rows and marks, and links to earlier procedures."""
    ids = [f"1.00000{i}" for i in range(draw(st.integers(1, 4)))]
    rows: list[dict[str, object]] = []
    links: list[dict[str, object]] = []
    for place, owner in enumerate(ids):
        for _ in range(draw(st.integers(0, 3))):
            kinds = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True))
            relation = draw(st.sampled_from(["any", "all", "mixed"])) if kinds[1:] else "one"
            many = relation == "all" and draw(st.booleans())
            rows.append(
                {"procedure": owner, "types": ";".join(kinds), "relation": relation,
                 "papers": float(len(kinds)) if many else 1.0,
                 "hours": draw(st.sampled_from([NAN, 0.0, 3.0])),
                 "share_needed": draw(st.sampled_from([NAN, 0.5])),
                 "status": draw(st.sampled_from(["required", "required", "dropped"]))}
            )  # fmt: skip
            for kind in kinds:
                if place and draw(st.booleans()):
                    links.append(
                        {"requirement": f"r{len(rows) - 1}", "procedure": owner,
                         "document_type": kind, "issuer": draw(st.sampled_from(ids[:place])),
                         "counted": True, "base": True, "own": False}
                    )  # fmt: skip
    rows = rows or [{"procedure": ids[0], "types": TYPES[0]}]
    held = {kind: draw(st.sampled_from(("", *BASES))) for kind in TYPES}
    portfolio = papers(rows, {kind: base for kind, base in held.items() if base})
    second = draw(st.sampled_from(BASES))  # a paper that two databases hold
    more = portfolio.marks[portfolio.marks["document_type"] == TYPES[0]]
    more = more.assign(database=second, **{"class": "open"}).rename(index=lambda i: f"{i}+")
    marks = pd.concat([portfolio.marks.astype({"class": "str"}), more.astype({"class": "str"})])
    return portfolio.replace(marks=marks), pd.DataFrame(links, columns=NO_LINKS.columns)


def answered(portfolio: Portfolio, bases: tuple[str, ...]) -> Portfolio:
    """Return the portfolio with everything replaced that the databases answer, by a plain loop."""
    marks = portfolio.marks
    known = {
        (row.requirement, row.document_type) for row in marks.itertuples() if row.database in bases
    }
    table = portfolio.requirements.copy()
    for key, row in portfolio.requirements.iterrows():
        kinds = row["types"].split(";")
        hit = [kind for kind in kinds if (key, kind) in known]
        if row["papers"] == len(kinds):
            table.loc[key, "replaced"] = float(len(hit))
        elif hit and (row["relation"] == "any" or len(hit) == len(kinds)):
            table.loc[key, "replaced"] = 1.0
        else:
            hit = []
        table.loc[key, "replaced_types"] = ";".join(hit)
    return portfolio.replace(requirements=table)


class Measured:
    """What each set of databases frees, by measuring everything again; each set once."""

    def __init__(self, portfolio: Portfolio, known: pd.DataFrame) -> None:
        self.portfolio, self.known = portfolio, known
        status = portfolio.requirements["status"] == "required"
        self.counted = base_rows(portfolio) & status.to_numpy()
        self.made: dict[tuple[str, ...], dict[str, float]] = {}
        self.days: dict[tuple[str, ...], pd.Series] = {}

    def state(self, bases: tuple[str, ...]) -> dict[str, float]:
        """Return the sums with these databases answering."""
        bases = tuple(sorted(bases))
        if bases not in self.made:
            after = answered(self.portfolio, bases)
            rows = after.requirements
            cost = cost_table(after)
            self.days[bases] = chain_burden(after, self.known)["worst_days"]
            touched = self.counted & (rows["replaced"] > 0).to_numpy()
            gone = self.counted & (rows["replaced"] >= rows["papers"]).to_numpy()
            self.made[bases] = {
                "cost_vnd": -cost["cost_vnd"].sum(),
                "cost_expected_vnd": -cost["cost_expected_vnd"].sum(),
                "papers": -document_table(after)["documents"].sum(),
                "requirements": float(gone.sum()),
                "procedures": float(rows["procedure"][touched].nunique()),
                "days": -self.days[bases].sum(),
            }
        return self.made[bases]

    def freed(self, bases: tuple[str, ...]) -> dict[str, float]:
        """Return what these databases free."""
        start, end = self.state(()), self.state(bases)
        return {name: end[name] - start[name] for name in start}


@settings(max_examples=15, deadline=None)
@given(dossiers())
def test_alone_next_and_best_agree_with_measuring_again(made):
    portfolio, known = made
    again = Measured(portfolio, known)
    table = ranking(portfolio, known, live=())
    for base in BASES:
        alone = again.freed((base,))
        assert dict(table.loc[base, list(alone)]) == pytest.approx(alone, abs=1e-6)
        faster = (again.days[()] > again.days[base,]).sum()
        assert table.at[base, "procedures_faster"] == faster
    order = table.index[table["next_best_rank"].notna()].tolist()
    assert set(order) <= set(BASES)
    taken: tuple[str, ...] = ()
    for base in order:
        before, after = again.state(taken), again.state((*taken, base))
        for name in ("cost_vnd", "requirements", "days", "papers"):
            assert table.at[base, f"{name}_next"] == pytest.approx(
                after[name] - before[name], abs=1e-6
            )
        taken = (*taken, base)
    for k in (1, 2, 3):
        sets = itertools.combinations(BASES, k)
        best = dict.fromkeys(("cost_vnd", "papers", "requirements"), 0.0)
        for some in sets:
            now = again.freed(some)
            best = {name: max(value, now[name]) for name, value in best.items()}
        for name, value in best.items():
            assert best_set(portfolio, k, value=name, live=()).value == pytest.approx(
                value, abs=1e-6
            )


def test_the_best_of_fifteen_agrees_with_a_loop_over_sets():
    rng = np.random.default_rng(5)
    portfolio = linked(*_synthetic(rng, 60), rng=rng)
    asked = asked_papers(portfolio, live=())
    names = [asked.candidates[c] for c in np.unique(asked.parts.candidate)][:15]
    made = best_set(portfolio, 2, value="requirements", live=(), candidates=names)
    whole = asked.whole()
    best = 0
    for pair in itertools.combinations(names, 2):
        here = np.isin(asked.parts.candidate, asked.candidates.get_indexer(list(pair)))
        hit = np.zeros(len(asked.row), dtype=bool)
        hit[asked.parts.group[here]] = True
        rows = {r for r in whole[whole >= 0].tolist() if hit[whole == r].all()}
        best = max(best, len(rows))
    assert made.exact
    assert made.value == best


def _synthetic(rng: np.random.Generator, size: int) -> tuple[Portfolio, pd.DataFrame]:
    portfolio = synthetic(size, rng=rng)
    return portfolio, cross_links(portfolio, rng=rng, types=10, issuers=3)


def test_days_of_the_greedy_order_never_fall_and_add_up_to_all_answered():
    rng = np.random.default_rng(2)
    portfolio, known = _synthetic(rng, 120)
    portfolio = linked(portfolio, known, rng=rng)
    made = ranking(portfolio, known, "document_type", live=())
    assert (made["days_next"] >= 0).all()
    assert (made[["days", "days_live"]] >= 0).all(axis=None)
    everything = made["cost_vnd_next"].sum()
    assert everything >= made["cost_vnd"].max()
    assert set(FREED) <= set(made.columns)
