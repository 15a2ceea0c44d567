"""The procedure map as SVG text: boxes, lines, head and legend.

Every look is written as attributes on the shapes: no style sheet, no script
and no ids, so that several maps can stand on one page and any reader draws them
alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from procsim.reports.map.content import Link, Node, chains
from procsim.reports.map.text import attribute, escaped, text_width, wrap

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


# Where everything of a procedure map stands: rows of boxes, and lines that keep clear of them.

Point = tuple[float, float]
Track = tuple[str, str]  # a database and a kind of link

MARGIN = 56.0
_GUTTER = 40.0
_LEAST_BOX = 226.0
_STEP_GAP, _STACK_GAP, _PAPER_GAP, _DATABASE_GAP = 36.0, 18.0, 24.0, 24.0
_TRACK = 9.0
_KINDS = ("open", "available", "replaced")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that all lanes share."""

    count: int
    box: float
    left: float = MARGIN

    def x(self, column: int) -> float:
        """Return the left edge of the boxes in a column."""
        return self.left + column * (self.box + _GUTTER)

    def gutter(self, column: int) -> float:
        """Return the middle of the free space left of a column."""
        return self.x(column) - _GUTTER / 2


@dataclass(frozen=True, slots=True)
class Route:
    """A line of the map through its corner points."""

    link: Link
    points: tuple[Point, ...]


def columns(width: float) -> Columns:
    """Return as many columns as a map of `width` pixels has room for."""
    room = width - 2 * MARGIN
    count = max(1, int((room + _GUTTER) // (_LEAST_BOX + _GUTTER)))
    return Columns(count, (room + _GUTTER) / count - _GUTTER)


# --- steps ----------------------------------------------------------------------------


def place_steps(
    nodes: Sequence[Node], flow: Sequence[Link], grid: Columns, top: float
) -> tuple[list[Box], list[Route], float]:
    """Place steps by the level of the flow, steps of one level above each other.

    Returns
    -------
    list of Box, list of Route
        The steps, and the lines between them.
    float
        Height of the lower end of the last row.
    """
    rows = _step_rows(chains(nodes, flow), grid.count)
    boxes: dict[str, Box] = {}
    cells: dict[str, tuple[int, int]] = {}
    spans: list[tuple[float, float]] = []
    y = top
    for number, row in enumerate(rows):
        level = level_boxes(box_of(node, grid.box) for stack in row for node in stack)
        height = level[0].height
        tallest = max(map(len, row))
        full = tallest * (height + _STACK_GAP) - _STACK_GAP
        waiting = iter(level)
        for column, stack in enumerate(row):
            own = len(stack) * (height + _STACK_GAP) - _STACK_GAP
            for place, node in enumerate(stack):
                at = y + (full - own) / 2 + place * (height + _STACK_GAP)
                boxes[node.id] = replace(next(waiting), x=grid.x(column), y=at)
                cells[node.id] = (number, column)
        spans.append((y, y + full))
        y += full + _STEP_GAP
    routes = [
        Route(link, _step_route(boxes, cells, spans, grid, link))
        for link in sorted(flow, key=lambda link: link.kind == "flow")
    ]
    return list(boxes.values()), routes, y - _STEP_GAP


def _step_rows(found: Sequence[Sequence[Sequence[Node]]], count: int) -> list[list[list[Node]]]:
    """Return rows of at most `count` stacks; a chain of several steps begins a new row."""
    rows: list[list[list[Node]]] = []
    after_single = False
    for chain in found:
        single = len(chain) == 1
        if not rows or not (single and after_single):
            rows.append([])
        for stack in chain:
            if len(rows[-1]) == count:
                rows.append([])
            rows[-1].append(list(stack))
        after_single = single
    return rows


def _step_route(
    boxes: Mapping[str, Box],
    cells: Mapping[str, tuple[int, int]],
    spans: Sequence[tuple[float, float]],
    grid: Columns,
    link: Link,
) -> tuple[Point, ...]:
    """Return the corners of a line between two steps, through free space only."""
    source, target = boxes[link.source], boxes[link.target]
    (from_row, from_column), (to_row, to_column) = cells[link.source], cells[link.target]
    start, end = (source.right, source.middle), (target.x, target.middle)
    out, into = grid.gutter(from_column + 1), grid.gutter(to_column)
    if from_row == to_row and to_column == from_column + 1:
        return _straight((start, (out, start[1]), (out, end[1]), end))
    below = from_row < to_row
    leave = spans[from_row][1] + _STEP_GAP / 2 if below else spans[from_row][0] - _STEP_GAP / 2
    points = [start, (out, start[1]), (out, leave)]
    if abs(from_row - to_row) != int(below):  # rows lie between: go round them on the left
        enter = spans[to_row][0] - _STEP_GAP / 2
        around = grid.gutter(0) - _GUTTER / 4
        points += [(around, leave), (around, enter), (into, enter)]
    else:
        points.append((into, leave))
    return _straight((*points, (into, end[1]), end))


def _straight(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the corners without those at which nothing turns."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(kept[-1][0] - point[0]) < 0.01 and abs(kept[-1][1] - point[1]) < 0.01:
            continue
        if len(kept) > 1 and (
            abs(kept[-2][0] - kept[-1][0]) + abs(kept[-1][0] - point[0]) < 0.01
            or abs(kept[-2][1] - kept[-1][1]) + abs(kept[-1][1] - point[1]) < 0.01
        ):
            kept.pop()
        kept.append(point)
    return tuple(kept)


# --- papers and databases -------------------------------------------------------------


def place_papers(nodes: Sequence[Node], grid: Columns, top: float) -> tuple[list[Box], float]:
    """Place the papers in the order of the dossier, row by row."""
    return _grid(nodes, grid, top, _PAPER_GAP)


def _grid(nodes: Sequence[Node], grid: Columns, top: float, gap: float) -> tuple[list[Box], float]:
    boxes: list[Box] = []
    y = top
    for first in range(0, len(nodes), grid.count):
        row = level_boxes(box_of(node, grid.box) for node in nodes[first : first + grid.count])
        boxes += [replace(box, x=grid.x(place), y=y) for place, box in enumerate(row)]
        y += row[0].height + gap
    return boxes, (y - gap if nodes else y)


def place_databases(
    nodes: Sequence[Node], links: Sequence[Link], papers: Sequence[Box], grid: Columns, top: float
) -> tuple[list[Box], list[Route], float, float]:
    """Place the databases below their papers, and draw the lines between.

    Lines of one kind to one database run together: down beside the papers, along
    a track of their own above the databases, and into the database.

    Parameters
    ----------
    top
        Where the tracks begin.

    Returns
    -------
    list of Box, list of Route
        The databases, and the lines from the papers.
    float, float
        Where the space of the tracks ends, and where the databases end.
    """
    by_paper = {box.node.id: box for box in papers}
    xs: dict[str, list[float]] = {}
    for link in links:
        xs.setdefault(link.target, []).append(by_paper[link.source].x)
    ordered = sorted(nodes, key=lambda n: (sum(xs[n.id]) / len(xs[n.id]), n.id))
    tracks = list(dict.fromkeys((link.target, link.kind) for link in links))
    end = top + _TRACK * max(len(tracks) - 1, 0)
    boxes, bottom = _grid(ordered, grid, end + 54, _DATABASE_GAP)
    if len(boxes) <= grid.count:
        wanted = [sum(xs[node.id]) / len(xs[node.id]) for node in ordered]
        boxes = _below(boxes, wanted, grid)
    ends = _entries(tracks, {box.node.id: box for box in boxes}, end + 54)
    tracks.sort(key=lambda track: (ends[track][0][0], track))
    bus = _heights(links, by_paper, {track: ends[track][0][0] for track in tracks}, top)
    down = _gutter_tracks(links, by_paper, tracks, grid)
    stubs = _stubs(links, by_paper, tracks)
    routes = []
    for link in sorted(links, key=lambda link: _KINDS.index(link.kind)):
        key, paper = (link.target, link.kind), by_paper[link.source]
        x, y, out = down[paper.x, key], bus[key], stubs[link]
        turn, *last = ends[key]
        points = ((paper.right, out), (x, out), (x, y), (turn[0], y), *last)
        routes.append(Route(link, _straight(points)))
    return boxes, routes, end, bottom


def _heights(
    links: Sequence[Link], papers: Mapping[str, Box], goals: Mapping[Track, float], top: float
) -> dict[Track, float]:
    """Return the height of each track so that few lines cross.

    Of the lines that go left the one that goes farthest runs highest, and so of
    those that go right.
    """
    starts: dict[Track, list[float]] = {track: [] for track in goals}
    for link in links:
        starts[link.target, link.kind].append(papers[link.source].right)
    left = [track for track, own in starts.items() if goals[track] * len(own) < sum(own)]
    right = [track for track in goals if track not in left]
    return {track: top + _TRACK * place for place, track in enumerate((*left, *reversed(right)))}


def _below(boxes: Sequence[Box], wanted: Sequence[float], grid: Columns) -> list[Box]:
    """Return one row of boxes moved to the columns nearest to where they are wanted."""
    moved: list[Box] = []
    column = -1
    for place, (box, x) in enumerate(zip(boxes, wanted, strict=True)):
        nearest = round((x - grid.left) / (grid.box + _GUTTER))
        column = max(column + 1, min(nearest, grid.count - len(boxes) + place))
        moved.append(replace(box, x=grid.x(column)))
    return moved


def _gutter_tracks(
    links: Sequence[Link], papers: Mapping[str, Box], tracks: Sequence[Track], grid: Columns
) -> dict[tuple[float, Track], float]:
    """Return where each track runs down in the free space right of each column."""
    used: dict[float, set[Track]] = {}
    for link in links:
        used.setdefault(papers[link.source].x, set()).add((link.target, link.kind))
    return {
        (x, key): x + grid.box + _GUTTER * (place + 1) / (len(keys) + 1)
        for x, keys in used.items()
        for place, key in enumerate(sorted(keys, key=tracks.index))
    }


def _stubs(
    links: Sequence[Link], papers: Mapping[str, Box], tracks: Sequence[Track]
) -> dict[Link, float]:
    """Return at which height each link leaves its paper: the outer tracks higher."""
    of_paper: dict[str, list[Link]] = {}
    for link in sorted(links, key=lambda link: -tracks.index((link.target, link.kind))):
        of_paper.setdefault(link.source, []).append(link)
    return {
        link: papers[own].y + papers[own].height * (place + 1) / (len(found) + 1)
        for own, found in of_paper.items()
        for place, link in enumerate(found)
    }


def _entries(
    tracks: Sequence[Track], boxes: Mapping[str, Box], first_row: float
) -> dict[Track, tuple[Point, ...]]:
    """Return where each track leaves its height, and its last points up to the database.

    The first row is entered from above, right of the middle (the name of the
    lane stands on the left); later rows from the free space on their left.
    """
    found: dict[Track, tuple[Point, ...]] = {}
    for key in tracks:
        box = boxes[key[0]]
        own = [track for track in tracks if track[0] == key[0]]
        share = (own.index(key) + 1) / (len(own) + 1)
        if box.y == first_row:
            x = box.x + box.width * (0.55 + 0.4 * share)
            found[key] = ((x, 0.0), (x, box.y))
            continue
        beside = [t for t in tracks if boxes[t[0]].x == box.x and boxes[t[0]].y > first_row]
        x = box.x - _GUTTER * (beside.index(key) + 1) / (len(beside) + 1)
        y = box.y + box.height * share
        found[key] = ((x, 0.0), (x, y), (box.x, y))
    return found


# Boxes of the procedure map: what is written in one, and how large it must be.

NAME_SIZE, TAG_SIZE = 13.0, 11.5
_NAME_STEP, _TAG_STEP = 17.0, 15.0
_PAD_X, _PAD_Y, _GAP = 12.0, 10.0, 3.0
_LID = 6.0  # the double upper edge of a database
_NAME_LINES, _TAG_LINES, _CHANGE_LINES = 4, 3, 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text in a box.

    ``role``: name, tag, old (struck through) or new. ``rise`` is the distance
    of its base line from the top of the text block.
    """

    text: str
    role: str
    rise: float

    @property
    def size(self) -> float:
        """Size of its letters in pixels."""
        return NAME_SIZE if self.role == "name" else TAG_SIZE

    @property
    def bold(self) -> bool:
        """Whether it is set in bold."""
        return self.role == "new"

    @property
    def width(self) -> float:
        """The most pixels that it takes."""
        return text_width(self.text, self.size, bold=self.bold)


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place; ``x`` and ``y`` are its upper left corner."""

    node: Node
    lines: tuple[Line, ...]
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    @property
    def text_top(self) -> float:
        """Where its block of text begins, so that it stands in the middle."""
        lid = _LID if self.node.lane == "database" else 0.0
        return self.middle + (lid - (self.lines[-1].rise if self.lines else 0.0)) / 2


def box_of(node: Node, width: float) -> Box:
    """Return a box for `node` at the origin, just high enough for its text."""
    inner = width - 2 * _PAD_X
    texts = [(line, "name") for line in wrap(node.label, inner, NAME_SIZE, _NAME_LINES)]
    for old, new in node.changes:
        texts += [(line, "old") for line in wrap(old, inner, TAG_SIZE, _CHANGE_LINES)]
        arrow = f"→ {new}" if new else ""
        texts += [(line, "new") for line in wrap(arrow, inner, TAG_SIZE, _CHANGE_LINES, bold=True)]
    for tag in node.tags:
        texts += [(line, "tag") for line in wrap(tag, inner, TAG_SIZE, _TAG_LINES)]
    lines: list[Line] = []
    rise = 0.0
    for text, role in texts:
        first_small = role != "name" and bool(lines) and lines[-1].role == "name"
        rise += (_NAME_STEP if role == "name" else _TAG_STEP) + (_GAP if first_small else 0)
        lines.append(Line(text, role, rise))
    lid = _LID if node.lane == "database" else 0.0
    return Box(node, tuple(lines), 0.0, 0.0, width, rise + 2 * _PAD_Y + lid)


def level_boxes(boxes: Iterable[Box]) -> list[Box]:
    """Return the boxes of one row, all as high as the highest."""
    found = list(boxes)
    height = max((box.height for box in found), default=0.0)
    return [replace(box, height=height) for box in found]
