"""Tối ưu: the least to amend and connect so that every target is met, with proof."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from procsim.app.shell import address, entry, jobs, show, workspace
from procsim.app.shell.session import language, say
from procsim.app.smallest.answer import show_answer
from procsim.app.smallest.question import Question, answer, kept_question, pool
from procsim.language.i18n import t
from procsim.least_cost.candidates import CLASSES
from procsim.least_cost.plan import SmallestPlan
from procsim.reference import databases
from procsim.reference.law import legal_texts

YEARS = (2025, 2026)
METRICS = ("time", "cost", "documents", "conditions")
SCOPES = ("nation", "ministry", "province", "field", "levels")

project = workspace.current()
show.heading("smallest")
if len(project.portfolio) == 0:
    show.empty(say("smallest.no_data"), "data", say("data.page"))
    st.stop()

held = kept_question(project)
asked = int(address.get("year") or held.year)
refused: list[entry.Refused] = []


def limit(label: str, value: float | None, name: str) -> float | None:
    """Show a field for a limit; an entry that cannot be read stops the search."""
    found = entry.number(label, "count", value, key=f"smallest.limit.{name}", low=0)
    if isinstance(found, entry.Refused):
        refused.append(found)
        return None
    return found


def title_of(name: str) -> str:
    """Return a text or database as officers know it."""
    if name in databases().index:
        return f"{name} – {databases().at[name, 'name_vi']}"
    titles = legal_texts()["title"]
    return f"{name} – {titles[name]}"[:120] if name in titles else name


first, second, third = st.columns([2, 3, 4])
year = first.selectbox(
    say("smallest.year"),
    YEARS,
    index=YEARS.index(asked) if asked in YEARS else 0,
    key="smallest.year",
    format_func=str,
)
scopes = second.multiselect(
    say("smallest.scopes"),
    SCOPES,
    default=list(held.scopes),
    format_func=lambda name: say(f"smallest.scope.{name}"),
    key="smallest.scopes",
    placeholder=say("smallest.scopes.hint"),
    help=say("smallest.scopes.help"),
)
source = third.selectbox(
    say("smallest.source"),
    ["", *project.plans],
    index=["", *project.plans].index(held.source),
    format_func=lambda name: name or say("smallest.source.all"),
    key="smallest.source",
    help=say("smallest.source.help"),
)
question = replace(held, year=year, scopes=tuple(scopes) or ("nation",), source=source)

with st.expander(say("smallest.limits")):
    st.caption(say("smallest.rates.caption"))
    rates = {}
    for column, metric in zip(st.columns(len(METRICS)), METRICS, strict=True):
        with column:
            rate = entry.number(
                t(f"smallest.metric.{metric}", language()),
                "share",
                held.rates.get(metric),
                key=f"smallest.rate.{metric}",
                low=0.0001,
                high=1,
            )
        if isinstance(rate, entry.Refused):
            refused.append(rate)
        elif rate is not None:
            rates[metric] = rate
    columns = st.columns(4)
    with columns[0]:
        texts = limit(say("smallest.limit.texts"), held.texts, "texts")
    with columns[1]:
        bases = limit(say("smallest.limit.databases"), held.databases, "databases")
    with columns[2]:
        price = limit(say("smallest.limit.price"), held.price, "price")
    with columns[3]:
        seconds = limit(say("smallest.limit.seconds"), held.seconds, "seconds")
    classes = st.multiselect(
        say("smallest.classes"),
        CLASSES,
        default=list(held.classes),
        format_func=lambda name: say(f"smallest.class.{name}"),
        key="smallest.classes",
        placeholder=say("smallest.classes.hint"),
        disabled=bool(source),
    )
    question = replace(
        question,
        rates=rates,
        texts=texts,
        databases=bases,
        price=price,
        seconds=seconds or Question.seconds,
        classes=tuple(classes) or CLASSES,
    )
    if st.toggle(say("smallest.force"), value=bool(held.forced_in or held.forced_out), key="force"):
        with st.spinner(say("smallest.finding")):
            known = pool(project, question).frame
        names = sorted(
            {text for cell in known["texts"] for text in str(cell).split(";") if text}
            | {base for cell in known["databases"] for base in str(cell).split(";") if base}
        )
        chosen = {
            way: st.multiselect(
                say(f"smallest.forced.{way}"),
                names,
                default=[name for name in getattr(held, f"forced_{way}") if name in names],
                format_func=title_of,
                key=f"smallest.forced.{way}",
                placeholder=say("smallest.forced.hint"),
            )
            for way in ("in", "out")
        }
        question = replace(question, forced_in=tuple(chosen["in"]), forced_out=tuple(chosen["out"]))
    else:
        question = replace(question, forced_in=(), forced_out=())


def ask() -> None:
    """Keep the question in the project, then search in the background."""
    address.put("year", str(question.year))
    if question != held and not workspace.act(question.note()):
        return
    key = question.key(workspace.current())
    jobs.jobs().forget(key)
    jobs.jobs().start(key, answer(workspace.current(), question))


key = question.key(project)
job = jobs.jobs().get(key)
st.button(
    say("smallest.again" if job is not None and not job.active else "smallest.search"),
    key="smallest.search",
    type="primary",
    icon=":material/play_arrow:",
    on_click=ask,
    disabled=bool(refused) or (job is not None and job.active),
)
over = jobs.follow(key, name="smallest")
if over is not None and isinstance(over.result, SmallestPlan):
    show_answer(over.result, key)
elif job is None:
    st.caption(say("smallest.before"))
