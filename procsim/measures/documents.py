"""Documents: the official count of thành phần hồ sơ, and the count to be expected.

The official count looks at what the law asks for in the base case: a set of
alternatives counts once, a note never, and a paper that is listed as replaced
by data no longer counts. The expected count asks what an average applicant
hands in: conditional papers by their share, replaced papers where the data do
not answer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.measures.arrays import Floats, present, reasons, total
from procsim.measures.base import Dossier, Figures, active_procedures, dossier
from procsim.model.portfolio import Portfolio

__all__ = [
    "document_table",
    "documents",
    "documents_expected",
    "documents_why",
    "expected_count",
    "official_count",
]


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
