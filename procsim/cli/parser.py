"""The words that each command takes, with help and examples in both languages."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from procsim import __version__
from procsim.cli import commands as run
from procsim.cli.commands import run_diff
from procsim.cli.dossiers import run_dossier
from procsim.cli.network import run_network
from procsim.cli.plans import run_due, run_map, run_plan, run_report
from procsim.language.i18n import t

_GROUPINGS = ("ministry", "province", "agency", "field", "levels", "audience")
"""Those of `procsim.measures.grouping`, which is not loaded to print a help page."""


def _date(text: str) -> dt.date:
    from procsim.language.vietnamese import read_date

    reading = read_date(text)
    if reading.value is None:
        raise argparse.ArgumentTypeError(f"{text!r}: 2026-01-31, 31/01/2026")
    return reading.value


def _maps(text: str) -> int | str:
    if text != "all" and not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: 0, 30, all")
    return text if text == "all" else int(text)


def _add_plan_words(made: argparse.ArgumentParser, name: str, h: Callable[[str], str]) -> None:
    """Add what ``plan`` and ``report`` take."""
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("--resolution", choices=("66.7",), help=h("help.resolution"))
    which.add_argument("--plan", action="append", default=[], metavar="PLAN", help=h("help.plan"))
    made.add_argument("--year", type=int, default=None, metavar="YEAR", help=h("help.year"))
    made.add_argument("--tags", type=Path, metavar="CSV", help=h("help.tags"))
    made.add_argument("--scorecard", choices=_GROUPINGS, help=h("help.scorecard"))
    if name == "plan":
        which.add_argument(
            "--from", dest="edited", type=Path, metavar="EDITED.xlsx", help=h("help.from")
        )
        made.add_argument("--tornado", action="store_true", help=h("help.tornado"))
        which.add_argument("--smallest", action="store_true", help=h("help.smallest"))
        made.add_argument(
            "--target", action="append", default=[], metavar="METRIC=RATE", help=h("help.target")
        )
        made.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=("nation", "ministry", "province", "field", "levels"),
            help=h("help.scope"),
        )
        made.add_argument("--candidates", type=Path, metavar="PLAN", help=h("help.candidates"))
        made.add_argument("--time-limit", type=float, metavar="SECONDS", help=h("help.time_limit"))
        made.add_argument("-o", "--output", type=Path, metavar="OUT.xlsx", help=h("help.excel"))
        made.add_argument("--export-model", type=Path, metavar="MODEL", help=h("help.export_model"))
        made.add_argument("--save", type=Path, metavar="PLAN", help=h("help.save"))
        made.add_argument(
            "--effects",
            choices=("reform", "database", "legal_text", "agency"),
            help=h("help.effects"),
        )
        made.add_argument("--roadmap", action="store_true", help=h("help.roadmap"))
    else:
        made.add_argument("--excel", type=Path, metavar="OUT.xlsx", help=h("help.excel"))
        made.add_argument("--word", type=Path, metavar="OUT.docx", help=h("help.word"))
        made.add_argument("--maps", type=_maps, metavar="N", help=h("help.maps"))


def _add_map_words(drawn: argparse.ArgumentParser, h: Callable[[str], str]) -> None:
    """Add what ``map`` takes."""
    drawn.add_argument("code", metavar="CODE", help=h("help.code"))
    drawn.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help=h("help.map_output")
    )
    drawn.add_argument("--case", default=None, metavar="CASE", help=h("help.case"))
    drawn.add_argument("--gantt", action="store_true", help=h("help.gantt"))
    drawn.add_argument("--handed-in", type=_date, metavar="DATE", help=h("help.handed_in"))
    planned = drawn.add_mutually_exclusive_group()
    planned.add_argument("--resolution", choices=("66.7",), help=h("help.resolution"))
    planned.add_argument("--plan", action="append", default=[], metavar="PLAN", help=h("help.plan"))


def make_parser(language: str) -> argparse.ArgumentParser:
    """Return the parser of all commands, its help in ``"vi"`` or ``"en"``."""

    def h(key: str) -> str:
        return t(f"cli.{key}", language)

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lang", choices=("vi", "en"), default=language, help=h("help.lang"))
    options = argparse.ArgumentParser(add_help=False, parents=[shared])
    options.add_argument("--json", action="store_true", help=h("help.json"))
    options.add_argument("--on", type=_date, default=None, metavar="DATE", help=h("help.on"))
    options.add_argument("--accept-proposals", action="store_true", help=h("help.accept"))
    reading = argparse.ArgumentParser(add_help=False, parents=[options])
    reading.add_argument("file", type=Path, metavar="FILE", help=h("help.file"))

    parser = argparse.ArgumentParser(
        prog="procsim",
        description=h("help.program"),
        epilog=h("help.exit"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared],
    )
    parser.add_argument(
        "--version", action="version", version=f"procsim {__version__}", help=h("help.version")
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, action: Callable[[argparse.Namespace], int], *bases: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=h(f"{name}.help"),
            description=h(f"{name}.help"),
            epilog=h(f"{name}.examples").replace("\\n", "\n"),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=list(bases),
        )
        made.set_defaults(run=action)
        return made

    command("check", run.run_check, reading)
    decisions = argparse.ArgumentParser(add_help=False)
    decisions.add_argument("--decisions", type=Path, metavar="CSV", help=h("help.decisions"))
    decisions.add_argument("--model", type=Path, metavar="MODEL.npz", help=h("help.use_model"))
    marking = argparse.ArgumentParser(add_help=False, parents=[reading, decisions])
    mark = command("mark", run.run_mark, options, decisions)
    mark.add_argument("file", type=Path, nargs="?", metavar="FILE", help=h("help.mark_file"))
    mark.add_argument("--queue", nargs="?", type=int, const=20, metavar="N", help=h("help.queue"))
    mark.add_argument("--training", type=Path, metavar="OUT.jsonl", help=h("help.training"))
    mark.add_argument("--evaluate", type=Path, metavar="LABELS", help=h("help.evaluate"))
    train = command("train", run.run_train, shared)
    train.add_argument("--labels", type=Path, nargs="+", default=[], help=h("help.labels"))
    train.add_argument("-o", "--output", type=Path, required=True, help=h("help.model"))
    dossier = command("dossier", run_dossier, marking)
    dossier.add_argument("--code", metavar="CODE", help=h("help.code"))
    dossier.add_argument("--evaluate", type=Path, metavar="LABELS", help=h("help.dossier_labels"))
    dossier.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help=h("help.weights"))
    measure = command("measure", run.run_measure, marking)
    measure.add_argument("--by", choices=_GROUPINGS, help=h("help.by"))
    measure.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help=h("help.csv"))
    diff = command("diff", run_diff, options)
    diff.add_argument("old", type=Path, metavar="OLD", help=h("diff.old"))
    diff.add_argument("new", type=Path, metavar="NEW", help=h("diff.new"))
    for name, action in (("plan", run_plan), ("report", run_report)):
        made = command(name, action, marking)
        _add_plan_words(made, name, h)
    network = command("network", run_network, marking)
    network.add_argument("--issuers", type=Path, metavar="CSV", help=h("help.issuers"))
    network.add_argument("--graph", type=Path, metavar="OUT", help=h("help.graph"))
    due = command("due", run_due, reading)
    due.add_argument("code", metavar="CODE", help=h("help.code"))
    due.add_argument("handed_in", type=_date, metavar="DATE", help=h("help.handed_in"))
    _add_map_words(command("map", run_map, marking), h)
    template = command("template", run.run_template, shared)
    template.add_argument("file", type=Path, metavar="OUT.xlsx", help=h("help.template"))
    template.add_argument("--force", action="store_true", help=h("help.force"))
    app = command("app", run.run_app, shared)
    app.add_argument("--store", metavar="PLACE", default="", help=h("help.store"))
    app.description = f"{app.description} {h('help.options')}"
    return parser
