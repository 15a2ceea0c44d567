"""What the page Tổng quan shows: the first steps, the scorecard, what lacks, faults by kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from procsim.app.data.faults import kind_in_words, kinds
from procsim.app.shell import show
from procsim.app.shell.session import language, say
from procsim.decisions import Scorecard, shortfall
from procsim.decisions.readings import NO_DIFFERENCE
from procsim.errors import Fault
from procsim.language.i18n import t
from procsim.store import Project

GUIDE = "huong-dan-ba-buoc"
"""The note that says that the first steps are closed."""


@dataclass(frozen=True)
class Step:
    """One of the first steps: where it is done, whether it is, and what stands there."""

    name: str
    page: str
    done: bool
    state: str


def steps(project: Project, law_plan: str) -> tuple[Step, ...]:
    """Return the three first steps of a project.

    Parameters
    ----------
    law_plan
        Name of the plan that every project begins with: not yet the officer's own.
    """
    portfolio, plans = project.portfolio, project.plans
    own = len(portfolio) > 0 and portfolio.source != "sample"
    by_officer = portfolio.marks["source"] == "officer"
    decided = int(portfolio.marks.loc[by_officer, "requirement"].nunique())
    composed = any(plan.reforms for name, plan in plans.items() if name != law_plan)
    most = max((len(plan) for plan in plans.values()), default=0)
    loaded = "own" if own else "sample" if len(portfolio) else "empty"
    load = say(f"overview.step.load.{loaded}", count=len(portfolio))
    review = say("overview.step.review.state", count=decided)
    plan = say("overview.step.plan.state", count=len(plans), most=most)
    return (
        Step("load", "data", own, load),
        Step("review", "marking", decided > 0, review),
        Step("plan", "report" if composed else "scenarios", composed, plan),
    )


def value(number: float, kind: str) -> str:
    """Return a rate or a share in percent, a count as a whole number."""
    return show.amount(number) if kind == "count" else show.percent(number)


def goal(number: float, kind: str) -> str:
    """Return a level to reach; percents without decimals where they are whole."""
    if kind == "count" or pd.isna(number) or round(100 * number, 6) % 1:
        return value(number, kind)
    return show.percent(number, 0)


def points(gap: float, kind: str) -> str:
    """Return a gap in percentage points or things, with its sign."""
    if pd.isna(gap):
        return say("missing")
    sign = "+" if gap > 0 else "−" if gap < 0 else ""
    if kind == "count":
        return sign + show.written(abs(gap), 0)
    return say("overview.points", points=sign + show.written(abs(gap), 2))


def _each(write: Callable[[float, str], str], numbers: pd.Series, kinds: pd.Series) -> list[str]:
    return [write(number, kind) for number, kind in zip(numbers, kinds, strict=True)]


def scorecard_table(nation: pd.DataFrame) -> pd.DataFrame:
    """Return the targets of the whole list as officers read them; index ``target_id``."""
    kinds = nation["kind"]
    cells = {
        say("card.verdict"): [say(f"verdict.{verdict}") for verdict in nation["verdict"]],
        say("card.target"): nation[f"name_{language()}"].tolist(),
        say("overview.card.claimed"): _each(value, nation["claimed"], kinds),
        say("card.goal"): _each(goal, nation["target"], kinds),
        say("overview.card.gap"): _each(points, nation["gap"], kinds),
        say("overview.card.effective"): [
            _effective(number, kind, reason)
            for number, kind, reason in zip(
                nation["effective"], kinds, nation["effective_vi"], strict=True
            )
        ],
    }
    return pd.DataFrame(cells, index=pd.Index(nation["target_id"], name="target_id"))


def _effective(number: float, kind: str, reason: str) -> str:
    if pd.isna(number):
        return say("overview.card.same") if reason == NO_DIFFERENCE.vi else say("missing")
    return value(number, kind)


def explained(row: pd.Series) -> list[str]:
    """Return how the value of a target came about, sentence by sentence, as Markdown."""
    kind, share = str(row["kind"]), value(row["value"], str(row["kind"]))
    facts = {
        "before": show.amount(row["before"], _digits(row["before"])),
        "after": show.amount(row["after"], _digits(row["after"])),
        "known": int(row["known"]),
        "missing": int(row["missing"]),
        "value": share,
    }
    sentences = [say(f"overview.formula.{kind}", **facts)]
    if not row["reason_vi"]:
        sentences.append(say("overview.counted", **facts))
    if pd.notna(row["assumed_share"]):
        sentences.append(say("overview.assumed", share=show.percent(row["assumed_share"], 1)))
    tail = f"_{language()}"
    reasons = (("overview.reason", row[f"reason{tail}"]),
               ("overview.effective", row[f"effective{tail}"]))  # fmt: skip
    sentences += [say(key, reason=show.escaped(str(text))) for key, text in reasons if text]
    basis = {
        "basis": show.escaped(str(row["legal_basis"])),
        "mark": row["mark"],
        "deadline": show.day(row["deadline"]),
        "base": "–" if pd.isna(row["base_year"]) else str(row["base_year"]),
    }
    return [*sentences, say("overview.basis", **basis)]


def _digits(number: float) -> int:
    return 0 if pd.isna(number) or abs(number) >= 1000 or number == round(number) else 1


def readings(row: pd.Series) -> list[str]:
    """Return the readings of a target, the prescribed one said to be so, as Markdown."""
    reached = say("missing")
    if pd.notna(row["reached"]) and pd.notna(row["reachable"]):
        reached = say("overview.of", part=int(row["reached"]), whole=int(row["reachable"]))
    shown = {
        "by_sums": show.percent(row["by_sums"]),
        "by_volume": show.percent(row["by_volume"]),
        "reached": reached,
    }
    made = []
    for name, told in shown.items():
        label = say(f"overview.reading.{name}", count=int(row["with_volume"]))
        mark = say("overview.prescribed") if name == row["prescribed"] else ""
        made.append(f"{label}: **{told}**{mark}")
    return made


def by_group(card: Scorecard) -> pd.DataFrame:
    """Return groups against targets, verdict and value in each cell, in words."""
    rows = card.summary
    cells = [
        f"{say(f'verdict.{verdict}')} · {value(number, kind)}"
        for verdict, number, kind in zip(rows["verdict"], rows["value"], rows["kind"], strict=True)
    ]
    names = rows["group"].where(rows["scope"] != "nation", say("overview.nation"))
    made = rows.assign(cell=cells, group=names).pivot_table(
        index="group", columns=f"name_{language()}", values="cell", aggfunc="first", sort=False
    )
    return made.rename_axis(index=say("card.group"), columns=None).reset_index()


def lacking(card: Scorecard) -> pd.DataFrame:
    """Return what each target that is not met still lacks, and why; index ``target_id``."""
    rows = shortfall(card)
    rows = rows[(rows["scope"] == "nation") & (rows["verdict"] != "met")]
    tail = f"_{language()}"
    cells = {
        say("card.verdict"): [say(f"verdict.{verdict}") for verdict in rows["verdict"]],
        say("card.target"): rows[f"name{tail}"].tolist(),
        say("overview.lacks"): _amounts(rows),
        say("card.reason"): rows[f"reason{tail}"].tolist(),
    }
    return pd.DataFrame(cells, index=pd.Index(rows["target_id"], name="target_id"))


def lacking_by_group(card: Scorecard, target: str) -> pd.DataFrame:
    """Return what each group still lacks of one target, the largest first."""
    rows = shortfall(card)
    rows = rows[(rows["scope"] != "nation") & (rows["target_id"] == target)]
    rows = rows.sort_values("amount", ascending=False, na_position="last", kind="stable")
    kinds = pd.Series(card.summary["kind"], index=rows.index)
    return pd.DataFrame(
        {
            say("card.group"): rows["group"].tolist(),
            say("card.verdict"): [say(f"verdict.{verdict}") for verdict in rows["verdict"]],
            say("card.value"): _each(value, rows["value"], kinds),
            say("overview.lacks"): _amounts(rows),
            say("card.reason"): rows[f"reason_{language()}"].tolist(),
        }
    )


def _amounts(rows: pd.DataFrame) -> list[str]:
    units = rows[f"unit_{language()}"]
    return [
        say("missing") if pd.isna(amount) else f"{show.written(amount, _digits(amount))} {unit}"
        for amount, unit in zip(rows["amount"], units, strict=True)
    ]


def fault_kinds(faults: Sequence[Fault]) -> pd.DataFrame:
    """Return the kinds of fault, the gravest and then the most frequent first."""
    rows = kinds(faults)
    examples = [show.told(text) for text in rows["example"]]
    return pd.DataFrame(
        {
            say("faults.severity"): [
                t(f"severity.{severity}", language()) for severity in rows["severity"]
            ],
            say("faults.message"): [
                kind_in_words(code, example)
                for code, example in zip(rows.index, examples, strict=True)
            ],
            say("overview.faults.count"): rows["count"].tolist(),
            say("overview.faults.example"): examples,
        }
    )
