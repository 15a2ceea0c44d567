"""The command line: a thin door to the same verbs as the library.

Exit codes: 0 done, 1 done with faults that block a figure, 2 unreadable input;
130 stopped by the user, 141 the program that reads the output has closed it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procsim.errors import Fault, ProcsimError, Text, UnreadableInput
from procsim.language.i18n import TEXTS, t

if TYPE_CHECKING:
    import pandas as pd

    from procsim.model import Portfolio

# The library is imported where it is used: help comes at once, and Ctrl-C while
# it loads is answered like any other.

__all__ = ["main"]

DONE, BLOCKED, UNREADABLE = 0, 1, 2
STOPPED, CLOSED = 130, 141


def _plain(value: Any) -> Any:
    """Return `value` as strict JSON can hold it: no NaN, no NumPy scalars."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (dt.date, Path)):
        return str(value)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) or math.isinf(value) else value
    return value


def _emit(value: Any, *, indent: int | None = 2) -> None:
    print(json.dumps(_plain(value), ensure_ascii=False, indent=indent, allow_nan=False))


def _progress(key: str, language: str) -> Callable[[int], None] | None:
    """Return a counter on standard error, where somebody watches it."""
    if not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        if count % 100 == 0:
            print(f"\r{t(key, language, count=count)}", end="", file=sys.stderr, flush=True)

    return show


@contextlib.contextmanager
def _stage(key: str, language: str) -> Iterator[None]:
    """Say on standard error what is being done, where somebody watches."""
    watched = sys.stderr.isatty()
    if watched:
        print(f"\r\033[K{t(key, language)}", end="", file=sys.stderr, flush=True)
    yield
    if watched:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _read(args: argparse.Namespace) -> Portfolio:
    from procsim.model import accept_proposals
    from procsim.readers import read

    with _stage("cli.stage.read", args.lang):
        portfolio = read(args.file, _progress("cli.progress.records", args.lang))
    if getattr(args, "decisions", None):
        from procsim.marking import take_decisions
        from procsim.readers.decisions import read_decisions

        table, faults = read_decisions(args.decisions)
        portfolio, more = take_decisions(table, portfolio)
        portfolio = portfolio.replace(faults=(*portfolio.faults, *faults, *more))
        for line in _fault_lines([*faults, *more], args.lang):
            print(line, file=sys.stderr)
    return accept_proposals(portfolio) if args.accept_proposals else portfolio


def _marked(args: argparse.Namespace) -> Portfolio:
    from procsim.marking import mark

    portfolio = _read(args)
    with _stage("cli.stage.mark", args.lang):
        return mark(portfolio, on=args.on)


def _code(faults: Sequence[Fault]) -> int:
    return BLOCKED if any(fault.severity == "error" for fault in faults) else DONE


def _fault_lines(faults: Sequence[Fault], language: str) -> Iterator[str]:
    for severity in ("error", "warning", "note"):
        chosen = [fault for fault in faults if fault.severity == severity]
        if chosen:
            yield f"{t('severity.' + severity, language)}: {len(chosen)}"
            yield from (f"  {fault.in_language(language)}" for fault in chosen)


def run_check(args: argparse.Namespace) -> int:
    """List every fault of a file with its place and cure."""
    from procsim.model import check

    portfolio = _read(args)
    faults = check(portfolio)
    if args.json:
        _emit(
            {
                "procedures": len(portfolio),
                "requirements": len(portfolio.requirements),
                "faults": [fault.as_dict(args.lang) for fault in faults],
            }
        )
    else:
        sizes = {"procedures": len(portfolio), "requirements": len(portfolio.requirements)}
        print(t("cli.check.summary", args.lang, **sizes))
        for line in _fault_lines(faults, args.lang):
            print(line)
    return _code(faults)


def run_mark(args: argparse.Namespace) -> int:
    """Print the marks of every dossier row, one a line; or the queue for officers."""
    from procsim.marking import mark_lines

    if args.evaluate:
        return _evaluate(args)
    if args.file is None:
        raise UnreadableInput(Fault("mark", "", TEXTS["cli.mark.needs"], code="cli.file"))
    if args.queue is not None:
        return _print_queue(args)
    portfolio = _read(args)
    with _stage("cli.stage.mark", args.lang):
        lines = list(mark_lines(portfolio, args.on))
    if args.json:
        for line in lines:
            _emit(line, indent=None)
    else:
        words = {kind: t(f"kind.{kind}", args.lang) for kind in ("form", "document", "note")}
        for line in lines:
            held = f" → {', '.join(line['databases'])}" if line["databases"] else ""
            print(
                f"{line['code']} {line['row']:>3} [{words.get(line['kind'], line['kind'])}] "
                f"{', '.join(line['types']) or '–'}{held} "
                f"({t('replaceable.' + line['replaceable'], args.lang)}) {line['name'][:90]!r}"
            )
    return _code(portfolio.faults)


def _print_queue(args: argparse.Namespace) -> int:
    """Print the doubtful rows, those whose mark moves most cost first."""
    from procsim.marking import review_queue
    from procsim.marking.queue import queue_lines
    from procsim.measures.stakes import row_stakes

    portfolio = _marked(args)
    queue = review_queue(portfolio, row_stakes(portfolio), on=args.on)
    if args.json:
        for line in queue.head(max(args.queue, 0)).to_dict("records"):
            _emit(line, indent=None)
    else:
        print(*queue_lines(queue, max(args.queue, 0), args.lang), sep="\n")
    return _code(portfolio.faults)


def _evaluate(args: argparse.Namespace) -> int:
    """Print how well marking does on labelled rows."""
    from procsim.marking.evaluation import evaluate_file

    with _stage("cli.stage.train", args.lang):
        report = evaluate_file(args.evaluate)
    if args.json:
        _emit(report.as_dict())
    else:
        print(report.text(args.lang))
    return DONE


def run_train(args: argparse.Namespace) -> int:
    """Learn the marking model again and write it as plain numbers."""
    from procsim.marking.evaluation import build
    from procsim.readers.writing import replace_file

    with _stage("cli.stage.train", args.lang):
        model = build(args.labels)
    replace_file(args.output, model.save)
    print(t("cli.train.done", args.lang, path=args.output, rows=model.rows))
    return DONE


def _totals(measures: pd.DataFrame) -> dict[str, Any]:
    from procsim.measures import summarise

    table = summarise(measures)
    return dict(zip(table["metric"], table["total"], strict=True))


def run_measure(args: argparse.Namespace) -> int:
    """Measure time, documents, conditions and cost."""
    from procsim.measures import measure, summarise
    from procsim.model import check

    portfolio = _marked(args)
    with _stage("cli.stage.measure", args.lang):
        measures = measure(portfolio)
    table = summarise(measures, args.by)
    if args.output:
        _write_csv(measures, args.output)
    if args.json:
        _emit(
            {
                "procedures": len(portfolio),
                "by": args.by,
                "rows": table.to_dict("records"),
            }
        )
    else:
        print(_table_text(table, 2))
    return _code(check(portfolio))


def _table_text(table: pd.DataFrame, decimals: int) -> str:
    return table.to_string(index=False, float_format=lambda x: f"{x:,.{decimals}f}")


def _write_csv(measures: pd.DataFrame, path: Path) -> None:
    """Write the measures so that Excel takes no text in them for a formula."""
    from procsim.readers.folder import guarded
    from procsim.readers.writing import replace_file

    safe = measures.map(lambda value: guarded(value) if isinstance(value, str) else value)
    replace_file(
        path, lambda beside: safe.to_csv(beside, encoding="utf-8-sig", lineterminator="\r\n")
    )


def _plan(args: argparse.Namespace, portfolio: Portfolio) -> Any:
    from procsim.reforms import Plan, resolution_66_7

    if args.resolution:
        return resolution_66_7(portfolio, on=args.on)
    return Plan.load(args.plan)


def _write_report(
    args: argparse.Namespace, portfolio: Portfolio, plan: Any, path: Path | None
) -> tuple[Portfolio, pd.DataFrame, pd.DataFrame]:
    """Apply and measure a plan, write it where asked; return what came of it."""
    from procsim.decisions import scorecard, targets
    from procsim.measures import measure
    from procsim.model import check
    from procsim.reforms import apply
    from procsim.reports.workbook import write_plan

    with _stage("cli.stage.measure", args.lang):
        changed = apply(plan, portfolio)
        before, after = measure(portfolio), measure(changed)
    if path:
        with _stage("cli.stage.write", args.lang):
            write_plan(
                portfolio,
                plan,
                path,
                before=before,
                after=after,
                card=scorecard(before, after, targets(args.year), portfolio=changed),
                faults=check(portfolio),
                language=args.lang,
                on=args.on,
            )
    return changed, before, after


def run_plan(args: argparse.Namespace) -> int:
    """Build or load a plan, apply it, and print before and after."""
    from procsim.model import check

    portfolio = _marked(args)
    with _stage("cli.stage.plan", args.lang):
        plan = _plan(args, portfolio)
    if args.save:
        plan.save(args.save)
    summary, rates = _summary(args, plan, *_write_report(args, portfolio, plan, args.output))
    if args.json:
        _emit(summary)
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
        print(_table_text(rates, 4))
    return _code(check(portfolio))


def _summary(
    args: argparse.Namespace,
    plan: Any,
    changed: Portfolio,
    before: pd.DataFrame,
    after: pd.DataFrame,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the figures of a plan for the program that called, and the rates."""
    from procsim.measures import compare

    rates = compare(before, after)
    summary = {
        "reforms": len(plan.reforms),
        "procedures_touched": plan.to_frame()["procedure"].nunique(),
        "requirements_replaced": int((changed.requirements["replaced"] > 0).sum()),
        "unmatched": [item.as_dict(args.lang) for item in plan.unmatched],
        "before": _totals(before),
        "after": _totals(after),
        "rates": dict(zip(rates["metric"], rates["rate"], strict=True)),
    }
    return summary, rates


def run_report(args: argparse.Namespace) -> int:
    """Write the plan as an Excel workbook."""
    from procsim.model import check

    portfolio = _marked(args)
    plan = _plan(args, portfolio)
    made = _write_report(args, portfolio, plan, args.excel)
    if args.json:
        _emit({"excel": args.excel, **_summary(args, plan, *made)[0]})
    else:
        print(t("cli.report.done", args.lang, path=args.excel))
    return _code(check(portfolio))


def run_template(args: argparse.Namespace) -> int:
    """Write the empty workbook that officers fill in."""
    from procsim.readers import write_template

    if args.file.exists() and not args.force:
        raise UnreadableInput(
            Fault(
                str(args.file),
                "",
                Text("Tệp đã có; procsim không ghi đè.", "The file exists; it is not overwritten."),
                Text("Chọn tên khác, hoặc thêm --force.", "Choose another name, or add --force."),
                code="cli.exists",
            )
        )
    write_template(args.file)
    print(t("cli.template.done", args.lang, path=args.file))
    return DONE


def run_app(args: argparse.Namespace) -> int:
    """Open the app in the browser."""
    import runpy

    script = Path(__file__).parent / "app" / "main.py"
    settings = (
        "--server.address=localhost",
        "--server.showEmailPrompt=false",
        "--browser.gatherUsageStats=false",
    )
    safety = ("--client.showErrorDetails=none", "--server.maxUploadSize=60")
    sys.argv = ["streamlit", "run", str(script), *settings, *safety, *args.options]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return DONE


def _date(text: str) -> dt.date:
    from procsim.language.vietnamese import read_date

    reading = read_date(text)
    if reading.value is None:
        raise argparse.ArgumentTypeError(f"{text!r}: 2026-01-31, 31/01/2026")
    return reading.value


def _parser(language: str) -> argparse.ArgumentParser:
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
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], *bases: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=h(f"{name}.help"),
            description=h(f"{name}.help"),
            epilog=h(f"{name}.examples").replace("\\n", "\n"),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=list(bases),
        )
        made.set_defaults(run=run)
        return made

    command("check", run_check, reading)
    decisions = argparse.ArgumentParser(add_help=False)
    decisions.add_argument("--decisions", type=Path, metavar="CSV", help=h("help.decisions"))
    marking = argparse.ArgumentParser(add_help=False, parents=[reading, decisions])
    mark = command("mark", run_mark, options, decisions)
    mark.add_argument("file", type=Path, nargs="?", metavar="FILE", help=h("help.mark_file"))
    mark.add_argument("--queue", nargs="?", type=int, const=20, metavar="N", help=h("help.queue"))
    mark.add_argument("--evaluate", type=Path, metavar="LABELS", help=h("help.evaluate"))
    train = command("train", run_train, shared)
    train.add_argument("--labels", type=Path, nargs="+", default=[], help=h("help.labels"))
    train.add_argument("-o", "--output", type=Path, required=True, help=h("help.model"))
    measure = command("measure", run_measure, marking)
    measure.add_argument(
        "--by", choices=("ministry", "field", "levels", "audience"), help=h("help.by")
    )
    measure.add_argument("-o", "--output", type=Path, metavar="OUT.csv", help=h("help.csv"))
    for name, run in (("plan", run_plan), ("report", run_report)):
        made = command(name, run, marking)
        which = made.add_mutually_exclusive_group(required=True)
        which.add_argument("--resolution", choices=("66.7",), help=h("help.resolution"))
        which.add_argument("--plan", type=Path, metavar="PLAN.yaml", help=h("help.plan"))
        made.add_argument("--year", type=int, default=None, metavar="YEAR", help=h("help.year"))
        if name == "plan":
            made.add_argument("-o", "--output", type=Path, metavar="OUT.xlsx", help=h("help.excel"))
            made.add_argument("--save", type=Path, metavar="PLAN.yaml", help=h("help.save"))
        else:
            made.add_argument(
                "--excel", type=Path, required=True, metavar="OUT.xlsx", help=h("help.excel")
            )
    template = command("template", run_template, shared)
    template.add_argument("file", type=Path, metavar="OUT.xlsx", help=h("help.template"))
    template.add_argument("--force", action="store_true", help=h("help.force"))
    app = command("app", run_app, shared)
    app.add_argument("options", nargs=argparse.REMAINDER, help=h("help.options"))
    return parser


def _language(arguments: Sequence[str]) -> str:
    """Return the language of the help texts, before the arguments are parsed."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            return "en" if arguments[place + 1] == "en" else "vi"
        if argument.startswith("--lang="):
            return "en" if argument.endswith("=en") else "vi"
    return "en" if os.environ.get("PROCSIM_LANG") == "en" else "vi"


def _let_go_of_output() -> None:
    """Send what is still buffered nowhere: `head`, or a pager, has seen enough."""
    with contextlib.suppress(OSError, ValueError):  # a stream without a descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        The words after ``procsim``; those of the process when not given.

    Returns
    -------
    int
        0 done, 1 done with faults that block a figure, 2 unreadable input;
        130 stopped by the user, 141 the reader of the output has closed it.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles default to a code page
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    language = _language(arguments)
    args = _parser(language).parse_args(arguments)
    try:
        code = args.run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:
        stopped = Text("Đã dừng theo yêu cầu.", "Stopped on request.")
        print(stopped.in_language(language), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        _let_go_of_output()
        return CLOSED
    except ProcsimError as error:
        if getattr(args, "json", False):
            _emit({"faults": [fault.as_dict(language) for fault in error.faults]})
        print(error.in_language(language), file=sys.stderr)
        return UNREADABLE
    except OSError as error:
        place = str(error.filename or "")
        message = t("cli.error.file", language, path=place, reason=error.strerror or str(error))
        if getattr(args, "json", False):
            fault = Fault(place, "", Text(message, message), code="cli.file")
            _emit({"faults": [fault.as_dict(language)]})
        print(message, file=sys.stderr)
        return UNREADABLE
    return code


if __name__ == "__main__":
    sys.exit(main())
