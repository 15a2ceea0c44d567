"""Head, lanes and legend of the procedure map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from procsim.language.i18n import t
from procsim.reports.map.content import Content, Fact, Node
from procsim.reports.map.drawing import (
    COLOURS,
    MARGIN,
    Look,
    arrow,
    end,
    frame,
    mark,
    number,
    polyline,
    rectangle,
    shape,
    text,
)
from procsim.reports.map.text import text_width, wrap

EDGE = 20.0
_NAME, _CHIP_GAP, _CHIP_LEAST = 20.0, 12.0, 210.0
_SAMPLE_WIDTH, _SAMPLE_HEIGHT, _LEGEND_STEP = 40.0, 22.0, 34.0


def head(shown: Content, width: float, language: str) -> tuple[list[str], float]:
    """Return the head: code, name, ministry and figures; and where it ends."""
    room = width - 2 * EDGE
    line = " · ".join(part for part in (shown.code, shown.ministry) if part)
    parts = [
        text(one, EDGE, 34 + 18 * place, 13, "soft", bold=True)
        for place, one in enumerate(wrap(line, room, 13, 2, bold=True))
    ]
    y = 34.0 + 18 * (len(parts) - 1) + 28
    for one in wrap(shown.name, room, _NAME, 3, bold=True):
        parts.append(text(one, EDGE, y, _NAME, "ink", bold=True, struck=not shown.stands))
        y += 27
    remark = "" if shown.stands else t("map.abolished", language)
    if shown.stands and shown.compared:
        remark = t("map.compared" if shown.differs else "map.unchanged", language)
    for one in wrap(remark, room, 13, 2):
        parts.append(text(one, EDGE, y - 4, 13, "soft"))
        y += 18
    chips, y = _chips(shown.facts, width, y)
    return [*parts, *chips], y


def _chips(facts: Sequence[Fact], width: float, top: float) -> tuple[list[str], float]:
    room = width - 2 * EDGE
    fit = max(1, int((room + _CHIP_GAP) // (_CHIP_LEAST + _CHIP_GAP)))
    count = min(fit, len(facts))
    chip = (room + _CHIP_GAP) / count - _CHIP_GAP
    written = [_values(fact, chip - 24) for fact in facts]
    parts: list[str] = []
    y = top
    for first in range(0, len(facts), count):
        row = range(first, min(first + count, len(facts)))
        height = 36.0 + 20 * max(len(written[place]) for place in row)
        for column, place in enumerate(row):
            x = EDGE + column * (chip + _CHIP_GAP)
            parts.append(_chip(facts[place], written[place], x, y, chip, height))
        y += height + _CHIP_GAP
    return parts, y + 4


def _values(fact: Fact, room: float) -> list[list[tuple[str, bool]]]:
    """Return the lines of a figure as runs of (words, struck through)."""
    if fact.old == fact.new:
        return [[(line, False)] for line in wrap(fact.new, room, 15, 2, bold=True)]
    if text_width(f"{fact.old} → {fact.new}", 15, bold=True) <= room:
        return [[(fact.old, True), (f"→ {fact.new}", False)]]
    return [
        *([(line, True)] for line in wrap(fact.old, room, 15, 2, bold=True)),
        *([(line, False)] for line in wrap(f"→ {fact.new}", room, 15, 2, bold=True)),
    ]


def _chip(
    fact: Fact,
    lines: Sequence[Sequence[tuple[str, bool]]],
    x: float,
    y: float,
    width: float,
    height: float,
) -> str:
    changed = fact.old != fact.new
    parts = [
        f'<g class="fact{" changed" if changed else ""}">',
        rectangle("chip", x, y, width, height, Look("white", "dust", "ink", "soft"), stroke=1),
    ]
    parts += [
        text(line, x + 12, y + 20, 12, "soft") for line in wrap(fact.label, width - 24, 12, 1)
    ]
    if changed:
        parts.append(frame(x + 4, y + 4, width - 8, height - 8))
    for place, runs in enumerate(lines):
        at = x + 12
        for words, struck in runs:
            colour = "dust" if struck else "ink"
            parts.append(text(words, at, y + 42 + 20 * place, 15, colour, bold=True, struck=struck))
            at += text_width(words + " ", 15, bold=True)
    return "".join((*parts, "</g>"))


def lane(kind: str, top: float, bottom: float, width: float) -> str:
    """Return the coloured ground of a lane."""
    return (
        f'<rect class="lane {kind}" x="{number(EDGE)}" y="{number(top)}" '
        f'width="{number(width - 2 * EDGE)}" height="{number(bottom - top)}" rx="6" '
        f'fill="{COLOURS["lane_" + kind]}"/>'
    )


def lane_head(
    title: str, remark: str, top: float, width: float, *, empty: str = ""
) -> tuple[list[str], float]:
    """Return the title of a lane with its remarks, and where its boxes may begin."""
    x, room = MARGIN, width - 2 * MARGIN  # left of it lines may run
    parts = [text(title, x, top + 24, 15, "ink", bold=True)]
    y = top + 24
    for line in wrap(remark, room, 12.5, 4):
        y += 18
        parts.append(text(line, x, y, 12.5, "soft"))
    for line in wrap(empty, room, 13, 3):
        y += 22
        parts.append(text(line, x, y, 13, "soft"))
    return parts, y + 24


Sample = Callable[[float, float], str]


def _node_sample(lane_name: str, kind: str, state: str = "kept", **looks: bool) -> Sample:
    def drawn(x: float, y: float) -> str:
        place = (x, y, _SAMPLE_WIDTH - 4, _SAMPLE_HEIGHT)
        made = "".join(shape(lane_name, kind, state, place, **looks))
        if state == "removed":
            made += text("abc", x + 7, y + 15, 12, "dust", struck=True)
        return made

    return drawn


def _link_sample(kind: str) -> Sample:
    def drawn(x: float, y: float) -> str:
        middle = y + _SAMPLE_HEIGHT / 2
        points = ((x, middle), (x + _SAMPLE_WIDTH - 4, middle))
        if kind in ("flow", "gone"):
            tip = arrow(*points[1], "soft" if kind == "flow" else "dust")
        else:
            tip = end(*points[1], kind) + mark(x + 8, middle, kind)
        return polyline(points, kind) + tip

    return drawn


def _frame_sample(x: float, y: float) -> str:
    return frame(x + 4, y + 4, _SAMPLE_WIDTH - 12, _SAMPLE_HEIGHT - 8)


def _samples(shown: Content) -> list[tuple[str, Sample]]:
    """Return name and drawing of everything that stands on the map, and of nothing else."""
    nodes: tuple[Node, ...] = (*shown.steps, *shown.papers, *shown.databases)
    papers = [node for node in shown.papers if node.state != "removed"]
    links = {link.kind for link in (*shown.flow, *shown.links)}
    actors = {node.kind for node in shown.steps if node.state != "removed"}
    kinds = {node.kind for node in papers}
    changed = any(node.changes or node.state == "added" for node in nodes) or any(
        fact.old != fact.new for fact in shown.facts
    )
    made = [
        *(
            (f"step.{kind}", _node_sample("step", kind), kind in actors)
            for kind in ("applicant", "office", "both", "unknown")
        ),
        ("form", _node_sample("paper", "form"), "form" in kinds),
        ("document", _node_sample("paper", "document"), bool(kinds & {"document", "unknown"})),
        (
            "alternatives",
            _node_sample("paper", "document", alternatives=True),
            any(node.alternatives for node in papers),
        ),
        (
            "conditional",
            _node_sample("paper", "document", conditional=True),
            any(node.conditional for node in papers),
        ),
        *(
            (kind, _link_sample(kind), kind in links)
            for kind in ("flow", "gone", "replaced", "available", "open")
        ),
        (
            "removed",
            _node_sample("paper", "document", "removed"),
            any(node.state == "removed" for node in nodes),
        ),
        ("changed", _frame_sample, changed),
    ]
    return [(name, drawn) for name, drawn, there in made if there]


def legend(shown: Content, width: float, top: float, language: str) -> tuple[list[str], float]:
    """Return the legend, and where it ends."""
    found = _samples(shown)
    if not found:
        return [], top
    parts = [text(t("map.legend", language), EDGE, top + 20, 13, "ink", bold=True)]
    x, y = EDGE, top + 34
    for name, drawn in found:
        plan = ".plan" if name == "available" and shown.compared else ""
        words = t(f"map.legend.{name}{plan}", language)
        lines = wrap(words, max(width - 2 * EDGE - _SAMPLE_WIDTH - 12, 60), 12, 2)
        wide = _SAMPLE_WIDTH + 8 + max(text_width(line, 12) for line in lines)
        if x > EDGE and x + wide > width - EDGE:
            x, y = EDGE, y + _LEGEND_STEP
        parts.append(drawn(x, y))
        parts += [
            text(line, x + _SAMPLE_WIDTH + 8, y + 16 + 14 * place - 7 * (len(lines) - 1), 12, "ink")
            for place, line in enumerate(lines)
        ]
        x += wide + 26
    return parts, y + _LEGEND_STEP
