"""Boxes of the procedure map: what is written in one, and how large it must be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from procsim.reports.map_content import Node
from procsim.reports.map_text import text_width, wrap

__all__ = ["NAME_SIZE", "TAG_SIZE", "Box", "Line", "box_of", "level_boxes"]

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
