"""What a notebook shows of the calculation behind one procedure's cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from procsim.errors import Text
from procsim.language.html_table import facts, grid, panel
from procsim.language.i18n import bilingual

if TYPE_CHECKING:
    from procsim.measures.explanation import Explanation

__all__ = ["explanation_html"]

_WORDS = ("work", "activity")
_FIGURES = ("hours", "weight", "cost_vnd", "mark")
_TOTALS = ("work_vnd", "fees_vnd", "cost_vnd", "cost_year_vnd")


def explanation_html(made: Explanation) -> str:
    """Return the lines of the cost sheet and their totals."""
    sheets = made.sheets
    words = (
        [[Text(*pair) for pair in zip(sheets["vi"][name], sheets["en"][name], strict=True)]
         for name in _WORDS]
        if made.active
        else [[], []]
    )  # fmt: skip
    figures = (sheets["vi"][name] for name in _FIGURES) if made.active else ([] for _ in _FIGURES)
    return panel(
        bilingual("repr.explanation"),
        f"{made.procedure} – {made.name}",
        grid(
            [bilingual(f"repr.sheet.{name}") for name in (*_WORDS, *_FIGURES)],
            zip(*words, *figures, strict=True),
            most=len(sheets["vi"]),
        ),
        facts((bilingual(f"metric.{name}"), float(made.measures[name])) for name in _TOTALS)
        if made.active
        else "",
    )
