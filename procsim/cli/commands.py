"""The commands: read, call, print; no figure is computed here."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procsim.cli.output import (
    DONE,
    emit,
    exit_code,
    fault_lines,
    plain,
    progress,
    stage,
    table_text,
)
from procsim.errors import Fault, UnreadableInput
from procsim.language.i18n import TEXTS, fault_of, t

if TYPE_CHECKING:
    import pandas as pd

    from procsim.marking import Matcher
    from procsim.model import Portfolio


def read_named(path: Path, language: str) -> Portfolio:
    """Read a data file; ``mau`` or ``sample``, where no such file lies, is the sample."""
    from procsim.readers import read
    from procsim.sample import sample_path

    if str(path) in {"mau", "sample"} and not path.exists():
        path = sample_path()
    with stage("cli.stage.read", language):
        return read(path, progress("cli.progress.records", language))


def opened(args: argparse.Namespace) -> Portfolio:
    """Return the file of a command with the officers' decisions on it, not yet marked."""
    from procsim.model import accept_proposals

    portfolio = read_named(args.file, args.lang)
    if getattr(args, "decisions", None):
        from procsim.marking import take_decisions
        from procsim.readers.folder import read_decisions

        table, faults = read_decisions(args.decisions)
        portfolio, more = take_decisions(table, portfolio)
        portfolio = portfolio.replace(faults=(*portfolio.faults, *faults, *more))
        for line in fault_lines([*faults, *more], args.lang):
            print(line, file=sys.stderr)
    return accept_proposals(portfolio) if args.accept_proposals else portfolio


def chosen_matcher(args: argparse.Namespace) -> Matcher | None:
    """Return the rules with the model that was asked for; None for the shipped one."""
    if not args.model:
        return None
    from procsim.marking import LearnedMatcher
    from procsim.marking.learning import Model
    from procsim.reference import document_types

    return LearnedMatcher(document_types(), Model.load(args.model), cached=True)


def marked(args: argparse.Namespace) -> Portfolio:
    """Return the file of a command, read and marked."""
    from procsim.marking import mark

    portfolio = opened(args)
    with stage("cli.stage.mark", args.lang):
        return mark(portfolio, on=args.on, matcher=chosen_matcher(args))


def run_check(args: argparse.Namespace) -> int:
    """List every fault of a file with its place and cure."""
    from procsim.model import check

    portfolio = opened(args)
    faults = check(portfolio)
    if args.json:
        emit(
            {
                "procedures": len(portfolio),
                "requirements": len(portfolio.requirements),
                "faults": [fault.as_dict(args.lang) for fault in faults],
            }
        )
    else:
        sizes = {"procedures": len(portfolio), "requirements": len(portfolio.requirements)}
        print(t("cli.check.summary", args.lang, **sizes))
        for line in fault_lines(faults, args.lang):
            print(line)
    return exit_code(faults)


def run_mark(args: argparse.Namespace) -> int:
    """Print the marks of every dossier row, one a line; or the queue for officers."""
    from procsim.marking import mark_lines

    if args.evaluate:
        return _evaluate(args)
    if args.file is None:
        raise UnreadableInput(Fault("mark", "", TEXTS["cli.mark.needs"], code="cli.file"))
    if args.queue is not None:
        return _print_queue(args)
    if args.training:
        return _write_training(args)
    portfolio = opened(args)
    with stage("cli.stage.mark", args.lang):
        lines = list(mark_lines(portfolio, args.on, chosen_matcher(args)))
    if args.json:
        for line in lines:
            emit(line, indent=None)
    else:
        words = {kind: t(f"kind.{kind}", args.lang) for kind in ("form", "document", "note")}
        for line in lines:
            held = f" → {', '.join(line['databases'])}" if line["databases"] else ""
            print(
                f"{line['code']} {line['row']:>3} [{words.get(line['kind'], line['kind'])}] "
                f"{', '.join(line['types']) or '–'}{held} "
                f"({t('replaceable.' + line['replaceable'], args.lang)}) {line['name'][:90]!r}"
            )
    return exit_code(portfolio.faults)


def _print_queue(args: argparse.Namespace) -> int:
    """Print the doubtful rows, those whose mark moves most cost first."""
    from procsim.marking import review_queue
    from procsim.marking.queue import queue_lines
    from procsim.measures.cost import row_stakes

    portfolio = marked(args)
    queue = review_queue(portfolio, row_stakes(portfolio), on=args.on, matcher=chosen_matcher(args))
    if args.json:
        for line in queue.head(max(args.queue, 0)).to_dict("records"):
            emit(line, indent=None)
    else:
        print(*queue_lines(queue, max(args.queue, 0), args.lang), sep="\n")
    return exit_code(portfolio.faults)


def _write_training(args: argparse.Namespace) -> int:
    """Write what officers decided as labelled rows, for ``procsim train --labels``."""
    from procsim.marking import training_rows
    from procsim.readers.writing import replace_file

    portfolio = marked(args)
    rows = [json.dumps(plain(row), ensure_ascii=False) for row in training_rows(portfolio, args.on)]
    text = "".join(f"{row}\n" for row in rows)
    replace_file(args.training, lambda path: path.write_text(text, encoding="utf-8", newline="\n"))
    print(t("cli.training.done", args.lang, path=args.training, rows=len(rows)))
    return exit_code(portfolio.faults)


def _evaluate(args: argparse.Namespace) -> int:
    """Print how well marking does on labelled rows."""
    from procsim.marking.evaluation import evaluate_file

    with stage("cli.stage.train", args.lang):
        report = evaluate_file(args.evaluate)
    if args.json:
        emit(report.as_dict())
    else:
        print(report.text(args.lang))
    return DONE


def run_train(args: argparse.Namespace) -> int:
    """Learn the marking model again and write it as plain numbers."""
    from procsim.marking.evaluation import build
    from procsim.readers.writing import replace_file

    with stage("cli.stage.train", args.lang):
        model = build(args.labels)
    replace_file(args.output, model.save)
    print(t("cli.train.done", args.lang, path=args.output, rows=model.rows))
    return DONE


def run_measure(args: argparse.Namespace) -> int:
    """Measure time, documents, conditions and cost."""
    from procsim.measures import measure, summarise
    from procsim.model import check

    portfolio = marked(args)
    with stage("cli.stage.measure", args.lang):
        measures = measure(portfolio)
    table = summarise(measures, args.by)
    if args.output:
        _write_csv(measures, args.output)
    if args.json:
        emit({"procedures": len(portfolio), "by": args.by, "rows": table.to_dict("records")})
    else:
        print(table_text(table, args.lang))
    return exit_code(check(portfolio))


def _write_csv(measures: pd.DataFrame, path: Path) -> None:
    """Write the measures so that Excel takes no text in them for a formula."""
    from procsim.readers.folder import guarded
    from procsim.readers.writing import replace_file

    safe = measures.map(lambda value: guarded(value) if isinstance(value, str) else value)
    replace_file(
        path, lambda beside: safe.to_csv(beside, encoding="utf-8-sig", lineterminator="\r\n")
    )


def run_template(args: argparse.Namespace) -> int:
    """Write the empty workbook that officers fill in."""
    from procsim.readers import write_template

    if args.file.exists() and not args.force:
        raise UnreadableInput(fault_of("cli.exists", str(args.file), ""))
    write_template(args.file)
    print(t("cli.template.done", args.lang, path=args.file))
    return DONE


def run_app(args: argparse.Namespace) -> int:
    """Open the app in the browser."""
    import runpy

    # Streamlit finds the settings (theme, safety) in the folder of the script.
    script = Path(__file__).parents[1] / "app" / "shell" / "main.py"
    if args.store:
        os.environ["PROCSIM_STORE"] = args.store
    sys.argv = ["streamlit", "run", str(script), *args.options]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
    return DONE


# The command that compares two snapshots of the official database.

_COUNTED = ("statutory_days", "documents")


def run_diff(args: argparse.Namespace) -> int:
    """List what the procedures changed, and where a cut between two snapshots comes from."""
    from procsim.measures.decompose import decompose
    from procsim.model import check
    from procsim.model.diff import diff

    old, new = (_marked(path, args) for path in (args.old, args.new))
    with stage("cli.diff.stage", args.lang):
        difference = diff(old, new)
        causes = decompose(old, new)
    if args.json:
        emit(
            {
                "procedures": {"old": difference.old, "new": difference.new},
                "changes": difference.frame.to_dict("records"),
                "summary": difference.summary.to_dict("records"),
                "decomposition": causes.to_dict("records"),
            }
        )
    else:
        print(difference.text(args.lang))
        print(*_causes(causes, args.lang), sep="\n")
    return exit_code([*check(old), *check(new)])


def _marked(path: Path, args: argparse.Namespace) -> Portfolio:
    from procsim.marking import mark
    from procsim.model import accept_proposals

    portfolio = read_named(path, args.lang)
    if args.accept_proposals:
        portfolio = accept_proposals(portfolio)
    with stage("cli.stage.mark", args.lang):
        return mark(portfolio)


def _causes(causes: pd.DataFrame, language: str) -> list[str]:
    """Return the decomposition for people: each metric, its causes, and what is no reform."""
    from procsim.measures.decompose import FACTORS

    lines = ["", t("cli.diff.decomposition", language)]
    for row in causes.to_dict("records"):
        label = t(f"cli.diff.metric.{row['metric']}", language)
        if not row["procedures"]:
            lines += [f"{label}:", t("cli.diff.unknown", language)]
            continue
        shown = {name: _rounded(row, name) for name in ("before", "after", "saved")}
        lines.append(t("cli.diff.metric", language, metric=label, **shown))
        lines += [
            t("cli.diff.factor", language, factor=words, value=_rounded(row, name))
            for name, words in FACTORS.items()
            if _rounded(row, name)
        ]
        if row["missing"]:
            lines.append(t("cli.diff.missing", language, missing=row["missing"]))
        if row["not_reform"]:
            lines.append(t("cli.diff.note", language, note=row[f"note_{language}"]))
    return lines


def _rounded(row: dict[str, Any], name: str) -> float:
    """Return a figure as people read it: whole đồng, days and papers to two decimals."""
    return float(round(row[name], 2 if row["metric"] in _COUNTED else 0))
