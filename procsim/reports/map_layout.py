"""Where everything of a procedure map stands: rows of boxes, and lines that keep clear of them.

All lanes share one set of columns. Between columns and between rows runs free
space; every line runs there, so no line ever crosses a box or its text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from procsim.reports.map_boxes import Box, box_of, level_boxes
from procsim.reports.map_content import Link, Node
from procsim.reports.map_order import chains

__all__ = [
    "MARGIN",
    "Columns",
    "Route",
    "columns",
    "place_databases",
    "place_papers",
    "place_steps",
]

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
    links: Sequence[Link],
    papers: Mapping[str, Box],
    goals: Mapping[Track, float],
    top: float,
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
    links: Sequence[Link],
    papers: Mapping[str, Box],
    tracks: Sequence[Track],
    grid: Columns,
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
