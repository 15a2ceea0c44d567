"""What the page Lộ trình shows: items and their dates, reforms by date, months, readiness."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from procsim.app.overview.parts import goal, value
from procsim.app.shell import results, show
from procsim.app.shell.entry import Edit
from procsim.app.shell.jobs import Report
from procsim.app.shell.session import language, say
from procsim.decisions import Roadmap, targets, with_coverage
from procsim.language.i18n import bilingual, t
from procsim.measures import measure
from procsim.reference.readiness import (
    CRITERIA,
    READINESS_COLUMNS,
    coverage_from_readiness,
    merge_readiness,
    readiness,
)
from procsim.reforms import apply
from procsim.store import Project, SetDates, SetReadiness

OWN = "own"
"""Column of the officer's own date."""

_RATES = ("statutory_days", "documents", "cost_vnd", "conditions")
_ENTERED = "nhập"


@dataclass(frozen=True, eq=False)
class Track:
    """A plan followed month by month.

    Attributes
    ----------
    months
        What `Roadmap.trajectory` returns.
    critical
        What `Roadmap.critical` returns.
    """

    months: pd.DataFrame
    critical: pd.DataFrame


def key_of(project: Project, plan: str, day: dt.date, year: int) -> Hashable:
    """Return the key of the work that follows a plan: everything it depends on."""
    digest = project.digest_of("portfolio", "parameters", f"plans/{plan}", "dates")
    return "roadmap", digest, day.isoformat(), year


def work(road: Roadmap, year: int, report: Report) -> Track:
    """Follow a plan month by month against the targets of a year; a deadline at a time."""
    own = replace(road)  # the measures it keeps for itself belong to this thread alone
    chosen = targets(year)
    days = sorted({target.deadline for target in chosen if target.deadline is not None})
    for done, day in enumerate(days):
        report(done / (len(days) + 1), bilingual("app.roadmap.job", day=f"{day:%d/%m/%Y}"))
        own.critical([target for target in chosen if target.deadline == day])
    report(len(days) / (len(days) + 1), bilingual("app.roadmap.job.months"))
    return Track(own.trajectory(chosen), own.critical(chosen))


def _name(frame: pd.DataFrame) -> pd.Series:
    return frame[f"name_{language()}"]


def items(road: Roadmap, entered: Mapping[str, dt.date]) -> pd.DataFrame:
    """Return databases and texts that the plan waits for; index their key.

    Column `OWN` holds the officer's own date, the others are texts to read.
    """
    rows = road.items[road.items["kind"] != "resolution"].set_index("key")
    notes = [
        " ".join(part for part in (say("roadmap.overdue") if late else "", reason) if part)
        for late, reason in zip(rows["overdue"], rows[f"reason_{language()}"], strict=True)
    ]
    basis = [
        f"{say(f'roadmap.basis.{way}')}{f' ({mark})' if mark else ''}"
        for way, mark in zip(rows["basis"], rows["mark"], strict=True)
    ]
    return pd.DataFrame(
        {
            "kind": [say(f"roadmap.kind.{kind}") for kind in rows["kind"]],
            "name": _name(rows),
            "ready_on": [_day(day, say("roadmap.unknown")) for day in rows["ready_on"]],
            OWN: [entered.get(_date_key(road, key)) for key in rows.index],
            "basis": basis,
            "reforms": rows["reforms"].map(show.amount),
            "waiting": rows["waiting"].map(show.amount),
            "note": notes,
            "source": rows["source"],
        },
        index=rows.index,
    )


def open_items(road: Roadmap) -> pd.Series:
    """Return which of the items, by key, are overdue or without a date."""
    rows = road.items[road.items["kind"] != "resolution"].set_index("key")
    return rows["overdue"].astype(bool) | rows["ready_on"].isna()


def _date_key(road: Roadmap, item: str) -> str:
    """Return under which name a date is entered for an item."""
    return road.catalogue[item].text or item


def dates_action(road: Roadmap, edits: Sequence[Edit]) -> SetDates:
    """Return the action that enters the dates edited; an empty one takes its own out."""
    days = {
        _date_key(road, edit.row): edit.value if isinstance(edit.value, dt.date) else None
        for edit in edits
    }
    return SetDates(days)


def effects(road: Roadmap) -> pd.DataFrame:
    """Return how many reforms take effect on each day, and what they wait for last."""
    names = {key: show.told(item.name) for key, item in road.catalogue.items()}
    columns = ["effective_on", "waits_for", "until", "resumes_on", "mark"]
    counts = Counter(road.reforms[columns].itertuples(index=False, name=None))
    ordered = sorted(counts.items(), key=lambda item: (item[0][0] or dt.date.max, item[0][1]))
    made, running = [], 0
    for (start, waits, until, resumes, mark), count in ordered:
        running += count
        made.append(
            {
                say("roadmap.effective_on"): show.day(start),
                say("roadmap.reforms"): count,
                say("roadmap.running"): running,
                say("roadmap.waits_for"): names.get(waits, waits),
                say("roadmap.until"): _day(until, "–"),
                say("roadmap.resumes_on"): _day(
                    resumes, "–" if until is None else say("roadmap.unknown")
                ),
                say("roadmap.mark"): mark or "–",
            }
        )
    return pd.DataFrame(made)


def _day(day: object, without: str) -> str:
    return without if day is None or pd.isna(day) else show.day(day)


def lapsing(road: Roadmap) -> pd.DataFrame:
    """Return the reforms whose effect lapses with Nghị quyết 66.7/2025/NQ-CP, one a row."""
    rows = road.reforms[road.reforms["until"].notna()]
    codes = road.portfolio.procedures["code"].to_dict()
    unknown, tongue = say("roadmap.unknown"), language()
    reforms = [road.plan.reforms[int(position) - 1] for position in rows.index]
    cells = {
        "list.code": [codes.get(each, each) for each in rows["procedure"]],
        "roadmap.change": [each.describe().in_language(tongue) for each in reforms],
        "roadmap.until": [show.day(day) for day in rows["until"]],
        "roadmap.resumes_on": [_day(day, unknown) for day in rows["resumes_on"]],
        "roadmap.why": rows[f"reason_{tongue}"].tolist(),
    }
    return pd.DataFrame({say(heading): column for heading, column in cells.items()})


def months(track: Track) -> pd.DataFrame:
    """Return a row for each month-end: reforms in force, and the rate of each metric."""
    frame = track.months[track.months["target_id"] == ""]
    wide = frame.pivot_table(
        index="month", columns="metric", values="value", aggfunc="first", sort=False, dropna=False
    )
    force = frame.groupby("month", sort=False)["in_force"].first()
    cells = {
        say("roadmap.month"): [f"{month:%m/%Y}" for month in force.index],
        say("roadmap.in_force"): force.tolist(),
        say("roadmap.change_in_month"): _signed(force.diff()),
    }
    for metric in _RATES:
        cells[t(f"figure.metric.{metric}", language())] = [
            show.percent(rate) for rate in wide[metric].reindex(force.index)
        ]
    return pd.DataFrame(cells)


def _signed(changes: pd.Series) -> list[str]:
    return [
        "–"
        if pd.isna(change) or change == 0
        else f"{'+' if change > 0 else '−'}{show.amount(abs(change))}"
        for change in changes
    ]


def critical(track: Track) -> pd.DataFrame:
    """Return each target at its deadline, and what holds it back; index ``target_id``."""
    kinds = {target.id: target.kind for target in targets()}
    made = []
    for row in track.critical.to_dict("records"):
        kind = kinds[row["target_id"]]

        held = row[f"critical_{language()}"] or say(f"roadmap.how.{row['how'] or 'none'}")
        late = row["critical_ready_on"]
        made.append(
            {
                say("card.verdict"): say(f"verdict.{row['deadline_verdict']}"),
                say("card.target"): row[f"name_{language()}"],
                say("roadmap.deadline"): show.day(row["deadline"]),
                say("roadmap.at_deadline"): value(row["deadline_value"], kind),
                say("card.goal"): goal(row["target"], kind),
                say("roadmap.held_by"): held,
                say("roadmap.its_date"): _day(late, "–"),
                say("roadmap.if_in_time"): value(row["value_with"], kind)
                if row["critical"]
                else "–",
                say("card.reason"): row[f"reason_{language()}"],
            }
        )
    index = pd.Index(track.critical["target_id"], name="target_id")
    return pd.DataFrame(made, index=index)


def held_back(track: Track, target: str) -> list[str]:
    """Return in sentences what a target reaches by its deadline and why, as Markdown."""
    row = track.critical.set_index("target_id").loc[target]
    kind = next(each.kind for each in targets() if each.id == target)
    facts = {
        "deadline": _day(row["deadline"], "–"),
        "value": value(row["deadline_value"], kind),
        "goal": goal(row["target"], kind),
    }
    made = [say("roadmap.told.deadline", **facts)]
    if row["critical"]:
        named = show.escaped(str(row[f"critical_{language()}"]))
        day = _day(row["critical_ready_on"], say("roadmap.unknown"))
        gain = value(row["value_with"], kind)
        made.append(say(f"roadmap.told.{row['how']}", item=named, day=day, value=gain))
    reason = str(row[f"reason_{language()}"])
    return [*made, show.escaped(reason)] if reason else made


def _databases(road: Roadmap) -> list[str]:
    return [key for key, item in road.catalogue.items() if item.kind == "database"]


def readiness_table(road: Roadmap, own: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Return the six criteria of each database of the plan, and the coverage they give."""
    table = merge_readiness(own)
    stated = readiness(on, table)
    known = [key for key in _databases(road) if key in stated.index]
    frame = stated.loc[known, list(CRITERIA)].astype(object)
    frame.insert(0, "name", [show.told(road.catalogue[key].name) for key in known])
    frame["coverage"] = [
        say("roadmap.default") if np.isnan(found.value) else show.percent(found.value, 1)
        for found in (coverage_from_readiness(key, on, table) for key in known)
    ]
    return frame


def readiness_action(
    own: pd.DataFrame, edits: Sequence[Edit], on: dt.date, source: str
) -> SetReadiness:
    """Return the action that states criteria on a day; an empty cell takes one's own out."""
    rows = own.assign(value=own["value"].map(_share_text)) if len(own) else own
    changed = {(edit.row, edit.column) for edit in edits}
    cleared = {(edit.row, edit.column) for edit in edits if edit.value is None}
    keep = [
        (base, criterion) not in cleared
        and not ((base, criterion) in changed and day == on.isoformat())
        for base, criterion, day in zip(
            rows["database"], rows["criterion"], rows["date"], strict=True
        )
    ]
    added = [
        [edit.row, edit.column, _share_text(edit.value), on.isoformat(), source, _ENTERED, ""]
        for edit in edits
        if edit.value is not None
    ]
    new = pd.DataFrame(added, columns=list(READINESS_COLUMNS), dtype=str)
    kept = rows[pd.Series(keep, index=rows.index, dtype=bool)]
    parts = [part for part in (kept, new) if len(part)]
    return SetReadiness(pd.concat(parts, ignore_index=True) if parts else new)


def _share_text(value: object) -> str:
    number = float(str(value))
    return "" if np.isnan(number) else np.format_float_positional(number, trim="-")


def assumed(project: Project, plan: str) -> pd.DataFrame:
    """Return the measures after a plan with the coverage that parameters assume."""

    def make() -> pd.DataFrame:
        changed = apply(project.portfolio, results.plan_of(project, plan))
        return measure(changed, project.parameters())

    return results.of_plan("assumed", project, plan, make)


def expected(project: Project, plan: str, on: dt.date) -> pd.DataFrame:
    """Return the measures after a plan with the coverage that the officer's readiness gives."""

    def make() -> pd.DataFrame:
        covered = with_coverage(
            results.plan_of(project, plan), on, merge_readiness(project.readiness)
        )
        return measure(apply(project.portfolio, covered), project.parameters())

    more = project.digest_of("readiness")
    return results.of_plan("expected", project, plan, make, more, on.isoformat())
