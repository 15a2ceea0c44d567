"""``procsim dossier``: what the ordinary applicant hands in, as a tree or one object a line."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from procsim.cli.commands import chosen_matcher, opened
from procsim.cli.output import DONE, emit, exit_code, stage
from procsim.language.i18n import t

if TYPE_CHECKING:
    from procsim.dossier import Dossier, DossierRow


_LONGEST = 110
_APART = ("conditional", "fallback", "office")


def run_dossier(args: argparse.Namespace) -> int:
    """Print each procedure's dossier; or how well dossiers are read, on labelled ones."""
    from procsim.dossier import read_dossiers
    from procsim.marking import mark

    portfolio = opened(args)
    if args.code:
        portfolio = portfolio.select([portfolio[args.code].id])
    with stage("cli.stage.mark", args.lang):
        portfolio = mark(portfolio, on=args.on, matcher=chosen_matcher(args))
    if args.evaluate:
        from procsim.dossier.evaluation import evaluate, read_labels
        from procsim.readers.writing import replace_file

        with stage("cli.stage.train", args.lang):
            report, weights = evaluate(portfolio, read_labels(args.evaluate))
        if args.output:
            replace_file(
                args.output,
                lambda path: path.write_text(weights.text(), encoding="utf-8", newline="\n"),
            )
        if args.json:
            emit(report.as_dict())
        else:
            print(report.text(args.lang))
        return DONE
    for number, dossier in enumerate(read_dossiers(portfolio)):
        if args.json:
            emit(dossier.as_dict(), indent=None)
        else:
            print(*([""] if number else []), *tree_lines(dossier, args.lang), sep="\n")
    return exit_code(portfolio.faults)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def tree_lines(dossier: Dossier, language: str) -> Iterator[str]:
    """Yield a dossier as people read it: what is due, what one of, what only sometimes."""

    def say(key: str, **values: object) -> str:
        return t(f"dossier.{key}", language, **values)

    yield f"{dossier.code} {_short(dossier.name)}"
    if not dossier.rows:
        yield "  " + say("empty")
        return
    yield "  " + say(
        "count",
        documents=dossier.documents,
        forms=dossier.forms,
        papers=dossier.papers,
        least=dossier.documents_min,
        most=dossier.documents_max,
        confidence=round(100 * dossier.confidence),
    )
    if dossier.review:
        yield "  " + say("review")
    for situation in dossier.situations:
        if situation.kind == "ordinary" and situation.name.strip(" :"):
            key = "peers" if dossier.peers else "situation"
            yield "  " + say(key, name=_short(situation.name))
    if not dossier.documents:
        yield "  " + say("nothing")
    for row in dossier.rows:
        if row.role == "always":
            yield from _row_lines(row, "  • ", language)
    for rows in dossier.groups.values():
        yield "  • " + say("one_of")
        for row in rows:
            yield from _row_lines(row, "      ◦ ", language)
    for role in _APART:
        apart = [
            row
            for row in dossier.rows
            if (row.role == role and row.papers) or row.role == "office" == role
        ]
        if apart:
            yield "  " + say(role)
            for row in apart:
                yield f"      – {_short(row.name)}" + (f"  [{_short(row.why)}]" if row.why else "")
    others = sum(row.role == "other" for row in dossier.rows)
    if others:
        yield "  " + say("others", rows=others)


def _row_lines(row: DossierRow, mark: str, language: str) -> Iterator[str]:
    if len(row.papers) < 2:
        yield mark + _short(row.name)
        return
    yield mark + t("dossier.several", language, n=row.n, name=_short(row.name))
    for paper in row.papers:
        yield " " * len(mark) + f"- {_short(paper.name)}"
