"""What several tabs of the page Thủ tục need of one procedure, kept by content."""

from __future__ import annotations

from functools import cache

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from procsim.app.shell import results, show
from procsim.app.shell.session import language, say
from procsim.measures.clocks import CLOCK_REASONS
from procsim.model import Portfolio
from procsim.readers.words import word
from procsim.reference import databases, document_types
from procsim.reference.schema import table
from procsim.reforms import Reform
from procsim.store import Project
from procsim.workflows.composing import Offer, offers


def words_of(column: str, codes: object, name: str = "procedures") -> str:
    """Return the codes of a cell in the words of the language, joined by commas."""
    listed = [code for code in str(codes).split(";") if code]
    return ", ".join(show.told(word(table(name)[column], code)) for code in listed)


def reason_of(code: object) -> str:
    """Return why a figure is missing, in words."""
    known = CLOCK_REASONS.get(str(code))
    return show.told(known) if known is not None else str(code)


@cache
def _names(tongue: str) -> dict[str, str]:
    frames = (document_types(), databases())
    return {i: name for frame in frames for i, name in frame[f"name_{tongue}"].items()}


def type_name(identity: str) -> str:
    """Return the name of a document type; its id where the catalogue has none."""
    return _names(language()).get(identity, identity)


def database_name(identity: str) -> str:
    """Return the name of a database; its id where the catalogue has none."""
    return _names(language()).get(identity, identity)


def listed_names(ids: object) -> str:
    """Return the names of papers or databases, joined by ``; ``."""
    return "; ".join(_names(language()).get(i, i) for i in str(ids).split(";") if i)


def mark_word(mark: object) -> str:
    """Return where a figure comes from, in the words of the language."""
    return "" if pd.isna(mark) else words_of("mark", mark, "fees")


def with_mark(value: float, mark: object, decimals: int | None = None) -> str:
    """Return a figure with its source: ``5 (công bố)``."""
    written = show.amount(value, decimals)
    return f"{written} ({mark_word(mark)})" if mark and pd.notna(value) else written


def changed_figure(
    place: DeltaGenerator,
    label: str,
    before: float,
    after: float,
    decimals: int,
    *,
    reason: str,
    compared: bool,
) -> None:
    """Show a figure after the plan with its change; what was before stands in its help."""
    old, new = (value if pd.isna(value) else round(value, decimals) for value in (before, after))
    change, burden = None, False
    if compared and pd.notna(old) and pd.notna(new):
        change = say("procedures.unchanged")
        if old != new:
            sign, burden = "-" if new < old else "+", True
            change = f"{sign}{show.written(round(abs(old - new), decimals))}"
            reason = f"{reason} {say('procedures.was', before=show.written(old))}"
    show.figure(place, label, show.amount(new, None), change=change, burden=burden, help=reason)


def only(project: Project, procedure: str) -> Portfolio:
    """Return the portfolio of one procedure, as it stands."""
    return results.of_portfolio(
        "only", project, lambda: project.portfolio.select([procedure]), procedure
    )


def only_after(project: Project, plan: str, procedure: str) -> Portfolio:
    """Return the portfolio of one procedure after a plan."""
    return results.of_plan(
        "only", project, plan, lambda: results.changed(project, plan).select([procedure]), procedure
    )


def offers_of(project: Project, procedure: str) -> list[Offer]:
    """Return what can be proposed for a procedure."""
    return results.of_portfolio(
        "offers", project, lambda: offers(project.portfolio, procedure), procedure
    )


def reforms_of(project: Project, plan: str, procedure: str, row: str = "") -> list[Reform]:
    """Return the reforms of a plan that touch a procedure, or one row of it."""
    found = [r for r in results.plan_of(project, plan).reforms if procedure in r.procedure_ids]
    return [r for r in found if not row or row in _rows_of(r)]


def _rows_of(reform: Reform) -> set[str]:
    named: set[str] = set()
    for field in reform.refers:
        value = getattr(reform, field)
        named |= set(value) if isinstance(value, tuple) else {value}
    return named


def missing_words(why: object) -> str:
    """Return the sentence that says why a figure is missing; ``""`` where none is."""
    return say("procedures.missing", why=reason_of(why)) if why else ""
