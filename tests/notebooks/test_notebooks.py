"""The notebooks run from top to bottom, and their figures are those of the tables.

Figures are worked out here again from the tables, one procedure at a time or by
other means than the notebook uses, and looked for in what a reader sees.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import pandas as pd
import pytest

import procsim as ps
from procsim.language.formatting import format_number as so
from procsim.language.formatting import format_number_en as num
from tests.notebooks import runner
from tests.notebooks.runner import FOLDER, NOTEBOOKS, ROOT, Ran, run

TITLES = {
    "1_first_look",
    "2_resolution_66_7",
    "3_composing_reforms",
    "4_document_network",
    "5_smallest_plan",
    "6_your_own",
}


@cache
def sample() -> ps.Portfolio:
    return ps.mark(ps.load_sample())


@cache
def measured() -> pd.DataFrame:
    return ps.measure(sample())


def papers(portfolio: ps.Portfolio) -> float:
    """Count the papers of each procedure's base case, reading its dossier from top to bottom.

    The base case is the first that holds a paper; headings inside a dossier
    (``section``) belong to the case above them, remarks count nowhere.
    """
    total = 0.0
    for procedure in portfolio:
        rows = procedure.requirements
        rows = rows[rows["kind"].isin(["form", "document"])]
        part_of, above, remarks = {}, "", set()
        for case in procedure.cases.sort_values("position").itertuples():
            if case.kind == "note":
                remarks.add(case.Index)
            above = case.Index if case.kind == "case" else above
            part_of[case.Index] = above
        rows = rows[~rows["case"].isin(remarks)]
        mine = rows["case"].map(part_of)
        base = next((case for case in part_of if case and mine.eq(case).any()), "")
        counted = rows[mine.isin([base, ""]) & rows["status"].eq("required")]
        total += float((counted["papers"] - counted["replaced"]).sum())
    return total


def longest_limits(portfolio: ps.Portfolio) -> dict[str, float]:
    """Return the longest limit of each procedure in working days, by the rules of the README."""
    in_days = {"working_day": 1, "day": 5 / 7, "hour": 1 / 8, "month": 22, "week": 5}
    made = {}
    for procedure in portfolio:
        rows = procedure.channels
        stated = [
            value * in_days[unit]
            for value, unit in zip(rows["limit_value"], rows["limit_unit"], strict=True)
            if unit and not np.isnan(value)
        ]
        if stated:
            made[procedure.id] = max(stated)
    return made


def test_there_are_the_six_notebooks():
    assert set(NOTEBOOKS) == TITLES


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_without_an_error_a_warning_or_the_network(name):
    ran = run(name)
    assert {output.output_type for output in ran.outputs()} <= {"execute_result", "display_data"}
    pictures = [output for output in ran.outputs() if "image/svg+xml" in output.data]
    assert pictures
    for output in ran.outputs():
        assert "http" not in output.data.get("text/html", "")
        assert "<script" not in output.data.get("text/html", "")


def test_notebooks_run_from_the_root_of_the_repository_too():
    here, there = run("6_your_own"), run("6_your_own", ROOT)
    assert there.words("saving") == here.words("saving")
    # No notebook names a file beside it, so what holds for one folder holds for another.
    for path in FOLDER.glob("*.py"):
        assert not re.search(r"open\(|read_csv|\.\./", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_says_everything_in_vietnamese_first_and_in_english(name):
    texts = [cell.source for cell in run(name).cells if cell.cell_type == "markdown"]
    assert texts[0].startswith(f"# {name[0]}. ")
    for text in texts:
        english = re.findall(r"(?<!\*)\*(?!\*)[^*]+\*(?!\*)", text)
        assert english, text
        first = text.split(english[0])[0].casefold()
        assert any(unicodedata.decomposition(letter) or letter == "đ" for letter in first), text


def test_1_counts_the_faults_and_sums_the_measures():
    ran = run("1_first_look")
    faults = ps.check(sample())
    assert f"Có **{len(faults)}** chỗ" in ran.words("faults")
    assert f"{len({fault.code for fault in faults})} loại" in ran.words("faults")
    limits = longest_limits(sample())
    said = ran.words("totals")
    assert f"**{so(sum(limits.values()), 1)} ngày làm việc**" in said
    assert f"biết được ở {len(limits)} trên {len(sample())} thủ tục" in said
    assert f"**{so(papers(sample()))} thành phần hồ sơ**" in said
    kept = sample().conditions["status"].eq("kept").sum()
    assert f"**{so(int(kept))} điều kiện**" in said


def test_1_shows_the_ministries_the_map_and_the_cost_sheet():
    ran = run("1_first_look")
    for ministry in sample().procedures["ministry"].unique():
        assert ministry in ran.words("ministries")
    assert "Đăng ký thường trú" in ran.shown("map", "image/svg+xml")
    cost = measured().at["1.004222", "cost_vnd"]
    assert so(float(cost), 0) in ran.words("why")


@cache
def resolved() -> ps.Portfolio:
    return ps.apply(sample(), ps.resolution_66_7(sample()))


def test_2_the_saving_is_that_of_the_rows():
    before, after = papers(sample()), papers(resolved())
    said = run("2_resolution_66_7").words("saving")
    assert f"từ **{so(before)}** xuống **{so(after)}**" in said
    assert f"**{so(100 * (before - after) / before, 2)} %**" in said
    assert longest_limits(sample()) == longest_limits(resolved())
    assert "Thời hạn giải quyết giảm 0,00 %" in said
    assert f"from {num(before)} to {num(after)}" in said


def test_2_shares_of_the_databases_add_up_to_the_saving():
    # Columns: both names, reforms, documents, alone, last.
    shares = [float(row[3]) for row in run("2_resolution_66_7").rows("database_shares")]
    assert len(shares) > 3
    assert sum(shares) == pytest.approx(papers(sample()) - papers(resolved()))


def test_2_effective_is_less_than_claimed():
    said = run("2_resolution_66_7").words("effective")
    less, claimed = (float(n.replace(",", ".")) for n in re.findall(r"\*\*([\d,]+)\*\*", said))
    assert claimed == papers(sample()) - papers(resolved())
    assert 0 < less < claimed


def test_2_verdicts_are_those_of_the_card():
    ran = run("2_resolution_66_7")
    words = ran.words("card")
    met, missed, unknown = map(int, re.findall(r"\*\*(\d+)\*\*", ran.words("verdicts")))
    assert words.count("Chưa đạt") == missed
    assert words.count("Chưa kết luận được") == unknown
    assert met + missed + unknown == len(ps.targets(2026))


def test_3_three_plans_save_what_their_rows_say():
    ran = run("3_composing_reforms")
    limits = longest_limits(sample())
    cut = sum(sorted(limits.values())[-6:]) / 3
    gone = papers(sample()) - papers(resolved())
    said = ran.words("total")
    assert f"**{so(cut, 1)} ngày làm việc** ({so(100 * cut / sum(limits.values()), 2)} %)" in said
    assert f"thành phần hồ sơ giảm **{so(gone)}**" in said


def test_3_overlapping_savings_are_not_added():
    said = run("3_composing_reforms").words("sums")
    alone, whole = (
        int(n.replace(".", "")) for n in re.findall(r"([\d.]+)(?:\*\*)? đồng", said)[:2]
    )
    assert 0 < whole < alone
    assert ">True<" in f">{run('3_composing_reforms').words('kept')}<"


def test_4_links_chains_and_circles_are_those_of_the_tables():
    ran = run("4_document_network")
    known = ps.links(sample())
    counted = known[known["confidence"].ge(0.5) & ~known["own"]]
    assert f"**{len(counted)}** lần" in ran.words("size")
    # The longest chain by hand: own days, and the longest of what must come first.
    limits = longest_limits(sample())
    first = known[known["counted"] & known["base"] & ~known["own"]]
    needs = first.groupby("procedure")["issuer"].agg(set).to_dict()

    def days(procedure: str, seen: frozenset[str]) -> float:
        upstream = [
            days(issuer, seen | {issuer})
            for issuer in needs.get(procedure, ())
            if issuer not in seen
        ]
        return limits.get(procedure, 0.0) + max(upstream, default=0.0)

    said = ran.words("worst")
    name = re.search("“(.*?)”", said)[1]
    own = sample().procedures.index[sample().procedures["name"].eq(name)][0]
    assert f"**{so(days(own, frozenset({own})), 1)}** ngày" in said
    assert ran.words("circles").count("Vòng giấy tờ") == len(ps.cycles(sample(), known))


def test_4_the_graph_is_one_of_networkx():
    ran = run("4_document_network")
    steps = len(sample()["1.004222"].steps)
    assert re.search(rf"step\s+{steps}\b", ran.words("one"))


def test_5_the_plan_meets_the_targets_when_measured_by_hand():
    ran = run("5_smallest_plan")
    found = ps.smallest_plan(sample(), targets=ps.targets(2025))
    changed = ps.apply(sample(), found.plan)
    firms = sample().procedures.index[sample().procedures["audience"].isin(["business", "both"])]
    before, after = longest_limits(sample()), longest_limits(changed)
    mine = [i for i in firms if i in before]
    total, rest = sum(before[i] for i in mine), sum(after[i] for i in mine)
    assert total - rest >= 0.3 * total
    assert so(round(100 * (total - rest) / total, 2)) in ran.words("found")
    assert ran.words("checked").count("met") == 2
    # Texts and databases by their route; each amended clause is a tenth of a circular.
    price = sum(found.route["price"]) + len(found.plan)
    assert f"{so(price)} điểm" in ran.words("price")
    assert f"**{len(found.legal_texts)} văn bản**" in ran.words("price")


def test_5_prices_rise_with_the_level_and_the_far_target_is_refused_with_reasons():
    ran = run("5_smallest_plan")
    # Columns: level, price, texts, databases, status.
    rows = ran.rows("levels")
    prices = [float(row[1]) for row in rows if row[-1] == "optimal"]
    assert len(prices) > 2
    assert prices == sorted(prices)
    assert {row[-1] for row in rows if row[1] == "NaN"} <= {"infeasible"}
    assert "Vượt quá khả năng" in ran.words("too_far")
    assert "infeasible" in ran.words("proof")
    assert ran.words("others").startswith("- ")


def test_6_the_own_measure_and_the_own_reform_count_as_by_hand():
    ran = run("6_your_own")
    limits = longest_limits(sample())
    weeks = {i: int(np.ceil(days / 5)) for i, days in limits.items()}
    slow = [i for i, n in weeks.items() if 2 <= n <= 4]
    after = dict(weeks)
    for i in slow:
        ways = sample()[i].channels
        if ways["limit_unit"].isin(["working_day", ""]).all():
            after[i] = 1
    said = ran.words("saving")
    assert f"{len(slow)} thủ tục có trần năm ngày" in said
    assert f"từ **{sum(weeks.values())}** xuống **{sum(after.values())}**" in said
    assert "Đạt" in ran.words("scored")
    assert "portfolio.replace" in ran.words("refused")


def test_6_measure_and_reform_are_ten_lines_each():
    sources = [cell.source for cell in run("6_your_own").cells if cell.cell_type == "code"]
    [measure] = [text for text in sources if "def weeks" in text]
    [reform] = [text for text in sources if "class OneWeek" in text]
    for text, first, last in (
        (measure, "def weeks", "return -(-days // 5)"),
        (reform, "class OneWeek", "return portfolio.replace(channels=ways)"),
    ):
        own = text[text.index(first) : text.index(last) + len(last)]
        lines = [line for line in own.splitlines() if line.strip() and '"""' not in line]
        assert len(lines) <= 12


def test_a_notebook_that_warns_or_asks_the_network_is_caught(tmp_path, monkeypatch):
    for number, bad in enumerate(
        (
            "import warnings; warnings.warn('old')",
            "import urllib.request as u; u.urlopen('http://192.0.2.1', timeout=5)",
        )
    ):
        (tmp_path / f"{number}.py").write_text(f"# %%\n{bad}\n", encoding="utf-8")
        monkeypatch.setattr(runner, "FOLDER", tmp_path)
        with pytest.raises(RuntimeError, match=r"UserWarning|asks the network"):
            run(str(number), tmp_path)


def test_what_was_run_is_found_by_its_tag():
    assert isinstance(run("6_your_own"), Ran)
    assert run("6_your_own").outputs("saving")
    assert not run("6_your_own").outputs("no such tag")
