"""All measures of all procedures in one table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.measures.base import (
    Bools,
    Dossier,
    Figures,
    Floats,
    active_procedures,
    dossier,
    equal,
    figures,
    present,
    reasons,
    total,
)
from procsim.measures.cost import COST_COLUMNS, cost_columns, cost_lines, cost_table
from procsim.measures.time import statutory, step_columns
from procsim.model.portfolio import Portfolio

DESCRIPTION = ("code", "name", "ministry", "agency", "field", "levels", "audience", "status")
MEASURES = (
    "statutory_days",
    "statutory_why",
    "step_days",
    "step_days_why",
    "step_days_assumed",
    "documents",
    "forms",
    "papers_original",
    "papers_copy",
    "papers_certified",
    "documents_expected",
    "documents_why",
    "conditions",
    "conditions_why",
    *COST_COLUMNS,
)


def measure(portfolio: Portfolio, parameters: Figures | None = None) -> pd.DataFrame:
    """Return every measure of every procedure, aligned to ``portfolio.procedures``.

    Parameters
    ----------
    parameters
        Dated figures of the cost sheet, `procsim.reference.parameters`; by
        default the newest.

    Returns
    -------
    pandas.DataFrame
        The columns of `DESCRIPTION`, then of `MEASURES`: days are working days,
        ``*_vnd`` đồng per dossier (each procedure done once), ``*_year_vnd``
        đồng per year, where the volume is known. A figure that cannot be
        computed is NaN and its ``*_why`` column names the reason (the words
        stand in ``procsim.measures.sheet.REASONS``): ``statutory_why``,
        ``step_days_why`` (also for steps that wait for each other in a circle),
        ``documents_why``, ``conditions_why``, ``cost_why``, ``dossiers_why`` and, for
        yearly cost, the first of the last two. ``step_days_assumed`` is 1 where the
        order of the steps is assumed. A procedure that is abolished or merged measures zero.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "conditions": pd.DataFrame({"id": ["d1"], "procedure": "1.000001", "text": ["a"]}),
    ... })
    >>> made = measure(portfolio).loc["1.000001"]
    >>> float(made["conditions"]), float(made["documents"]), made["documents_why"]
    (1.0, nan, 'no_dossier')
    """
    p = figures(parameters)
    columns: dict[str, pd.Series | Floats | pd.Index] = {
        name: portfolio.procedures[name] for name in DESCRIPTION
    }
    columns["statutory_days"], columns["statutory_why"] = statutory(portfolio, p)
    columns |= step_columns(portfolio)
    count = columns["conditions"] = conditions(portfolio)
    columns["conditions_why"] = reasons(len(count), ("no_content", count.isna().to_numpy()))
    if len(portfolio):
        lines = cost_lines(portfolio, p)
        columns |= document_columns(portfolio, lines.rows)
        columns |= cost_columns(portfolio, lines)
    else:
        columns |= document_columns(portfolio, dossier(portfolio, p))
        columns |= dict(cost_table(portfolio, p).items())
    order = (*DESCRIPTION, *MEASURES)
    return pd.DataFrame({name: columns[name] for name in order}, index=portfolio.procedures.index)


# Documents: the official count of thành phần hồ sơ, and the count to be expected.


def official_count(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return what each requirement adds to the official count.

    ``papers − replaced`` for a form or document that is asked for in the base
    case, else 0; NaN where the row is not yet marked as form, document or note,
    or its entries are impossible.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "cases": pd.DataFrame({"id": ["c1"], "procedure": "1.000001"}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2"], "procedure": "1.000001",
    ...         "case": "c1", "name": ["Đơn", "CMND và hộ khẩu"], "kind": ["form", "document"],
    ...         "papers": [1.0, 2.0], "replaced": [0.0, 1.0]}),
    ... })
    >>> official_count(portfolio).tolist()
    [1.0, 1.0]
    """
    rows = dossier(portfolio, parameters)
    return pd.Series(rows.official, index=portfolio.requirements.index, name="official_count")


def _expected(rows: Dossier) -> Floats:
    counted = rows.base & rows.asked
    left = rows.papers - rows.replaced * rows.coverage
    expected = np.where(counted, rows.needed * left, 0.0)
    expected[counted & rows.unknown] = np.nan
    return expected


def expected_count(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return what each requirement adds to the expected count.

    ``share_needed × (papers − replaced + replaced × (1 − coverage))`` where the
    official count looks at the row, else 0.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "cases": pd.DataFrame({"id": ["c1"], "procedure": "1.000001"}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2"], "procedure": "1.000001",
    ...         "case": "c1", "name": ["Giấy khai sinh", "Giấy ủy quyền"], "kind": "document",
    ...         "papers": 1.0, "replaced": [1.0, 0.0], "coverage": [0.8, np.nan],
    ...         "share_needed": [np.nan, 0.25]}),
    ... })
    >>> expected_count(portfolio).round(6).tolist()
    [0.2, 0.25]
    """
    rows = dossier(portfolio, parameters)
    return pd.Series(_expected(rows), index=portfolio.requirements.index, name="expected_count")


def document_columns(portfolio: Portfolio, rows: Dossier) -> dict[str, Floats | pd.Index]:
    """Return the document measures of every procedure from its dossier rows."""
    size = len(portfolio.procedures)
    table = portfolio.requirements
    active = active_procedures(portfolio)
    listed = present(rows.owner, size)

    count = total(rows.owner, rows.official, size)
    known = listed & ~np.isnan(count)
    certified = table["certified"].to_numpy(dtype=bool)
    handed = np.where(table["originals"].to_numpy() > 0, 1, 4)
    handed[(handed == 4) & (table["copies"].to_numpy() > 0)] = 2
    handed[certified] = 3
    handed[rows.form] = 0
    by_kind = total(np.where(rows.owner < 0, -1, rows.owner * 5 + handed), rows.official, size * 5)

    def standing(values: Floats) -> Floats:
        return np.where(active, np.where(known, values, np.nan), 0.0)

    lacking = active & ~known
    unmarked = rows.base & rows.asked & rows.unknown
    return {
        "documents": standing(count),
        "forms": standing(by_kind[0::5]),
        "papers_original": standing(by_kind[1::5]),
        "papers_copy": standing(by_kind[2::5]),
        "papers_certified": standing(by_kind[3::5]),
        "documents_expected": standing(total(rows.owner, _expected(rows), size)),
        "documents_why": reasons(
            size,
            ("no_dossier", lacking & ~listed),
            ("not_marked", lacking & present(rows.owner, size, unmarked)),
            ("invalid_input", lacking),
        ),
    }


def document_table(portfolio: Portfolio, parameters: Figures | None = None) -> pd.DataFrame:
    """Return all document measures, one row for each procedure.

    ``documents`` is the official count and ``forms`` its forms; the rest of it
    by how a paper is handed in: ``papers_certified``, ``papers_original``,
    ``papers_copy`` (a paper of unstated form is in none of the three);
    ``documents_expected``; ``documents_why`` says why they are missing
    (``no_dossier``, ``not_marked``, ``invalid_input``) or is ``""``.
    """
    columns = document_columns(portfolio, dossier(portfolio, parameters))
    return pd.DataFrame(columns, index=portfolio.procedures.index)


def documents(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the official count of thành phần hồ sơ of each procedure.

    The sum of `official_count`; NaN where no dossier is listed or a row is not
    yet marked; 0 for a procedure that is abolished or merged.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001", "1.000002"], "name": ["A", "B"],
    ...                                 "ministry": ["B", "B"]}),
    ...     "cases": pd.DataFrame({"id": ["c1"], "procedure": "1.000001"}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2"], "procedure": "1.000001",
    ...         "case": "c1", "name": ["Đơn", "Lưu ý"], "kind": ["form", "note"]}),
    ... })
    >>> documents(portfolio).tolist(), documents_why(portfolio).tolist()
    ([1.0, nan], ['', 'no_dossier'])
    """
    return document_table(portfolio, parameters)["documents"]


def documents_expected(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the number of papers that an average applicant hands in.

    The sum of `expected_count`, missing where `documents` is.
    """
    return document_table(portfolio, parameters)["documents_expected"]


def documents_why(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return why `documents` is missing, as a code; ``""`` where it is known."""
    return document_table(portfolio, parameters)["documents_why"]


# Business conditions (yêu cầu, điều kiện), counted by what became of them.


def described(portfolio: Portfolio) -> Bools:
    """Return which procedures come with any content, not only a name in a list.

    An official list gives a procedure's name alone; that it has no condition
    cannot be read from it.
    """
    found = np.zeros(len(portfolio.procedures), dtype=bool)
    for name in ("conditions", "channels", "cases", "requirements", "steps"):
        found |= present(portfolio.positions(name, "procedure"), len(found))
    return found


def condition_counts(portfolio: Portfolio) -> pd.DataFrame:
    """Return, for each procedure, its conditions by status: kept, simplified, cut.

    All of an abolished or merged procedure's conditions count as cut; NaN where
    the procedure's content is not known.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "conditions": pd.DataFrame({"id": ["d1", "d2", "d3"], "procedure": "1.000001",
    ...         "text": ["a", "b", "c"], "status": ["kept", "cut", "kept"]}),
    ... })
    >>> condition_counts(portfolio).iloc[0].tolist()
    [2.0, 0.0, 1.0]
    """
    size = len(portfolio.procedures)
    owner = portfolio.positions("conditions", "procedure")
    status = portfolio.conditions["status"]
    unknown = ~described(portfolio)
    active = active_procedures(portfolio)
    counts = {}
    for name in ("kept", "simplified"):
        count = total(owner, equal(status, name).astype(float), size)
        counts[name] = np.where(active, count, 0.0)
    counts["cut"] = total(owner, None, size) - counts["kept"] - counts["simplified"]
    made = pd.DataFrame(counts, index=portfolio.procedures.index)
    made.loc[unknown & active] = np.nan
    return made


def conditions(portfolio: Portfolio) -> pd.Series:
    """Return the number of conditions of each procedure that stand unchanged.

    Conditions of status ``kept``. The Government counts a condition that is
    cut and one that is simplified alike ("cắt giảm, đơn giản hóa 2.269/6.974
    điều kiện"), so both lower this count; `condition_counts` shows them apart.
    NaN where the procedure's content is not known; 0 for one that is abolished
    or merged.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "conditions": pd.DataFrame({"id": ["d1", "d2", "d3"], "procedure": "1.000001",
    ...         "text": ["a", "b", "c"], "status": ["kept", "cut", "simplified"]}),
    ... })
    >>> conditions(portfolio).tolist()
    [1.0]
    """
    size = len(portfolio.procedures)
    owner = portfolio.positions("conditions", "procedure")
    kept = total(owner, equal(portfolio.conditions["status"], "kept").astype(float), size)
    count = np.where(described(portfolio), kept, np.nan)
    count = np.where(active_procedures(portfolio), count, 0.0)
    return pd.Series(count, index=portfolio.procedures.index, name="conditions")
