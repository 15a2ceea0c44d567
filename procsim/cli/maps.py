"""``procsim map``: one procedure as a picture, before and after a plan."""

from __future__ import annotations

import argparse

from procsim.cli.commands import _matcher, _plan, _read
from procsim.cli.output import emit, exit_code, stage
from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.language.i18n import t

__all__ = ["run_map"]


def run_map(args: argparse.Namespace) -> int:
    """Draw the map of one procedure to an SVG or PNG file."""
    from procsim.marking import mark
    from procsim.model import check
    from procsim.readers.writing import replace_file
    from procsim.reforms import apply
    from procsim.reports.diagram import procedure_map, to_png

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
    portfolio = _read(args)
    key = portfolio[args.code].id
    planned = args.plan is not None or args.resolution is not None
    if not planned:  # nothing else is drawn, so nothing else need be marked
        portfolio = portfolio.select([key])
    with stage("cli.stage.mark", args.lang):
        portfolio = mark(portfolio, on=args.on, matcher=_matcher(args))
    after = apply(_plan(args, portfolio), portfolio) if planned else None
    svg = procedure_map(portfolio, key, after, args.lang, case=args.case)
    data = svg.encode("utf-8") if ending == ".svg" else to_png(svg)
    replace_file(args.output, lambda path: path.write_bytes(data))
    if args.json:
        emit({"map": args.output, "procedure": key})
    else:
        print(t("cli.map.done", args.lang, path=args.output))
    return exit_code(check(portfolio.select([key])))
