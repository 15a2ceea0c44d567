"""``procsim map``: one procedure as a picture, before and after a plan."""

from __future__ import annotations

import argparse

from procsim.cli.commands import chosen_matcher, opened
from procsim.cli.output import emit, exit_code, stage
from procsim.cli.plans import made_plans
from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.language.i18n import t

__all__ = ["run_due", "run_map"]


def run_map(args: argparse.Namespace) -> int:
    """Draw the map of one procedure to an SVG or PNG file."""
    from procsim.marking import mark
    from procsim.model import check
    from procsim.readers.writing import replace_file
    from procsim.reforms import apply
    from procsim.reforms.conflicts import refuse_contradictions
    from procsim.reports.diagram import procedure_map, to_png
    from procsim.reports.gantt import gantt_svg

    ending = args.output.suffix.lower()
    if ending not in (".svg", ".png"):
        raise UnreadableInput(
            Fault(
                "map -o",
                shorten(str(args.output)),
                Text("Sơ đồ chỉ ghi được ra .svg hoặc .png.", "A map is written as .svg or .png."),
                Text("Đổi đuôi tệp, ví dụ so-do.svg.", "Change the ending, such as map.svg."),
                code="map.ending",
            )
        )
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
    from procsim.measures.appointment import due_date
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
