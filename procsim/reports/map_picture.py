"""Procedure maps as small pictures, hundreds of them for one document.

`procsim.reports.diagram.to_png` opens the font file anew for every letter: a third of a
second for a map, two minutes for a plan. Here it draws the shapes only; the letters are
set with fonts that stay open, and the few colours of a map make a palette, which takes
an eighth of the room.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from io import BytesIO
from typing import Any

from procsim.reports.diagram import size_of, to_png
from procsim.reports.map_drawing import COLOURS

__all__ = ["map_picture"]

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
        What `procsim.reports.diagram.procedure_map` returns.
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
