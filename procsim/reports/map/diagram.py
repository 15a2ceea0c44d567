"""The procedure map: steps, papers and databases of one procedure in one picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import unescape
from io import BytesIO
from typing import Any

from procsim.errors import InvalidValue, shorten, spoken
from procsim.language.i18n import fault_of, t
from procsim.model.portfolio import Portfolio
from procsim.reports.map.content import Content, chains, content
from procsim.reports.map.drawing import (
    COLOURS,
    FONTS,
    box,
    columns,
    ends,
    number,
    place_databases,
    place_papers,
    place_steps,
    route,
)
from procsim.reports.map.frame import head, lane, lane_head, legend
from procsim.reports.map.text import attribute, escaped

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
        raise InvalidValue(fault_of("map.svg", "svg", shorten(svg, 60)))
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
    return InvalidValue(fault_of("map.width", "width", shorten(width), least=least, most=most))


# Procedure maps as small pictures, hundreds of them for one document.

# The files of `map_drawing.FONTS`, regular and bold, as Windows, Linux and macOS name them.
_FILES = (
    ("segoeui.ttf", "segoeuib.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
)
_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_ANCHORS = {"": "ls", "start": "ls", "middle": "ms", "end": "rs"}
_BEYOND = re.compile("[\u0370-\u1dff\u2e80-\uffff\U00010000-\U0010ffff]")  # not Latin, not signs
_GROUNDS = ("white", "blue")  # what most letters stand on
_BLENDS = 7  # steps between two colours, for soft edges
_STRIKE = 0.3  # of the letters' size: how high the line stands through them


def map_picture(svg: str, width: int) -> bytes:
    """Return a map as a PNG picture of few colours.

    Parameters
    ----------
    svg
        What `procsim.reports.map.diagram.procedure_map` returns.
    width
        Width of the picture in pixels, 200–12000.

    Raises
    ------
    InvalidValue
        For a width out of bounds or a text that is no map.
    """
    texts = [
        (dict(_ATTRIBUTE.findall(attributes)), unescape(words))
        for attributes, words in _TEXT.findall(svg)
    ]
    fonts = _font_files()
    if not fonts or any(_BEYOND.search(words) for _, words in texts):
        return to_png(svg, width)  # which looks for other fonts, letter by letter
    from PIL import Image, ImageDraw

    scale = width / size_of(svg)[0]
    with Image.open(BytesIO(to_png(_TEXT.sub("", svg), width))) as shapes:
        picture = shapes.convert("RGB")
    pen = ImageDraw.Draw(picture)
    for look, words in texts:
        _write(pen, look, words, scale)
    made = BytesIO()
    picture.quantize(palette=_palette(), dither=Image.Dither.NONE).save(made, "PNG")
    return made.getvalue()


def _write(pen: Any, look: dict[str, str], words: str, scale: float) -> None:
    """Set one line of text as its attributes say."""
    size = float(look["font-size"]) * scale
    font = _font(_font_files()["font-weight" in look], round(size, 2))
    at = (float(look["x"]) * scale, float(look["y"]) * scale)
    anchor = _ANCHORS[look.get("text-anchor", "")]
    pen.text(at, words, fill=look["fill"], font=font, anchor=anchor)
    if "text-decoration" in look:
        left, _, right, _ = pen.textbbox(at, words, font=font, anchor=anchor)
        height = at[1] - _STRIKE * size
        pen.line((left, height, right, height), fill=look["fill"], width=max(1, round(size / 14)))


@cache
def _font_files() -> tuple[str, ...]:
    """Return the names of the regular and the bold font; none where none is found."""
    from PIL import ImageFont

    for names in _FILES:
        try:
            for name in names:
                ImageFont.truetype(name, 12)
        except OSError:
            continue
        return names
    return ()


@cache
def _font(name: str, size: float) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(name, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _palette() -> Any:
    """Return the colours of a map, and those between each and the grounds it stands on."""
    from PIL import Image

    known = [_rgb(colour) for colour in COLOURS.values()]
    made = dict.fromkeys(known)
    for ground in _GROUNDS:
        paper = _rgb(COLOURS[ground])
        for ink in known:
            made |= dict.fromkeys(_between(ink, paper))
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for colour in list(made)[:256] for part in colour])
    return palette


def _between(one: tuple[int, ...], other: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the steps from one colour to another, both left out."""
    shares = [step / (_BLENDS + 1) for step in range(1, _BLENDS + 1)]
    return [
        tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
        for share in shares
    ]


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
