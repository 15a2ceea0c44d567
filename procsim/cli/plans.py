"""Commands about plans: apply one, compare several, share out, date and print it."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procsim.cli.commands import marked
from procsim.cli.output import emit, exit_code, fault_lines, stage, table_text
from procsim.cli.scenarios import compare_plans
from procsim.cli.smallest import run_smallest
from procsim.errors import Fault, UnreadableInput, shorten
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import TEXTS, bilingual, t

if TYPE_CHECKING:
    import pandas as pd

    from procsim.decisions import Scorecard
    from procsim.model import Portfolio
    from procsim.reference import Parameters
    from procsim.reforms import Plan
    from procsim.reports.readback import ReadBack

__all__ = ["made_plans", "run_plan", "run_report"]

_RESOLUTION = "66.7"
_SHARED = ("days", "cost_vnd", "documents", "conditions")


def made_plans(args: argparse.Namespace, portfolio: Portfolio) -> list[Plan]:
    """Return the plans asked for, in their order: files, or ``66.7`` for the resolution's own."""
    from procsim.reforms import Plan, resolution_66_7

    with stage("cli.stage.plan", args.lang):
        return [
            resolution_66_7(portfolio, on=args.on) if name == _RESOLUTION else Plan.read(Path(name))
            for name in (args.plan or [args.resolution])
        ]


@dataclass(frozen=True)
class _Outcome:
    """What came of a plan."""

    changed: Portfolio
    before: pd.DataFrame
    after: pd.DataFrame
    card: Scorecard


def _listed(args: argparse.Namespace) -> Portfolio:
    """Return the file marked, its procedures tagged with the programmes that name them."""
    from procsim.decisions import read_tag_lists, tag

    lists = read_tag_lists(args.tags) if args.tags else None
    return tag(marked(args), lists, on=args.on)


def _write_report(
    args: argparse.Namespace,
    portfolio: Portfolio,
    plan: Plan,
    excel: Path | None,
    word: Path | None = None,
    parameters: Parameters | None = None,
) -> _Outcome:
    """Apply and measure a plan, write it where asked; return what came of it."""
    from procsim.decisions import scorecard, targets
    from procsim.measures import measure
    from procsim.model import check
    from procsim.reforms import apply
    from procsim.reforms.conflicts import refuse_contradictions

    with stage("cli.stage.measure", args.lang):
        refuse_contradictions(portfolio, plan)
        changed = apply(portfolio, plan)
        before, after = measure(portfolio, parameters), measure(changed, parameters)
        card = scorecard(
            before,
            after,
            targets(args.year),
            args.scorecard or "ministry",
            portfolio=changed,
            plan=plan,
            on=args.on,
        )
    known: dict[str, Any] = {
        "before": before,
        "after": after,
        "card": card,
        "language": args.lang,
        "on": args.on,
    }
    with stage("cli.stage.write", args.lang):
        if excel is not None:
            from procsim.reports.workbook import write_plan

            faults = check(portfolio)
            write_plan(portfolio, plan, excel, faults=faults, tornado=True, **known)
        if word is not None:
            from procsim.reports.word_annex import MAPS, write_annex

            maps = MAPS if args.maps is None else args.maps
            write_annex(portfolio, plan, word, maps=maps, count_pages=True, **known)
    return _Outcome(changed, before, after, card)


def run_plan(args: argparse.Namespace) -> int:
    """Build or read a plan, apply it, and print before and after; compare several."""
    from procsim.model import check

    if args.smallest:
        return run_smallest(args)
    if args.edited:
        return _run_edited(args)
    portfolio = _listed(args)
    plans = made_plans(args, portfolio)
    if len(plans) > 1:
        return compare_plans(args, portfolio, plans)
    plan = plans[0]
    if args.save:
        plan.write(args.save)
    outcome = _write_report(args, portfolio, plan, args.output)
    summary, rates = _summary(args, plan, outcome)
    _add_tables(args, summary, portfolio, plan, outcome)
    _show(args, plan, summary, rates)
    return exit_code(check(portfolio))


def _run_edited(args: argparse.Namespace) -> int:
    """Read an edited workbook back, say what changed, and print the plan as it is now."""
    from procsim.model import check
    from procsim.reports.readback import read_back, written_on

    with stage("cli.stage.read", args.lang):
        args.on = args.on or written_on(args.edited)
    portfolio = _listed(args)
    with stage("cli.stage.plan", args.lang):
        back = read_back(args.edited, portfolio)
    if args.output:
        with stage("cli.stage.write", args.lang):
            back.write(args.output)
    if args.save:
        back.plan.write(args.save)
    outcome = _write_report(args, back.portfolio, back.plan, None, parameters=back.parameters)
    summary, rates = _summary(args, back.plan, outcome)
    summary["changes"] = back.changes
    summary["notices"] = [notice.as_dict(args.lang) for notice in back.notices]
    _add_tables(args, summary, back.portfolio, back.plan, outcome, back)
    for line in fault_lines(back.notices, args.lang):
        print(line, file=sys.stderr)
    if not args.json:
        shown = back.changes[["sheet", "cell", f"what_{args.lang}", "before", "after"]]
        print(t("cli.plan.changes", args.lang, changes=len(shown)))
        if len(shown):
            print(table_text(shown, args.lang))
    _show(args, back.plan, summary, rates)
    return exit_code(check(back.portfolio))


def _add_tables(
    args: argparse.Namespace,
    summary: dict[str, Any],
    portfolio: Portfolio,
    plan: Plan,
    outcome: _Outcome,
    back: ReadBack | None = None,
) -> None:
    """Add the tables that were asked for."""
    if args.scorecard:
        summary["scorecard"] = _card(args, outcome.card)
    if args.effects:
        summary["effects"] = _effects(args, portfolio, plan, back.parameters if back else None)
    if args.roadmap:
        summary["roadmap"] = _roadmap(args, portfolio, plan, back)
    if args.tornado:
        summary["tornado"] = _tornado(args, portfolio, plan, back.parameters if back else None)


def _show(
    args: argparse.Namespace, plan: Plan, summary: dict[str, Any], rates: pd.DataFrame
) -> None:
    """Print the figures of a plan."""
    if args.json:
        frames = [name for name, value in summary.items() if hasattr(value, "columns")]
        emit({**summary, **{name: _records(summary[name]) for name in frames}})
    else:
        print(
            t(
                "cli.plan.summary",
                args.lang,
                reforms=summary["reforms"],
                procedures=summary["procedures_touched"],
                requirements=summary["requirements_replaced"],
                unmatched=len(plan.unmatched),
            )
        )
        print(table_text(rates, args.lang))
        for name in _frames(summary):
            print(t(f"cli.plan.{name}", args.lang))
            print(table_text(summary[name], args.lang))


def _frames(summary: dict[str, Any]) -> list[str]:
    listed = ("scorecard", "effects", "roadmap", "tornado")
    return [name for name in listed if name in summary]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.reset_index(names="position") if frame.index.name == "position" else frame
    objects = plain.astype(object).where(plain.notna(), None)
    made: list[dict[str, Any]] = objects.to_dict("records")
    return made


def _effects(
    args: argparse.Namespace, portfolio: Portfolio, plan: Plan, parameters: Parameters | None
) -> pd.DataFrame:
    """Return who saves what, without the columns that only a program reads."""
    from procsim.reforms import effects

    with stage("cli.stage.measure", args.lang):
        made = effects(portfolio, plan, by=args.effects, parameters=parameters)
    if args.json:
        return made.reset_index() if args.effects != "reform" else made
    first = f"change_{args.lang}" if args.effects == "reform" else f"name_{args.lang}"
    return made[[first, *_SHARED, "procedures"]]


def _card(args: argparse.Namespace, card: Scorecard) -> pd.DataFrame:
    """Return the scorecard; for people without the columns of sources and notes."""
    frame = card.to_frame()
    if args.json:
        return frame
    shown = ["group", f"name_{args.lang}", "before", "after", "value", "target", "verdict"]
    return _in_percent(frame, frame["kind"] != "count", args.lang)[shown]


def _tornado(
    args: argparse.Namespace, portfolio: Portfolio, plan: Plan, parameters: Parameters | None
) -> pd.DataFrame:
    """Return how far the rate of cost reduction moves with each assumption."""
    from procsim.decisions.tornado import tornado

    with stage("cli.stage.measure", args.lang):
        made = tornado(portfolio, plan, parameters=parameters)
    if args.json:
        return made
    return made[[f"name_{args.lang}", "low", "high", "rate_low", "rate_high"]]


def _in_percent(frame: pd.DataFrame, shares: pd.Series, language: str) -> pd.DataFrame:
    """Return the frame with value and target in per cent where they are shares."""
    write = format_number if language == "vi" else format_number_en
    made = frame.copy()
    for name in ("value", "target"):
        made[name] = [
            f"{write(100 * number, 2)} %" if share and number == number else number
            for number, share in zip(frame[name], shares, strict=True)
        ]
    return made


def _roadmap(
    args: argparse.Namespace, portfolio: Portfolio, plan: Plan, back: ReadBack | None = None
) -> pd.DataFrame:
    """Return each metric by month-end, of what is in force by then."""
    from procsim.decisions import roadmap, targets

    # A door may read the clock; the library never does.
    today = args.on or dt.datetime.now().astimezone().date()
    aims = targets(args.year)
    with stage("cli.stage.measure", args.lang):
        road = roadmap(
            portfolio,
            plan,
            on=today,
            parameters=back.parameters if back else None,
            dates=back.dates if back else None,
        )
        made = road.trajectory(aims)
    if args.json:
        return made
    # People read what is held against a target, at the months in which it moves.
    rows = made[made["target_id"].ne("")]
    moved = rows.groupby("target_id", sort=False)[["in_force", "value"]].shift()
    rows = rows[(moved != rows[["in_force", "value"]]).any(axis=1) & rows["value"].notna()]
    counts = {aim.id for aim in aims if aim.kind == "count"}
    names = {aim.id: aim.name.in_language(args.lang) for aim in aims}
    shown = rows.assign(target_name=rows["target_id"].map(names))
    shown = _in_percent(shown, ~rows["target_id"].isin(counts), args.lang)
    return shown[["month", "target_name", "in_force", "value", "target", "verdict", "critical"]]


def _totals(measures: pd.DataFrame) -> dict[str, Any]:
    from procsim.measures import summarise

    table = summarise(measures)
    return dict(zip(table["metric"], table["total"], strict=True))


def _summary(
    args: argparse.Namespace, plan: Plan, outcome: _Outcome
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the figures of a plan for the program that called, and the rates."""
    from procsim.measures import compare

    rates = compare(outcome.before, outcome.after)
    summary = {
        "reforms": len(plan.reforms),
        "procedures_touched": plan.to_frame()["procedure"].nunique(),
        "requirements_replaced": int((outcome.changed.requirements["replaced"] > 0).sum()),
        "unmatched": [item.as_dict(args.lang) for item in plan.unmatched],
        "before": _totals(outcome.before),
        "after": _totals(outcome.after),
        "rates": dict(zip(rates["metric"], rates["rate"], strict=True)),
    }
    return summary, rates


def _refuse_files(args: argparse.Namespace) -> None:
    """Refuse file names that are missing or of another kind, before minutes are spent."""
    asked = (("--excel", args.excel, ".xlsx"), ("--word", args.word, ".docx"))
    faults = [
        Fault(
            f"report {option}",
            shorten(path.name),
            bilingual("cli.report.ending", ending=ending),
            bilingual("cli.report.ending.cure", ending=ending),
            code="cli.ending",
        )
        for option, path, ending in asked
        if path is not None and path.suffix.lower() != ending
    ]
    if not any(path for _, path, _ in asked):
        nowhere, cure = (TEXTS[f"cli.report.nowhere{end}"] for end in ("", ".cure"))
        faults.append(Fault("report", "", nowhere, cure, code="cli.nowhere"))
    if faults:
        raise UnreadableInput(faults)


def run_report(args: argparse.Namespace) -> int:
    """Write the plan as an Excel workbook, a Word annex, or both."""
    from procsim.model import check

    _refuse_files(args)
    portfolio = _listed(args)
    plan, *more = made_plans(args, portfolio)
    if more:
        raise UnreadableInput(Fault("report", "", TEXTS["cli.report.one"], code="cli.plan"))
    made = _write_report(args, portfolio, plan, args.excel, args.word)
    if args.json:
        emit({"excel": args.excel, "word": args.word, **_summary(args, plan, made)[0]})
    else:
        for path in filter(None, (args.excel, args.word)):
            print(t("cli.report.done", args.lang, path=path))
    return exit_code(check(portfolio))
