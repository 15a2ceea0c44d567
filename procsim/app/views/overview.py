"""Tổng quan: load, read the scorecard, filter the list, download the plan."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from procsim.app import session
from procsim.errors import ProcsimError
from procsim.language.i18n import t
from procsim.language.vietnamese import fold, format_number

LANGUAGE = session.language()
METRICS = ("statutory_days", "documents", "cost_vnd", "conditions")
YEARS = (2026, 2025)


def say(key: str, **values: object) -> str:
    """Return a sentence of this page in the language of the session."""
    return t(f"app.{key}", LANGUAGE, **values)


def number(value: float, decimals: int = 0) -> str:
    """Return a figure in Vietnamese format, or the words for a missing one."""
    return say("missing") if pd.isna(value) else format_number(value, decimals)


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
    accept = st.toggle(say("accept.label"), help=say("accept.help"))
    year = st.selectbox(say("year.label"), YEARS)

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
    decimals = 1 if metric == "statutory_days" else 0
    rate = row["rate"]
    column.metric(
        say(f"metric.{metric}"),
        number(row["after"], decimals),
        None if pd.isna(rate) else f"−{format_number(100 * rate, 2)} %",
        delta_color="off" if pd.isna(rate) or rate == 0 else "normal",
        help=say(
            f"metric.{metric}.help",
            before=number(row["before"], decimals),
            known=int(row["procedures"]),
            missing=int(row["missing"]),
        ),
        border=True,
    )
    column.caption(
        say(
            "metric.basis",
            before=number(row["before"], decimals),
            known=int(row["procedures"]),
            missing=int(row["missing"]),
        )
    )

st.subheader(say("card.heading", year=str(year)))
st.caption(say("card.caption"))
card = study.card(year).summary
shown = pd.DataFrame(
    {
        say("card.group"): card["group"],
        say("card.target"): card["name_vi" if LANGUAGE == "vi" else "name_en"],
        say("card.value"): card["value"] * 100,
        say("card.goal"): card["target"] * 100,
        say("card.gap"): card["gap"] * 100,
        say("card.verdict"): [say(f"verdict.{verdict}") for verdict in card["verdict"]],
        say("card.base"): card["base_year"],
        say("card.known"): card["known"],
        say("card.missing"): card["missing"],
    }
)
percent = st.column_config.NumberColumn(format="%.2f %%")
st.dataframe(
    shown,
    hide_index=True,
    width="stretch",
    column_config=dict.fromkeys((say("card.value"), say("card.goal"), say("card.gap")), percent),
)

st.subheader(say("list.heading"))
search, ministry, touched = st.columns([3, 2, 1], vertical_alignment="bottom")
words = fold(search.text_input(say("list.search"), placeholder=say("list.search.hint")))
ministries = sorted(study.before["ministry"].unique())
chosen = ministry.multiselect(
    say("list.ministry"), ministries, placeholder=say("list.ministry.hint")
)
only_touched = touched.toggle(say("list.touched"))

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
    st.dataframe(
        pd.DataFrame(
            {
                say("list.code"): before.loc[rows, "code"],
                say("list.name"): before.loc[rows, "name"],
                say("list.ministry"): before.loc[rows, "ministry"],
                say("list.days"): before.loc[rows, "statutory_days"],
                say("list.documents.before"): before.loc[rows, "documents"],
                say("list.documents.after"): after.loc[rows, "documents"],
                say("list.cost.before"): before.loc[rows, "cost_vnd"],
                say("list.cost.after"): after.loc[rows, "cost_vnd"],
            }
        ),
        hide_index=True,
        width="stretch",
        column_config={
            say("list.name"): st.column_config.TextColumn(width="large"),
            say("list.days"): st.column_config.NumberColumn(format="%.1f"),
            say("list.cost.before"): st.column_config.NumberColumn(format="localized"),
            say("list.cost.after"): st.column_config.NumberColumn(format="localized"),
        },
    )
else:
    st.info(say("list.empty"))

st.subheader(say("report.heading"))
if st.button(say("report.make"), type="primary"):
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
