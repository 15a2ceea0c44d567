"""The procedure map as SVG text: boxes, lines, head and legend.

Every look is written as attributes on the shapes: no style sheet, no script
and no ids, so that several maps can stand on one page and any reader draws them
alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from procsim.reports.map_boxes import Box, Line
from procsim.reports.map_layout import Route
from procsim.reports.map_text import attribute, escaped

__all__ = [
    "COLOURS",
    "DARK",
    "FONTS",
    "LOOKS",
    "Look",
    "arrow",
    "box",
    "dark",
    "end",
    "ends",
    "frame",
    "look_of",
    "mark",
    "number",
    "polyline",
    "rectangle",
    "route",
    "shape",
    "text",
]

# Segoe UI on Windows; of the fonts of Linux those that hold every Vietnamese letter.
FONTS = "'Segoe UI','Noto Sans','DejaVu Sans','Liberation Sans',Arial,sans-serif"

# After the palette of Okabe and Ito, darkened until text on it reads (WCAG AA).
COLOURS: Mapping[str, str] = {
    "ink": "#1F2933",
    "soft": "#4A5663",
    "white": "#FFFFFF",
    "blue": "#004B87",
    "sky": "#E3F0FA",
    "yellow": "#FFF4CC",
    "brown": "#7A5200",
    "green": "#00664B",
    "mint": "#DDF3EA",
    "orange": "#A84300",
    "grey": "#E9ECEF",
    "dust": "#55606B",
    "lane_step": "#F2F7FC",
    "lane_paper": "#FBFAF4",
    "lane_database": "#F1F9F5",
}
# The same on a dark page: what is written in white on a full colour becomes dark on a light one.
DARK: Mapping[str, str] = {
    "ink": "#E8EDF2",
    "soft": "#B9C4D0",
    "white": "#12181F",
    "blue": "#6FB1EC",
    "sky": "#1D3A55",
    "yellow": "#4A3F14",
    "brown": "#E0B25C",
    "green": "#4FBF96",
    "mint": "#173D31",
    "orange": "#F09A5C",
    "grey": "#2C3742",
    "dust": "#9AA7B4",
    "lane_step": "#17212C",
    "lane_paper": "#1E1D18",
    "lane_database": "#15221D",
}
_PAINT = re.compile(r'( (?:fill|stroke)=")(#[0-9A-F]{6})(?=")')
_DARKER = {colour: DARK[name] for name, colour in COLOURS.items()}


@dataclass(frozen=True, slots=True)
class Look:
    """Fill, edge and ink of a kind of box, by names of `COLOURS`; roundness of its corners."""

    fill: str
    edge: str
    ink: str
    soft: str
    round: float = 4.0
    dash: str = ""


LOOKS: Mapping[str, Look] = {
    "office": Look("blue", "blue", "white", "white", 2.0),
    "applicant": Look("sky", "blue", "ink", "soft", 18.0),
    "both": Look("sky", "blue", "ink", "soft", 2.0),
    "unknown_step": Look("white", "blue", "ink", "soft", 2.0, "2 4"),
    "form": Look("yellow", "brown", "ink", "soft", 2.0),
    "document": Look("white", "dust", "ink", "soft", 2.0),
    "unknown": Look("white", "dust", "ink", "soft", 2.0),
    "database": Look("mint", "green", "ink", "soft", 2.0),
    "removed": Look("grey", "dust", "dust", "dust", 2.0),
}
_CONDITIONAL = "9 5"
_LINKS: Mapping[str, tuple[str, float, str]] = {
    "flow": ("soft", 1.8, ""),
    "gone": ("dust", 1.3, "6 5"),
    "replaced": ("green", 2.6, ""),
    "available": ("green", 1.5, "1.5 4"),
    "open": ("dust", 1.2, "7 5"),
}


def dark(svg: str) -> str:
    """Return a map as it reads on a dark page; its labels stay as they are.

    Examples
    --------
    >>> dark('<text fill="#1F2933">#1F2933</text>')
    '<text fill="#E8EDF2">#1F2933</text>'
    """
    return _PAINT.sub(lambda paint: paint[1] + _DARKER[paint[2]], svg)


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def text(
    words: str,
    x: float,
    y: float,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    struck: bool = False,
    anchor: str = "",
) -> str:
    """Return one line of text."""
    more = (' font-weight="bold"' if bold else "") + (
        ' text-decoration="line-through"' if struck else ""
    )
    more += f' text-anchor="{anchor}"' if anchor else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{number(size)}" '
        f'fill="{COLOURS[colour]}"{more}>{escaped(words)}</text>'
    )


def rectangle(
    kind: str, x: float, y: float, width: float, height: float, look: Look, *, stroke: float = 1.4
) -> str:
    """Return a rectangle in the look of a kind of box."""
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    return (
        f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{number(width)}" '
        f'height="{number(height)}" rx="{number(look.round)}" fill="{COLOURS[look.fill]}" '
        f'stroke="{COLOURS[look.edge]}" stroke-width="{number(stroke)}"{dash}/>'
    )


def frame(x: float, y: float, width: float, height: float) -> str:
    """Return the dotted frame around what a plan adds or changes."""
    return (
        f'<rect class="frame" x="{number(x - 5)}" y="{number(y - 5)}" '
        f'width="{number(width + 10)}" height="{number(height + 10)}" rx="7" fill="none" '
        f'stroke="{COLOURS["orange"]}" stroke-width="2.4" stroke-dasharray="0.1 5" '
        'stroke-linecap="round"/>'
    )


def look_of(lane: str, kind: str, state: str, *, conditional: bool = False) -> Look:
    """Return the look of a node."""
    name = "removed" if state == "removed" else kind
    if lane == "step" and name == "unknown":
        name = "unknown_step"
    look = LOOKS[name]
    if name == "removed" and lane == "step":
        look = replace(look, round=LOOKS["applicant" if kind == "applicant" else "office"].round)
    if state == "replaced":
        look = replace(look, edge="green")
    return replace(look, dash=_CONDITIONAL) if conditional else look


def shape(
    lane: str,
    kind: str,
    state: str,
    place: tuple[float, float, float, float],
    *,
    alternatives: bool = False,
    conditional: bool = False,
) -> Iterator[str]:
    """Yield the shapes of a box: its outline and what tells its kind apart."""
    x, y, width, height = place
    look = look_of(lane, kind, state, conditional=conditional)
    if alternatives:
        yield rectangle("behind", x + 4, y + 4, width, height, look)
    stroke = 2.6 if state == "replaced" else 1.4
    yield rectangle("box", x, y, width, height, look, stroke=stroke)
    edge = COLOURS[look.edge]
    if kind == "form":
        corner = min(11.0, height / 2)
        yield (
            f'<path d="M{number(x + width - corner)} {number(y)}v{number(corner)}'
            f'h{number(corner)}z" fill="{edge}"/>'
        )
    if lane == "database":
        yield (
            f'<path d="M{number(x)} {number(y + 5)}h{number(width)}" stroke="{edge}" '
            'stroke-width="1.4"/>'
        )


def box(found: Box) -> str:
    """Return a node: its shapes, its text, and its full name for whoever points at it."""
    node = found.node
    look = look_of(node.lane, node.kind, node.state)
    removed = node.state == "removed"
    parts = [
        f'<g class="node {node.lane} {node.kind} {node.state}" data-node={attribute(node.id)}>',
        f"<title>{escaped('. '.join((node.name, *node.tags)))}</title>",
    ]
    place = (found.x, found.y, found.width, found.height)
    parts += shape(
        node.lane,
        node.kind,
        node.state,
        place,
        alternatives=node.alternatives,
        conditional=node.conditional,
    )
    if node.changes or node.state == "added":
        parts.append(frame(*place))
    top = found.text_top
    parts += [_line(line, found.x + 12, top, look, removed=removed) for line in found.lines]
    return "".join((*parts, "</g>"))


def _line(line: Line, x: float, top: float, look: Look, *, removed: bool) -> str:
    colour = look.ink if line.role in ("name", "new") else look.soft
    struck = line.role == "old" or (removed and line.role == "name")
    return text(line.text, x, top + line.rise - 4, line.size, colour, bold=line.bold, struck=struck)


def polyline(points: Sequence[tuple[float, float]], kind: str) -> str:
    """Return a line of one kind through its corners."""
    colour, width, dash = _LINKS[kind]
    corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    more = f' stroke-dasharray="{dash}"' if dash else ""
    more += ' stroke-linecap="round"' if kind == "available" else ""
    return (
        f'<polyline points="{corners}" fill="none" stroke="{COLOURS[colour]}" '
        f'stroke-width="{number(width)}" stroke-linejoin="round"{more}/>'
    )


def arrow(x: float, y: float, colour: str, *, down: bool = False) -> str:
    """Return the head of an arrow whose point stands at (x, y)."""
    corners = ((0, 0), (-4, -8), (4, -8)) if down else ((0, 0), (-8, -4), (-8, 4))
    points = " ".join(f"{number(x + a)},{number(y + b)}" for a, b in corners)
    return f'<polygon points="{points}" fill="{COLOURS[colour]}"/>'


def route(found: Route) -> str:
    """Return a line of the map; between steps with its arrow."""
    link, (x, y) = found.link, found.points[-1]
    tip = arrow(x, y, _LINKS[link.kind][0]) if link.kind in ("flow", "gone") else ""
    names = f"data-from={attribute(link.source)} data-to={attribute(link.target)}"
    line = polyline(found.points, link.kind)
    return f'<g class="link {link.kind}" {names}>{line}{tip}</g>'


def ends(found: Route) -> str:
    """Return what is drawn over the boxes where a line leaves a paper and meets a database."""
    kind = found.link.kind
    return end(*found.points[-1], kind) + mark(*found.points[0], kind)


def end(x: float, y: float, kind: str) -> str:
    """Return the round end of a line at a database: full where data replace, else hollow."""
    colour = COLOURS[_LINKS[kind][0]]
    fill = colour if kind == "replaced" else COLOURS["white"]
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="3.5" fill="{fill}" stroke="{colour}" '
        'stroke-width="1.4"/>'
    )


def mark(x: float, y: float, kind: str) -> str:
    """Return the check mark where a line leaves a paper that data replace."""
    if kind != "replaced":
        return ""
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="8" fill="{COLOURS["green"]}"/>'
        f'<path d="M{number(x - 3.6)} {number(y + 0.2)}l2.6 2.8l4.8 -5.6" fill="none" '
        f'stroke="{COLOURS["white"]}" stroke-width="2"/>'
    )
