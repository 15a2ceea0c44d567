"""What a notebook shows of each object: short, escaped, Vietnamese first, in any colour scheme."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

import pandas as pd
import pytest

import procsim as ps

HOSTILE = "<script>alert(1)</script>"
ON = dt.date(2026, 1, 1)


@cache
def hostile() -> ps.Portfolio:
    """Return two procedures whose every free text is markup."""
    ids = ["1.000001", "1.000002"]
    return ps.mark(
        ps.Portfolio.from_tables(
            {
                "procedures": pd.DataFrame(
                    {
                        "id": ids,
                        "code": ids,
                        "name": HOSTILE,
                        "ministry": HOSTILE,
                        "field": HOSTILE,
                        "audience": "business",
                    }
                ),
                "channels": pd.DataFrame(
                    {
                        "id": [f"{i}/k1" for i in ids],
                        "procedure": ids,
                        "method": "online",
                        "limit_value": [10.0, 20.0],
                        "limit_unit": "working_day",
                        "limit_text": HOSTILE,
                    }
                ),
                "requirements": pd.DataFrame(
                    {
                        "id": ["r1", "r2"],
                        "procedure": ids,
                        "case": "c",
                        "name": [HOSTILE, f"Thẻ căn cước {HOSTILE}"],
                    }
                ),
            },
            source=HOSTILE,
        )
    )


@cache
def shown() -> dict[str, object]:
    """Return one object of each kind, made of the hostile texts."""
    portfolio = hostile()
    plan = ps.Plan(
        [
            ps.ShortenLimit(i, days=5, legal_text=HOSTILE, legal_numbers=("1/2020/TT-BYT",))
            for i in portfolio.procedures.index
        ],
        name=HOSTILE,
        note=HOSTILE,
    )
    changed = ps.apply(portfolio, plan)
    before, after = ps.measure(portfolio), ps.measure(changed)
    return {
        "portfolio": portfolio,
        "procedure": portfolio["1.000001"],
        "plan": plan,
        "explanation": ps.explain(portfolio, "1.000001"),
        "difference": ps.diff(portfolio, changed),
        "scorecard": ps.scorecard(before, after, ps.targets(2026), portfolio=changed, plan=plan),
        "roadmap": ps.roadmap(portfolio, plan, on=ON),
        "scenarios": ps.scenarios(portfolio, [plan]),
        "candidates": ps.candidates(portfolio, on=ON),
        "smallest": ps.smallest_plan(portfolio, plan, target_rates={"time": 0.3}),
    }


KINDS = (
    "portfolio", "procedure", "plan", "explanation", "difference", "scorecard", "roadmap",
    "scenarios", "candidates", "smallest",
)  # fmt: skip


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", html)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_is_escaped_small_and_of_no_colour_of_its_own(kind):
    made = shown()[kind]._repr_html_()
    assert "<script" not in made
    assert len(made) < 20_000
    # Letters and ground are those of the notebook, light or dark.
    assert not re.search(r"[;\"](color|background-color):|#[0-9a-f]{3,6}", made)
    assert made.count("<div") == made.count("</div>")
    assert made.count("<td") == made.count("</td>")


@pytest.mark.parametrize("kind", KINDS)
def test_the_plain_form_is_short_and_names_what_it_is(kind):
    made = repr(shown()[kind])
    names = {"smallest": "SmallestPlan"}
    assert made.startswith(f"<{names.get(kind, kind.title())}")
    assert max(map(len, made.splitlines())) < 160


def test_free_texts_are_there_as_text():
    kinds = ("portfolio", "procedure", "plan", "explanation", "difference", "scenarios", "roadmap")
    for kind in kinds:
        assert "&lt;script&gt;" in shown()[kind]._repr_html_(), kind


def test_vietnamese_stands_first_and_english_beside():
    made = text_of(shown()["plan"]._repr_html_())
    assert made.index("Phương án") < made.index("Plan")
    assert re.search(r"Rút ngắn thời hạn giải quyết\s+Shorten the time limit\s+2\s+2", made)


def test_a_portfolio_counts_its_rows_and_its_faults():
    made = text_of(ps.load_sample()._repr_html_())
    portfolio = ps.load_sample()
    assert f"{len(portfolio.requirements)}" in made
    assert f"và {len(portfolio) - 5} dòng nữa" in made
    faults = [fault for fault in portfolio.faults if fault.severity == "warning"]
    assert ("Cảnh báo" in made) == bool(faults)


def test_a_scorecard_shows_each_target_with_its_verdict():
    card = shown()["scorecard"]
    made = text_of(card._repr_html_())
    for row in card.nation().itertuples():
        assert row.name_vi in made
    assert made.count("Chưa đạt") == int(card.nation()["verdict"].eq("missed").sum())


def test_empty_things_are_shown_too():
    empty = ps.Portfolio.from_tables({})
    for made in (empty, ps.Plan(), ps.diff(empty, empty), ps.candidates(empty)):
        assert made._repr_html_().startswith("<div")
        assert repr(made).startswith("<")


def test_an_abolished_procedure_is_explained():
    portfolio = ps.apply(hostile(), ps.Plan([ps.AbolishProcedure("1.000001")]))
    assert "1.000001" in ps.explain(portfolio, "1.000001")._repr_html_()


def test_a_project_shows_its_version(tmp_path):
    at = dt.datetime(2026, 1, 2, 8, 30, tzinfo=dt.UTC)
    with ps.Store(tmp_path / "a.db") as store:
        project = store.create(HOSTILE, hostile(), who="Lan", at=at)
        made = project._repr_html_()
        assert repr(project) == f"<Project {HOSTILE!r} version 1 by Lan>"
    assert "<script" not in made
    assert "02/01/2026 08:30 UTC" in made


def test_ids_and_codes_are_offered_after_the_bracket():
    portfolio = ps.Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ["1.000001", "1.000001#2", "x"],
                    "code": ["1.000001", "1.000001", "1.000002"],
                    "name": "A",
                    "ministry": "B",
                }
            )
        }
    )
    offered = portfolio._ipython_key_completions_()
    assert offered == ["1.000001", "1.000001#2", "x", "1.000002"]
    assert [portfolio[key].id for key in offered] == ["1.000001", "1.000001#2", "x", "x"]


def test_views_offer_their_tables_and_facts():
    portfolio = hostile()
    assert set(portfolio.tables) <= set(dir(portfolio))
    facts = {"code", "name", "ministry", "requirements", "channels", "steps", "graph"}
    assert facts <= set(dir(portfolio["1.000001"]))


def test_ipython_completes_tables_codes_and_facts():
    core = pytest.importorskip("IPython.core.completer")
    completer = core.IPCompleter(namespace={"portfolio": ps.load_sample()}, shell=None)

    def offered(line: str) -> set[str]:
        with core.provisionalcompleter():
            return {made.text for made in completer.completions(line, len(line))}

    assert {"requirements"} <= {text.lstrip(".") for text in offered("portfolio.req")}
    assert any("1.004222" in text for text in offered('portfolio["1.0042'))
    assert {"requirements"} <= {text.lstrip(".") for text in offered('portfolio["1.004222"].requ')}
