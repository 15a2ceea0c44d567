"""The tab Ngày nghỉ: the days that offices do not work, and the officer's own days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from procsim.app.procedures.facts import mark_word
from procsim.app.shell import entry, saving, show, workspace
from procsim.app.shell.entry import Kind, Refused
from procsim.app.shell.session import language, say, today
from procsim.errors import ProcsimError, Text
from procsim.language.i18n import bilingual
from procsim.language.vietnamese import fold
from procsim.reference.calendar import Calendar, Holiday, published_years
from procsim.reference.tables import MARKS
from procsim.store import Project, SetDaysOff

_ENTERED = "nhập"
_PASTED: Mapping[str, Kind] = {
    "day": "date",
    "off_or_work": "text",
    "name": "text",
    "source": "text",
    "mark": "text",
}
_WORKED = {"work", "worked", "lam viec", "lam bu"}
_OFF = {"off", "nghi", "nghi bu", ""}


def years(project: Project) -> list[int]:
    """Return the years whose days off can be seen: published, two more, and the officer's."""
    known = published_years()
    own = {day.year for day in project.state.days}
    return sorted({*known, known[-1] + 1, known[-1] + 2, *own})


def days_table(project: Project, year: int) -> pd.DataFrame:
    """Return the weekdays off, the week-end days worked and the officer's own days of a year.

    The index is the day in ISO form.
    """
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    own = {day: each for day, each in project.state.days.items() if day.year == year}
    shipped = {each.day for each in Calendar().days_that_differ(first, last)}
    every = {each.day: each for each in project.calendar().days_that_differ(first, last)} | own
    found = [every[day] for day in sorted(every)]
    weekdays = say("parameters.weekdays").split(";")

    def origin(day: dt.date) -> str:
        if day not in own:
            return ""
        return say("parameters.days.instead" if day in shipped else "parameters.days.added")

    return pd.DataFrame(
        {
            say("parameters.day"): [show.day(each.day) for each in found],
            say("parameters.weekday"): [weekdays[each.day.weekday()] for each in found],
            say("parameters.off_or_work"): [_kind(each) for each in found],
            say("parameters.days.own"): [origin(each.day) for each in found],
            say("parameters.name"): [show.told(each.name) for each in found],
            say("parameters.mark"): [mark_word(each.mark) for each in found],
            say("parameters.source"): [each.source for each in found],
        },
        index=pd.Index([each.day.isoformat() for each in found], name="day"),
    )


def _kind(holiday: Holiday) -> str:
    if not holiday.worked:
        return say("parameters.off")
    return say("parameters.worked" if holiday.day.weekday() > 4 else "parameters.usual")


def days_off(project: Project) -> None:
    """Show which days offices do not work in a year; an officer adds, changes, removes days."""
    known, this = years(project), today().year
    year = st.segmented_control(
        say("parameters.year"),
        known,
        default=this if this in known else known[0],
        required=True,
        format_func=str,
        key="parameters.year",
    )
    year = int(year or known[0])
    table = days_table(project, year)
    st.caption(say("parameters.days.caption"))
    picked = show.table(
        table,
        key=f"parameters.days.{year}.{project.version}",
        pick=True,
        height=250,
        widths={say("parameters.source"): "large"},
    )
    refused = st.session_state.pop("parameters.days.refused", None)
    if refused is not None:
        show.failure(refused)
    _one(project, dt.date.fromisoformat(picked) if picked else None)
    with st.expander(say("parameters.days.paste"), icon=":material/content_paste:"):
        _paste(project)
    name = f"{say('parameters.file.days')}-{year}"
    saving.download_csv(table, name, key="parameters.days.csv")


def _one(project: Project, picked: dt.date | None) -> None:
    """Show the fields of one day: the one picked, or a new one."""
    old = _at(project, picked)
    key = f"parameters.days.{picked}.{project.version}"
    kinds = {False: say("parameters.days.off"), True: say("parameters.days.worked")}
    marks = {mark: mark_word(mark) for mark in MARKS}
    with st.container(border=True):
        st.markdown(say("parameters.days.change" if picked else "parameters.days.add"))
        first, second, third = st.columns([1.2, 1.2, 2.4])
        with first:
            day = entry.date(say("parameters.day"), picked, key=f"{key}.day")
        with second:
            worked = st.radio(
                say("parameters.off_or_work"),
                (False, True),
                index=int(old is not None and old.worked),
                format_func=kinds.__getitem__,
                key=f"{key}.kind",
                horizontal=True,
            )
        name = third.text_input(
            say("parameters.name"),
            value=show.told(old.name) if old else "",
            placeholder=say("parameters.days.name.hint"),
            key=f"{key}.name",
        )
        left, right = st.columns([1.2, 3.6])
        mark = left.selectbox(
            say("parameters.mark"),
            MARKS,
            index=MARKS.index(old.mark if old else _ENTERED),
            format_func=marks.__getitem__,
            key=f"{key}.mark",
        )
        source = right.text_input(
            say("parameters.days.source"),
            value=old.source if old else "",
            placeholder=say("parameters.days.source.hint"),
            key=f"{key}.source",
        )
        made = None
        if isinstance(day, dt.date):
            made = _holiday(day, name, source, str(mark), old, worked=bool(worked))
        _buttons(project, made, picked, old)


def _at(project: Project, day: dt.date | None) -> Holiday | None:
    if day is None:
        return None
    found = project.calendar().days_that_differ(day, day)
    return project.state.days.get(day) or next(iter(found), None)


def _holiday(
    day: dt.date, name: str, source: str, mark: str, old: Holiday | None, *, worked: bool
) -> Holiday:
    """Return the day as entered; a name that was not changed keeps both languages."""
    words = " ".join(name.split())
    same = old is not None and words == show.told(old.name)
    named = old.name if old is not None and same else Text(words, words)
    return Holiday(day, worked, named, mark, " ".join(source.split()))


def _buttons(
    project: Project, made: Holiday | None, picked: dt.date | None, old: Holiday | None
) -> None:
    save, remove, back = st.columns(3)
    changes: dict[dt.date, Holiday | None] = {} if made is None else {made.day: made}
    gone = None if picked is None or old is None else _without(project, picked, old)
    if made is not None and picked is not None and picked != made.day:
        changes[picked] = gone  # the day was moved
    save.button(
        say("parameters.days.save"),
        key="parameters.days.save",
        type="primary",
        icon=":material/check:",
        disabled=made is None or made == old,
        on_click=_act,
        args=(changes,),
        width="stretch",
    )
    remove.button(
        say("parameters.days.remove"),
        key="parameters.days.remove",
        icon=":material/event_busy:",
        disabled=picked is None or (gone == project.state.days.get(picked)),
        on_click=_act,
        args=({picked: gone},),
        help=say("parameters.days.remove.help"),
        width="stretch",
    )
    back.button(
        say("parameters.days.reset"),
        key="parameters.days.reset",
        icon=":material/restart_alt:",
        disabled=picked not in project.state.days,
        on_click=_act,
        args=({picked: None},),
        help=say("parameters.days.reset.help"),
        width="stretch",
    )


def _without(project: Project, day: dt.date, old: Holiday) -> Holiday | None:
    """Return what makes a day as the week has it; None where taking the own day out does."""
    shipped = Calendar().days_that_differ(day, day)
    if not shipped:
        return None
    usual = day.weekday() < 5
    current = project.state.days.get(day)
    if current is not None and current.worked == usual:
        return current
    return Holiday(day, usual, old.name, _ENTERED, "")


def _act(days: Mapping[dt.date, Holiday | None]) -> None:
    try:
        if workspace.act(SetDaysOff(days)):
            saving.saved(len(days))
    except ProcsimError as error:
        st.session_state["parameters.days.refused"] = error  # shown by the run that follows


def from_excel(text: str) -> tuple[list[Holiday], list[Refused]]:
    """Read days pasted from Excel: day, off or worked, name, source, mark."""
    labels = {name: say(f"parameters.{name}") for name in _PASTED}
    rows, refused = entry.pasted(text, _PASTED, labels)
    marks = {fold(word): mark for mark in MARKS for word in (mark, mark_word(mark))}
    found: dict[dt.date, Holiday] = {}
    for number, row in rows.items():
        place = {name: entry.cell_place(number, label) for name, label in labels.items()}
        kind, mark = (fold(str(row[name] or "")).strip() for name in ("off_or_work", "mark"))
        if kind not in _OFF | _WORKED:
            why = bilingual("app.parameters.days.kind.unread")
            refused.append(Refused(place["off_or_work"], str(row["off_or_work"]), why))
        if mark and mark not in marks:
            why = bilingual("store.day_mark.cure", known=", ".join(MARKS))
            refused.append(Refused(place["mark"], str(row["mark"]), why))
        day = row["day"]
        if isinstance(day, dt.date):
            if day in found:
                why = bilingual("app.parameters.days.twice")
                refused.append(Refused(place["day"], show.day(day), why))
            name, source = (" ".join(str(row[key] or "").split()) for key in ("name", "source"))
            name = name or say("parameters.days.default")
            entered = marks.get(mark, _ENTERED)
            found[day] = Holiday(day, kind in _WORKED, Text(name, name), entered, source)
        elif place["day"] not in {each.place for each in refused}:
            refused.append(Refused(place["day"], "", bilingual("store.day.cure")))
    return list(found.values()), refused


def _paste(project: Project) -> None:
    st.caption(say("parameters.days.paste.caption"))
    key = f"parameters.days.paste.{project.version}"
    text = st.text_area(
        say("parameters.days.paste.label"),
        key=key,
        height=140,
        placeholder=say("parameters.days.paste.hint"),
    )
    days, refused = from_excel(text)
    for each in refused:
        why = each.reason.in_language(language())
        st.error(show.escaped(f"{each.place}: “{each.written}”. {why}"))
    if days:
        shown = {
            say("parameters.day"): [show.day(each.day) for each in days],
            say("parameters.off_or_work"): [_kind(each) for each in days],
            say("parameters.name"): [show.told(each.name) for each in days],
            say("parameters.source"): [each.source for each in days],
            say("parameters.mark"): [mark_word(each.mark) for each in days],
        }
        show.table(pd.DataFrame(shown), key="parameters.days.pasted")
    st.button(
        say("parameters.days.paste.do", count=len(days)),
        key="parameters.days.paste.do",
        type="primary",
        disabled=not days or bool(refused),
        on_click=_act,
        args=({each.day: each for each in days},),
    )
