"""Small tables for notebooks: escaped, bilingual, short, numbers as a Vietnamese reader writes."""

from __future__ import annotations

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import Text
from procsim.notebook import Percent, both, facts, grid, lines, panel

HEAD = [Text("Tên", "Name"), Text("Số", "Number")]


def cells(html: str) -> list[str]:
    return [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", html)]


def test_values_are_written_as_a_vietnamese_reader_expects_them():
    values = [1234567.891, 12.345, 3, Percent(0.4615), Percent(0.5), float("nan"), None, True]
    shown = cells(grid([Text("a", "a")], [[value] for value in values]))
    assert shown == ["1.234.568", "12,35", "3", "46,15 %", "50 %", "–", "–", "có yes"]
    assert cells(grid([Text("a", "a")], [[dt.date(2026, 3, 1)]])) == ["01/03/2026"]


def test_a_column_stands_to_the_right_when_it_holds_numbers_only():
    made = grid(HEAD, [("a", 1), ("b", float("nan"))])
    sides = re.findall(r"text-align:(\w+)", made)
    assert sides == ["left", "right"] * 3


def test_rows_left_out_are_counted():
    made = grid(HEAD, [(str(i), i) for i in range(30)], most=4, of=30)
    assert len(cells(made)) == 8
    assert "… và 26 dòng nữa" in made
    assert "… and 26 more rows" in made
    assert "dòng nữa" not in grid(HEAD, [("a", 1)], of=1)


def test_english_stands_beside_only_where_it_says_something_else():
    assert both(Text("Đạt", "Met")).startswith("Đạt <span")
    assert both(Text("VNeID", "VNeID")) == both(Text("VNeID", "")) == "VNeID"


def test_facts_leave_out_what_is_none_but_keep_zero():
    made = facts([(Text("a", "x"), 0), (Text("vắng", "absent"), None)])
    assert "<b>0</b>" in made
    assert "absent" not in made


HOSTILE = "<script>alert('x')</script>&\"</td>"


def test_no_text_becomes_markup():
    made = panel(
        Text(HOSTILE, HOSTILE),
        HOSTILE,
        facts([(Text(HOSTILE, "b"), HOSTILE)]),
        lines([Text("a", HOSTILE)]),
        grid([Text(HOSTILE, ""), Text("b", "")], [(Text(HOSTILE, ""), HOSTILE)]),
    )
    assert "<script" not in made
    assert made.count("&lt;script&gt;") >= 6
    assert made.count("</td>") == 2


@given(st.text(), st.text())
def test_whatever_is_written_the_markup_stays_balanced(one, other):
    made = panel(Text(one, other), one, grid(HEAD, [(one, other)]), lines([Text(other, one)]))
    for tag in ("div", "span", "table", "tr", "td", "th"):
        assert len(re.findall(f"<{tag}[ >]", made)) == made.count(f"</{tag}>")
    assert set(re.findall(r"<(\w+)", made)) <= {
        *("div", "span", "table", "thead", "tbody", "tr", "td", "th")
    }
