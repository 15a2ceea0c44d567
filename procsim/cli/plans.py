"""Commands about plans: apply one, compare several, share out, date and print it."""

from __future__ import annotations

import argparse
import datetime as dt
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procsim.cli.commands import chosen_matcher, marked, opened
from procsim.cli.output import (
    BLOCKED,
    DONE,
    STOPPED,
    emit,
    exit_code,
    fault_lines,
    stage,
    table_text,
)
from procsim.errors import Fault, InvalidValue, UnreadableInput, shorten
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import TEXTS, bilingual, fault_of, t

if TYPE_CHECKING:
    import pandas as pd

    from procsim.decisions import Scorecard
    from procsim.least_cost.plan import SmallestPlan
    from procsim.model import Portfolio
    from procsim.reference import Parameters
    from procsim.reforms import Plan
    from procsim.reports.roundtrip.readback import ReadBack


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
            from procsim.reports.excel.workbook import write_plan

            faults = check(portfolio)
            write_plan(portfolio, plan, excel, faults=faults, tornado=True, **known)
        if word is not None:
            from procsim.reports.word.annex import MAPS, write_annex

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
    from procsim.reports.roundtrip.readback import read_back, written_on

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


# ``procsim plan FILE --plan A --plan B``: plans side by side.


def compare_plans(args: argparse.Namespace, portfolio: Portfolio, plans: Sequence[Plan]) -> int:
    """Print plans side by side, or their rows as JSON.

    Parameters
    ----------
    args
        ``lang``, ``json`` and ``year``, the year of the targets (None for all).
    portfolio
        The baseline, marked.
    plans
        The plans, in the order of the columns.

    Returns
    -------
    int
        1 when a plan has an error, or a fault of the baseline blocks a figure; else 0.
    """
    from procsim.decisions import targets
    from procsim.decisions.scenarios import scenarios
    from procsim.model import check

    with stage("cli.stage.measure", args.lang):
        made = scenarios(portfolio, plans, targets=targets(args.year))
    if args.json:
        rows = made.frame.astype(object).where(made.frame.notna(), None).to_dict("records")
        for row in rows:
            row["faults"] = [f.as_dict(args.lang) for f in made.faults.get(row["plan"], ())]
        emit({"plans": rows})
    else:
        print(made.text(args.lang))
    found = [fault for faults in made.faults.values() for fault in faults]
    return exit_code([*check(portfolio), *found])


# ``procsim plan FILE --smallest --year 2025``: the least to amend and connect.

_TIME_LIMIT = 60.0


def target_rates(words: Sequence[str]) -> dict[str, float]:
    """Return the rates that ``--target time=0.3`` asks, by metric.

    ``0.3``, ``0,3`` and ``30%`` are the same.

    Raises
    ------
    InvalidValue
        With every word that is no rate.

    Examples
    --------
    >>> target_rates(["time=0.3", "cost=25%"])
    {'time': 0.3, 'cost': 0.25}
    """
    made: dict[str, float] = {}
    faults = []
    for word in words:
        metric, _, number = word.partition("=")
        percent = number.endswith("%")
        try:
            value = float(number.removesuffix("%").strip().replace(",", "."))
        except ValueError:
            key = "cli.smallest.target"
            faults.append(
                Fault("--target", word, bilingual(key), bilingual(f"{key}.cure"), code=key)
            )
            continue
        made[metric.strip()] = value / 100 if percent else value
    if faults:
        raise InvalidValue(faults)
    return made


def run_smallest(args: argparse.Namespace) -> int:
    """Look for the smallest plan, print it, and write it where asked.

    Ctrl-C stops the search and keeps the best plan found.

    Parameters
    ----------
    args
        ``file``, ``lang``, ``json``, ``on`` and the other words of reading;
        ``year``, ``target`` (list of ``metric=rate``), ``time_limit`` in seconds,
        ``output`` (workbook), ``save`` (plan file) and, where the parser has them,
        ``export_model`` (LP or MPS file), ``scope`` (list), ``tags`` and ``candidates``
        (a plan file to choose from).

    Returns
    -------
    int
        0 with a plan that meets the targets, 1 without, 130 after Ctrl-C.
    """
    from procsim.decisions import read_tag_lists, tag
    from procsim.least_cost.plan import smallest_plan

    rates = target_rates(args.target or ())
    tags = getattr(args, "tags", None)
    portfolio = tag(marked(args), read_tag_lists(tags) if tags else None, on=args.on)
    with stage("cli.smallest.stage", args.lang), _stoppable() as stopped:
        found = smallest_plan(
            portfolio,
            _given(args),
            year=args.year,
            target_rates=rates,
            scopes=tuple(getattr(args, "scope", None) or ("nation",)),
            time_limit=args.time_limit or _TIME_LIMIT,
            progress=_progress(args.lang),
            cancel=stopped.is_set,
            on=args.on,
        )
    if getattr(args, "export_model", None):
        found.write_model(args.export_model)
    if args.save:
        found.plan.write(args.save)
    if args.output:
        with stage("cli.stage.write", args.lang):
            _write(args, portfolio, found)
    if args.json:
        emit(found.as_dict(args.lang))
    else:
        print(found.text(args.lang))
    if found.status == "cancelled":
        return STOPPED
    return DONE if found.found else BLOCKED


def _given(args: argparse.Namespace) -> object:
    from procsim.reforms import Plan

    path: Path | None = getattr(args, "candidates", None)
    return None if path is None else Plan.read(path)


def _progress(language: str) -> Callable[[float, float, float], None] | None:
    """Return what prints each step of the search on standard error, where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def show(seconds: float, best: float, bound: float) -> None:
        words = t(
            "cli.smallest.progress",
            language,
            seconds=round(seconds),
            best="–" if best in (float("inf"), float("-inf")) or best != best else round(best, 1),
            bound="–" if abs(bound) == float("inf") or bound != bound else round(bound, 1),
        )
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)

    return show


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Let the first Ctrl-C stop the search only; a second one stops the program."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _write(args: argparse.Namespace, portfolio: Portfolio, found: SmallestPlan) -> None:
    """Write the workbook of the plan, with its scorecard."""
    from procsim.decisions import scorecard, targets
    from procsim.measures import measure
    from procsim.model import check
    from procsim.reforms import apply
    from procsim.reports.excel.workbook import write_plan

    changed = apply(portfolio, found.plan)
    before, after = measure(portfolio), measure(changed)
    card = scorecard(
        before, after, targets(args.year), portfolio=changed, plan=found.plan, on=args.on
    )
    write_plan(
        portfolio,
        found.plan,
        args.output,
        before=before,
        after=after,
        card=card,
        faults=check(portfolio),
        language=args.lang,
        on=args.on,
    )


# ``procsim map``: one procedure as a picture, before and after a plan.


def run_map(args: argparse.Namespace) -> int:
    """Draw the map of one procedure to an SVG or PNG file."""
    from procsim.marking import mark
    from procsim.model import check
    from procsim.readers.writing import replace_file
    from procsim.reforms import apply
    from procsim.reforms.conflicts import refuse_contradictions
    from procsim.reports.map.diagram import procedure_map, to_png
    from procsim.reports.map.gantt import gantt_svg

    ending = args.output.suffix.lower()
    if ending not in (".svg", ".png"):
        raise UnreadableInput(fault_of("map.ending", "map -o", shorten(str(args.output))))
    portfolio = opened(args)
    key = portfolio[args.code].id
    planned = bool(args.plan or args.resolution)
    if not planned:  # nothing else is drawn, so nothing else need be marked
        portfolio = portfolio.select([key])
    with stage("cli.stage.mark", args.lang):
        portfolio = mark(portfolio, on=args.on, matcher=chosen_matcher(args))
    after = portfolio if planned else None
    for plan in made_plans(args, portfolio) if planned else ():
        standing = portfolio if after is None else after
        refuse_contradictions(standing, plan)
        after = apply(standing, plan)
    if args.gantt:
        svg = gantt_svg(portfolio, key, after, args.lang, handed_in=args.handed_in)
    else:
        svg = procedure_map(portfolio, key, after, args.lang, case=args.case)
    data = svg.encode("utf-8") if ending == ".svg" else to_png(svg)
    replace_file(args.output, lambda path: path.write_bytes(data))
    if args.json:
        emit({"map": args.output, "procedure": key})
    else:
        print(t("cli.map.done", args.lang, path=args.output))
    return exit_code(check(portfolio.select([key])))


def run_due(args: argparse.Namespace) -> int:
    """Say on which day a dossier that is handed in on a day must be answered."""
    from procsim.measures.clocks import due_date
    from procsim.model import check

    portfolio = opened(args)
    key = portfolio[args.code].id
    made = due_date(portfolio, key, args.handed_in)
    if args.json:
        emit(
            {
                "procedure": key,
                "channel": made.channel,
                "handed_in": made.handed_in,
                "due": made.due,
                "sentence": made.sentence.in_language(args.lang),
                "reasons": [line.in_language(args.lang) for line in made.lines],
                "why": made.why,
                "mark": made.mark,
            }
        )
    else:
        print(made.text(args.lang))
    return exit_code(check(portfolio.select([key])))
