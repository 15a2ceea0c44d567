"""Tổng quan: load, read the scorecard, filter the list, download the plan."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from procsim.app import session
from procsim.errors import ProcsimError
from procsim.language.i18n import t
from procsim.language.vietnamese import fold, format_number, format_number_en

LANGUAGE = session.language()
written = format_number if LANGUAGE == "vi" else format_number_en
METRICS = ("statutory_days", "documents", "cost_vnd", "conditions")
YEARS = (2026, 2025)
SCALES = {"statutory_days": (1.0, 1), "cost_vnd": (1e6, 1)}


def say(key: str, **values: object) -> str:
    """Return a sentence of this page in the language of the session."""
    return t(f"app.{key}", LANGUAGE, **values)


def number(value: float, decimals: int = 0) -> str:
    """Return a figure in the way of the language, or the words for a missing one."""
    return say("missing") if pd.isna(value) else written(value, decimals)


def shown(value: float, kind: str, *, points: bool = False) -> str:
    """Return a rate or share in percent (or points), a count as a whole number."""
    if pd.isna(value):
        return say("missing")
    sign = "+" if points and value > 0 else ""
    if kind == "count":
        return sign + written(value, 0)
    return sign + (written(value, 2) if points else f"{written(100 * value, 2)} %")


def switch_language() -> None:
    """Keep the choice in the address, so that a link opens the same language."""
    st.query_params["lang"] = "en" if st.session_state["language"] == "English" else "vi"


with st.sidebar:
    st.radio(
        "Ngôn ngữ / Language",
        ("Tiếng Việt", "English"),
        index=0 if LANGUAGE == "vi" else 1,
        key="language",
        horizontal=True,
        on_change=switch_language,
    )
    upload = st.file_uploader(
        say("upload.label"), type=["xlsx", "json", "jsonl", "gz"], help=say("upload.help")
    )
    accept = st.toggle(say("accept.label"), help=say("accept.help"), key="accept")
    year = st.selectbox(say("year.label"), YEARS, key="year")

st.title(say("overview.heading"))
st.caption(say("overview.caption"))

try:
    with st.spinner(say("working")):
        digest, study = session.study(
            upload.name if upload else "", upload.getvalue() if upload else None, accept
        )
except ProcsimError as error:
    st.error(say("upload.refused"))
    for fault in error.faults:
        st.markdown(f"- {fault.in_language(LANGUAGE)}".replace("$", "\\$").replace("<", "&lt;"))
    st.stop()

source = study.portfolio.source if upload else say("sample.name")
errors = sum(fault.severity == "error" for fault in study.faults)
st.markdown(
    say(
        "overview.loaded",
        source=source.replace("_", "\\_"),
        procedures=len(study.portfolio),
        reforms=len(study.plan.reforms),
        touched=int(study.plan.to_frame()["procedure"].nunique()) if study.plan.reforms else 0,
    )
)

rates = study.rates.set_index("metric")
for column, metric in zip(st.columns(len(METRICS)), METRICS, strict=True):
    row = rates.loc[metric]
    unit, decimals = SCALES.get(metric, (1.0, 0))
    before_text, rate = number(row["before"] / unit, decimals), row["rate"]
    facts = {"before": before_text, "known": int(row["procedures"]), "missing": int(row["missing"])}
    column.metric(
        say(f"metric.{metric}"),
        number(row["after"] / unit, decimals),
        None if pd.isna(rate) else f"{'-' if rate > 0 else ''}{written(100 * rate, 2)} %",
        delta_color="inverse" if rate > 0 else "off",
        delta_arrow="auto" if rate > 0 else "off",
        help=say(f"metric.{metric}.help", **facts),
        border=True,
    )
    column.caption(say("metric.basis", **facts))

st.subheader(say("card.heading", year=str(year)))
st.caption(say("card.caption"))
card = study.card(year).to_frame()
card["shown"] = [shown(v, kind) for v, kind in zip(card["value"], card["kind"], strict=True)]
card["verdict_text"] = [say(f"verdict.{verdict}") for verdict in card["verdict"]]
name = "name_vi" if LANGUAGE == "vi" else "name_en"
nation = card[card["scope"] == "nation"]
st.dataframe(
    pd.DataFrame(
        {
            say("card.target"): nation[name],
            say("card.verdict"): nation["verdict_text"],
            say("card.value"): nation["shown"],
            say("card.goal"): [
                shown(v, kind) for v, kind in zip(nation["target"], nation["kind"], strict=True)
            ],
            say("card.gap"): [
                shown(v, kind, points=True)
                for v, kind in zip(nation["gap"], nation["kind"], strict=True)
            ],
            say("card.known"): nation["known"],
            say("card.missing"): nation["missing"],
            say("card.base"): nation["base_year"],
            say("card.reason"): nation[f"reason_{LANGUAGE}"],
        }
    ),
    hide_index=True,
    width="stretch",
    placeholder="–",
    column_config={
        say("card.target"): st.column_config.TextColumn(width="large"),
        say("card.reason"): st.column_config.TextColumn(width="large"),
        say("card.base"): st.column_config.NumberColumn(format="%d"),
    },
)
groups = card[card["scope"] != "nation"]
if len(groups):
    st.markdown(f"**{say('card.by_ministry')}**")
    cells = groups.assign(cell=groups["verdict_text"].str[:1] + " " + groups["shown"])
    table = cells.pivot_table(
        index="group", columns=name, values="cell", aggfunc="first", sort=False
    )
    st.dataframe(table.rename_axis(say("card.group")), width="stretch", placeholder="–")

st.subheader(say("list.heading"))
search, ministry, touched = st.columns([5, 4, 3], vertical_alignment="bottom")
words = fold(
    search.text_input(say("list.search"), placeholder=say("list.search.hint"), key="search")
)
ministries = sorted(study.before["ministry"].unique())
chosen = ministry.multiselect(
    say("list.ministry"), ministries, placeholder=say("list.ministry.hint")
)
only_touched = touched.toggle(say("list.touched"), key="touched")

before, after = study.before, study.after
keep = pd.Series(True, index=before.index)
if words:
    keep &= (before["code"] + " " + before["name"]).map(fold).str.contains(words, regex=False)
if chosen:
    keep &= before["ministry"].isin(chosen)
if only_touched:
    keep &= (before["documents"] != after["documents"]) & before["documents"].notna()
rows = before.index[keep]
st.caption(say("list.count", shown=len(rows), total=len(before)))
if len(rows):
    figures = {
        say("list.days"): (before["statutory_days"], 1),
        say("list.documents.before"): (before["documents"], 0),
        say("list.documents.after"): (after["documents"], 0),
        say("list.cost.before"): (before["cost_vnd"], 0),
        say("list.cost.after"): (after["cost_vnd"], 0),
    }
    table = pd.DataFrame(
        {
            say("list.code"): before.loc[rows, "code"],
            say("list.name"): before.loc[rows, "name"],
            **{label: values[rows] for label, (values, _) in figures.items()},
            say("list.ministry"): before.loc[rows, "ministry"],
        }
    )
    # Styled, so that the figures read as Vietnamese ones and still sort as numbers.
    formats = {label: partial(number, decimals=d) for label, (_, d) in figures.items()}
    st.dataframe(
        table.style.format(formats),
        hide_index=True,
        width="stretch",
        placeholder=say("missing"),
        column_config={say("list.name"): st.column_config.TextColumn(width="large")},
    )
else:
    st.info(say("list.empty"))

st.subheader(say("report.heading"))
if st.button(say("report.make"), type="primary", key="make"):
    with st.spinner(say("report.working")):
        session.workbook(digest, accept, year, LANGUAGE, study)
    st.session_state["report"] = (digest, accept, year, LANGUAGE)
if st.session_state.get("report") == (digest, accept, year, LANGUAGE):
    st.download_button(
        say("report.download"),
        session.workbook(digest, accept, year, LANGUAGE, study),
        file_name=say("report.file"),
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )

with st.expander(say("quality.heading", errors=errors, total=len(study.faults))):
    st.caption(say("quality.caption"))
    st.dataframe(
        pd.DataFrame(
            [
                {
                    say("quality.severity"): t(f"severity.{fault.severity}", LANGUAGE),
                    say("quality.place"): fault.place,
                    say("quality.value"): fault.value,
                    say("quality.message"): fault.message.in_language(LANGUAGE),
                    say("quality.cure"): fault.cure.in_language(LANGUAGE),
                }
                for fault in sorted(
                    study.faults, key=lambda f: ("error", "warning", "note").index(f.severity)
                )
            ]
        ),
        hide_index=True,
        width="stretch",
    )
