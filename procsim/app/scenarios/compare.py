"""Plans side by side, and who contributes how much to one of them."""

from __future__ import annotations

from typing import Any, Literal, cast

import pandas as pd
import streamlit as st

from procsim.app.shell import jobs, results, show
from procsim.app.shell.kept import kept
from procsim.app.shell.session import language, say
from procsim.decisions import Scenarios, scenarios, targets
from procsim.language.i18n import bilingual, t
from procsim.reforms import effects
from procsim.store import Project

Way = Literal["database", "legal_text", "agency", "reform"]
WAYS: tuple[Way, ...] = ("database", "legal_text", "agency", "reform")
METRICS = ("days", "cost_vnd", "documents", "conditions")
_LINES = (
    "reforms", "procedures", "legal_texts", "databases", "price",
    "days_saved", "days_rate", "cost_vnd_saved", "cost_vnd_rate", "documents_saved",
    "documents_rate", "conditions_saved", "conditions_rate", "incomplete", "errors",
    "warnings", "met", "missed", "unknown", "pareto",
)  # fmt: skip


def show_comparison(project: Project, year: int) -> None:
    """Show several plans against one baseline, and which of them no other one betters."""
    chosen = st.multiselect(
        say("scenarios.compare.pick"),
        list(project.plans),
        default=list(project.plans)[:4],
        key="scenarios.compare",
        placeholder=say("scenarios.compare.hint"),
    )
    if not chosen:
        st.caption(say("scenarios.compare.none"))
        return
    digest = project.digest_of("portfolio", "parameters", *(f"plans/{name}" for name in chosen))
    key = ("scenarios", digest, year)
    plans = {name: project.plans[name] for name in chosen}
    portfolio, figures = project.portfolio, project.parameters()

    def work(report: jobs.Report) -> tuple[list[str], Scenarios]:
        report(0.1, bilingual("app.scenarios.comparing", count=len(plans)))
        made = scenarios(portfolio, plans.values(), targets=targets(year), parameters=figures)
        return list(plans), made

    jobs.jobs().start(key, work)
    job = jobs.follow(key, name="scenarios.compare")
    if job is None or job.status != "done":
        return
    names, made = cast("tuple[list[str], Scenarios]", job.result)
    st.caption(say("scenarios.compare.caption", year=str(year)))
    heads = [say("scenarios.baseline"), *names]
    rows = {
        t(f"cli.scenarios.{line}", language()): [_cell(line, cell) for cell in made.frame[line]]
        for line in _LINES
        if not made.frame[line].isna().all()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=heads)
    st.dataframe(
        table.rename_axis(say("scenarios.line")), width="stretch", key="scenarios.compare.table"
    )


def _cell(line: str, value: object) -> str:
    if line == "pareto":
        return say("scenarios.yes" if value else "scenarios.no")
    number = None if pd.isna(value) else float(str(value))
    return show.percent(number) if line.endswith("_rate") else show.amount(number)


def show_effects(project: Project, name: str) -> None:
    """Show how much each database, text, agency or reform contributes; shares add up."""
    left, right = st.columns(2)
    way = left.selectbox(
        say("scenarios.effects.by"),
        WAYS,
        format_func=lambda each: say(f"scenarios.effects.{each}"),
        key="scenarios.effects.by",
    )
    metric = right.selectbox(
        say("scenarios.effects.metric"),
        METRICS,
        index=METRICS.index("documents"),
        format_func=lambda each: say(f"scenarios.metric.{each}"),
        key="scenarios.effects.metric",
    )
    key = ("effects", project.digest_of("portfolio", "parameters", f"plans/{name}"), way)
    plan, portfolio, figures = project.plans[name], project.portfolio, project.parameters()

    def work(report: jobs.Report) -> pd.DataFrame:
        report(0.1, bilingual("app.scenarios.attributing"))
        return effects(portfolio, plan, by=way, parameters=figures)

    jobs.jobs().start(key, work)
    job = jobs.follow(key, name="scenarios.effects")
    if job is None or job.status != "done":
        return
    made = cast("pd.DataFrame", job.result)
    st.caption(say("scenarios.effects.caption"))
    show.chart(kept("waterfall", (*key, metric, language()), lambda: _waterfall(made, metric)))
    named = "name" if f"name_{language()}" in made else "change"
    shares = made.dropna(subset=[metric]).sort_values(metric, ascending=False, kind="stable")
    heads = {
        f"{named}_{language()}": say(f"scenarios.effects.{way}"),
        metric: say("scenarios.effects.share"),
        f"{metric}_alone": say("scenarios.effects.alone"),
        f"{metric}_last": say("scenarios.effects.last"),
        f"{metric}_error": say("scenarios.effects.error"),
        "procedures": say("scenarios.effects.procedures"),
    }
    decimals = 1 if metric in ("days", "documents") else 0
    show.table(
        shares[list(heads)].rename(columns=heads),
        formats={
            heads[column]: decimals
            for column in (metric, f"{metric}_alone", f"{metric}_last", f"{metric}_error")
        }
        | {heads["procedures"]: 0},
        key="scenarios.effects.table",
        widths={heads[f"{named}_{language()}"]: "large"},
    )
    total = made.attrs["total"][metric]
    st.caption(say("scenarios.effects.total", total=show.amount(float(total), decimals)))


def _waterfall(made: pd.DataFrame, metric: str) -> dict[str, Any]:
    from procsim.reports.charts.figures import waterfall  # Altair costs a quarter of a second

    spec: dict[str, Any] = waterfall(made, metric, language=language()).to_dict()
    return spec


def show_rates(project: Project, name: str) -> None:
    """Show what the plan saves in all, in four figures."""
    rates = results.rates(project, name).set_index("metric")
    shown = (
        ("statutory_days", "days", 1.0, 1),
        ("cost_vnd", "cost_vnd", 1e6, 1),
        ("documents", "documents", 1.0, 0),
        ("conditions", "conditions", 1.0, 0),
    )
    for column, (metric, label, unit, decimals) in zip(st.columns(4), shown, strict=True):
        row = rates.loc[metric]
        cut = None if pd.isna(row["rate"]) else float(row["rate"])
        show.figure(
            column,
            say(f"scenarios.figure.{label}"),
            show.amount(row["after"] / unit, decimals),
            change=f"-{show.percent(cut)}" if cut else say("scenarios.figure.same"),
            burden=bool(cut),
            help=say(
                "scenarios.figure.help",
                before=show.amount(row["before"] / unit, decimals),
                known=int(row["procedures"]),
                missing=int(row["missing"]),
            ),
        )
