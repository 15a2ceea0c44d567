"""The command that compares two snapshots of the official database."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procsim.cli.commands import read_named
from procsim.cli.output import emit, exit_code, stage
from procsim.language.i18n import t

if TYPE_CHECKING:
    import pandas as pd

    from procsim.model import Portfolio

__all__ = ["run_diff"]

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
