"""The procedure map: steps, papers and databases of one procedure in one picture."""

from __future__ import annotations

import re
from collections.abc import Sequence

from procsim.errors import Fault, InvalidValue, Text, shorten, spoken
from procsim.language.i18n import t
from procsim.model.portfolio import Portfolio
from procsim.reports.map_content import Content, content
from procsim.reports.map_drawing import COLOURS, FONTS, box, ends, number, route
from procsim.reports.map_frame import head, lane, lane_head, legend
from procsim.reports.map_layout import columns, place_databases, place_papers, place_steps
from procsim.reports.map_order import chains
from procsim.reports.map_text import attribute, escaped

__all__ = ["fitted_map", "procedure_map", "size_of", "to_png"]

_NARROWEST, _WIDEST = 400, 8000
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_MOST_PIXELS = 120_000_000
_LANE_GAP, _LANE_END = 12.0, 24.0


def procedure_map(
    before: Portfolio,
    procedure: str,
    after: Portfolio | None = None,
    language: str = "",
    *,
    width: int = 1480,
    case: str | None = None,
) -> str:
    """Return the map of one procedure as SVG, before and after in one picture.

    Three lanes: steps (các bước thực hiện), papers (thành phần hồ sơ) and the
    databases that hold their data. What the plan removes is struck through, what
    data replace is linked to its database, what it adds or changes stands in a
    dotted frame with the old value struck through. It is drawn from the
    difference of the two portfolios, whatever reforms made it.

    Parameters
    ----------
    before
        The procedures, marked (`procsim.mark`), or not: then no database is drawn.
    procedure
        Id or national code.
    after
        The same procedures after a plan; None draws the procedure as it stands.
    language
        ``"vi"`` or ``"en"``.
    width
        Width in pixels, 400–8000; the height follows. Letters keep their size: a
        narrow map has more rows.
    case
        Id of the case to draw (``"1.004222/c2"`` or ``"c2"``); by default the base
        case, which the measures count.

    Returns
    -------
    str
        One ``<svg>`` element without style sheet, script or ids. Every node is a
        ``<g class="node …" data-node="id">``, every line a
        ``<g class="link …" data-from="id" data-to="id">``. Equal input gives
        equal text.

    Raises
    ------
    UnknownName
        For a procedure, case or language that is not there.
    InvalidValue
        For a width out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "requirements": pd.DataFrame({"id": ["r1"], "procedure": "1.000001",
    ...         "case": "c1", "name": ["Đơn <đề nghị>"], "kind": "form"}),
    ... })
    >>> "Đơn &lt;đề nghị&gt;" in procedure_map(portfolio, "1.000001")
    True
    """
    language = spoken(language)
    if isinstance(width, bool) or not _NARROWEST <= width <= _WIDEST:
        raise _bad_width(width, _NARROWEST, _WIDEST)
    return _svg(content(before, procedure, after, language, case), width, language)


def fitted_map(
    before: Portfolio,
    procedure: str,
    after: Portfolio | None = None,
    language: str = "",
    *,
    widths: Sequence[int],
    tallest: float,
    case: str | None = None,
) -> str:
    """Return the narrowest map that is no taller than a page: its letters print largest.

    Parameters
    ----------
    before, procedure, after, language, case
        As for `procedure_map`.
    widths
        Widths to try, from narrow to wide; the last one is taken where none fits.
    tallest
        Height of the page over its width.
    """
    language = spoken(language)
    shown = content(before, procedure, after, language, case)
    svg = ""
    for width in widths:
        svg = _svg(shown, width, language)
        drawn = size_of(svg)
        if drawn[1] <= tallest * drawn[0]:
            break
    return svg


def _svg(shown: Content, width: int, language: str) -> str:
    """Return the map of this content as an ``<svg>`` element."""
    parts, height = _drawn(shown, float(width), language)
    title = t("map.title", language, code=shown.code, name=shown.name)
    size = f'width="{number(width)}" height="{number(height)}"'
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {number(width)} {number(height)}" role="img" '
        f'aria-label={attribute(title)} class="procedure-map" font-family="{FONTS}">'
    )
    ground = f'<rect width="{number(width)}" height="{number(height)}" fill="{COLOURS["white"]}"/>'
    lines = [
        opening,
        f"<title>{escaped(title)}</title>",
        f"<desc>{_summary(shown, language)}</desc>",
    ]
    return "\n".join([*lines, ground, *parts, "</svg>\n"])


def _drawn(shown: Content, width: float, language: str) -> tuple[list[str], float]:
    """Return the shapes from the head down to the legend, and the height of all."""
    grid = columns(width)
    parts, y = head(shown, width, language)

    empty = "" if shown.steps else shown.remarks["no_step"]
    title = t("map.lane.steps", language)
    heading, top = lane_head(title, _sequence(shown, language), y, width, empty=empty)
    boxes, routes, bottom = place_steps(shown.steps, shown.flow, grid, top + 6)
    bottom = bottom + _LANE_END if boxes else top
    parts += [lane("step", y, bottom, width), *heading, *map(route, routes), *map(box, boxes)]

    y = bottom + _LANE_GAP
    empty = "" if shown.papers else shown.remarks["no_paper"]
    title = t("map.lane.papers", language)
    heading, top = lane_head(title, shown.remarks["paper"], y, width, empty=empty)
    papers, bottom = place_papers(shown.papers, grid, top)
    bottom = bottom + _LANE_END if papers else top
    parts += [lane("paper", y, bottom, width), *heading]

    tracks = bottom + _LANE_GAP
    boxes, routes, y, bottom = place_databases(shown.databases, shown.links, papers, grid, tracks)
    y += _LANE_GAP if boxes else 0
    empty = "" if shown.databases else shown.remarks["no_database"]
    title = t("map.lane.databases", language)
    heading, top = lane_head(title, "", y, width, empty=empty)
    bottom = bottom + _LANE_END if boxes else top
    parts += [lane("database", y, bottom, width), *heading]
    parts += [*map(route, routes), *map(box, papers), *map(box, boxes), *map(ends, routes)]
    explained, height = legend(shown, width, bottom + _LANE_GAP, language)
    return [*parts, *explained], height + _LANE_GAP


def _sequence(shown: Content, language: str) -> str:
    """Return what the source leaves open about the order of the steps."""
    flow = [link for link in shown.flow if link.kind == "flow"]
    steps = [node for node in shown.steps if node.state != "removed"]
    if len(steps) < 2:
        return ""
    if not flow:
        return t("map.no_flow", language)
    return t("map.chains", language) if len(chains(steps, flow)) > 1 else ""


def _summary(shown: Content, language: str) -> str:
    """Return what the map shows, in words, for whoever cannot see it."""
    nodes = (*shown.steps, *shown.papers)
    counts = {
        "steps": len(shown.steps),
        "papers": len(shown.papers),
        "databases": len(shown.databases),
        "removed": sum(node.state == "removed" for node in nodes),
        "replaced": sum(node.state == "replaced" for node in nodes),
        "changed": sum(bool(node.changes) or node.state == "added" for node in nodes),
    }
    facts = "; ".join(
        f"{fact.label}: {fact.new if fact.old == fact.new else f'{fact.old} → {fact.new}'}"
        for fact in shown.facts
    )
    return escaped(f"{t('map.summary', language, **counts)} {facts}.")


def size_of(svg: str) -> tuple[float, float]:
    """Return width and height of a map in pixels.

    Raises
    ------
    InvalidValue
        For a text that is no map.
    """
    size = _SIZE.search(svg)
    if size is None:
        raise InvalidValue(
            Fault(
                "svg",
                shorten(svg, 60),
                Text("Đây không phải là sơ đồ do procsim vẽ.", "This is no map drawn by procsim."),
                Text("Dùng kết quả của procedure_map.", "Pass what procedure_map returns."),
                code="map.svg",
            )
        )
    return float(size[1]), float(size[2])


def to_png(svg: str, width: int = 2960) -> bytes:
    """Return a map as a PNG picture, for Word and Excel; no browser is needed.

    Parameters
    ----------
    svg
        What `procedure_map` returns.
    width
        Width of the picture in pixels, 200–12000.

    Raises
    ------
    InvalidValue
        For a width out of bounds, a picture too large, or a text that is no map.
    """
    wide, high = size_of(svg)
    scale = width / wide
    if isinstance(width, bool) or not 200 <= width <= 12_000:
        raise _bad_width(width, 200, 12_000)
    if width * high * scale > _MOST_PIXELS:
        raise _bad_width(width, 200, int((_MOST_PIXELS * wide / high) ** 0.5))
    # 84 MB of machine code, which only a picture needs.
    from vl_convert import svg_to_png

    return bytes(svg_to_png(svg, scale=scale))


def _bad_width(width: object, least: int, most: int) -> InvalidValue:
    return InvalidValue(
        Fault(
            "width",
            shorten(width),
            Text(
                f"Chiều rộng phải là số điểm ảnh từ {least} đến {most}.",
                f"The width must be a number of pixels from {least} to {most}.",
            ),
            Text("Ví dụ 1480.", "Such as 1480."),
            code="map.width",
        )
    )
