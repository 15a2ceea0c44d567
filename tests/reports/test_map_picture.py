"""Procedure maps as small pictures for a document."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from PIL import Image, ImageChops, ImageStat

from procsim.errors import InvalidValue
from procsim.model.portfolio import Portfolio
from procsim.reports.map import diagram as module
from procsim.reports.map.diagram import fitted_map, map_picture, procedure_map, size_of, to_png

KEY = "1.000001"
PNG = b"\x89PNG\r\n\x1a\n"


def portfolio(papers: int, name: str = "Giấy chứng nhận đăng ký & bản sao") -> Portfolio:
    rows = [f"r{place}" for place in range(papers)]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame({"id": [KEY], "name": [name], "ministry": ["Bộ Tư pháp"]}),
            "requirements": pd.DataFrame(
                {"id": rows, "procedure": KEY, "case": "c1", "name": name, "kind": "document"}
            ),
        }
    )


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_a_small_picture_shows_what_the_exact_one_shows():
    svg = procedure_map(portfolio(6), KEY, width=800)
    exact, small = to_png(svg, 1000), map_picture(svg, 1000)
    assert small.startswith(PNG)
    assert len(small) < len(exact) / 3
    assert opened(small).size == opened(exact).size
    # Ink in the same places: blurred by a few points, both are nearly alike.
    ground = [
        opened(png).convert("L").reduce(8).point(lambda value: min(value, 255))
        for png in (exact, small)
    ]
    differs = ImageStat.Stat(ImageChops.difference(*ground))
    assert differs.mean[0] < 3
    assert differs.mean[0] < ImageStat.Stat(ImageChops.invert(ground[0])).mean[0] / 3


def test_the_letters_are_there_and_entities_are_read():
    svg = procedure_map(portfolio(1), KEY, width=800)
    assert "&amp;" in svg
    without = re.sub("<text [^>]*>[^<]*</text>", "", svg)
    dark = [
        sum(opened(map_picture(drawn, 800)).convert("L").histogram()[:128])
        for drawn in (svg, without)
    ]
    assert dark[0] > dark[1] + 1000


def test_what_is_removed_is_struck_through():
    plain = '<text x="20" y="60" font-size="40" fill="#1F2933">ooo</text>'
    struck = plain.replace("<text ", '<text text-decoration="line-through" ')
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="100">'
        '<rect width="400" height="100" fill="#FFFFFF"/>{}</svg>'
    )
    ink = [
        sum(opened(map_picture(svg.format(text), 400)).convert("L").histogram()[:100])
        for text in (plain, struck)
    ]
    assert ink[1] > ink[0]


@pytest.mark.parametrize("lacking", ["letters", "fonts"])
def test_letters_of_other_scripts_are_left_to_the_exact_picture(monkeypatch, lacking):
    name = "Giấy tờ 中文" if lacking == "letters" else "Giấy tờ"
    if lacking == "fonts":
        monkeypatch.setattr(module, "_font_files", lambda: ())
    svg = procedure_map(portfolio(1, name), KEY, width=500)
    assert map_picture(svg, 500) == to_png(svg, 500)


def test_what_is_no_map_is_refused():
    with pytest.raises(InvalidValue, match="không phải là sơ đồ"):
        map_picture("<svg/>", 800)
    with pytest.raises(InvalidValue, match="Chiều rộng"):
        map_picture(procedure_map(portfolio(1), KEY), 10)


@pytest.mark.parametrize(("papers", "wanted"), [(2, 500), (14, 900), (80, 1500)])
def test_a_map_is_as_narrow_as_the_page_allows(papers, wanted):
    widths, base = (500, 900, 1500), portfolio(papers)
    svg = fitted_map(base, KEY, widths=widths, tallest=1.6)
    assert svg == procedure_map(base, KEY, width=wanted)
    for width in widths[: widths.index(wanted)]:
        wide, high = size_of(procedure_map(base, KEY, width=width))
        assert high > 1.6 * wide
