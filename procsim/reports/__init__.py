"""What an officer hands in: the plan as a workbook or a Word annex, charts and maps."""

from __future__ import annotations

from pathlib import Path

from procsim.errors import Fault, InvalidValue, Text, shorten, spoken
from procsim.model import Portfolio
from procsim.reference.calendar import Day, as_day
from procsim.reforms.plan import Plan, check_order

__all__ = ["write_report"]


def write_report(
    portfolio: Portfolio,
    plan: Plan,
    path: str | Path,
    *,
    language: str = "",
    on: Day | None = None,
) -> Path:
    """Write a plan with its figures to the file that `path` names.

    Parameters
    ----------
    portfolio
        The baseline, marked.
    plan
        The plan to print.
    path
        An ``.xlsx`` file (`procsim.reports.workbook.write_plan` names its sheets) or
        a ``.docx`` file (`procsim.reports.word_annex.write_annex`).
    language
        ``"vi"`` or ``"en"``.
    on
        Date printed on the plan; none is printed when not given.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    InvalidValue
        For another ending, or a plan that cannot be applied.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from procsim.reforms import ShortenLimit
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": "A", "ministry": "B"}),
    ...     "channels": pd.DataFrame({"id": ["1.000001/k1"], "procedure": "1.000001",
    ...         "limit_value": [10.0], "limit_unit": "working_day"}),
    ... })
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     plan = Plan([ShortenLimit("1.000001", days=7)], name="Đợt 1")
    ...     write_report(portfolio, plan, Path(folder) / "plan.xlsx").name
    'plan.xlsx'
    """
    on = as_day(on, "on")
    language = spoken(language)
    check_order("write_report", portfolio, plan)
    # What draws and writes costs a second to import, which `import procsim` should not pay.
    ending = Path(path).suffix.lower()
    if ending == ".xlsx":
        from procsim.reports.workbook import write_plan

        return write_plan(portfolio, plan, path, language=language, on=on, tornado=True)
    if ending == ".docx":
        from procsim.reports.word_annex import write_annex

        return write_annex(portfolio, plan, path, language=language, on=on)
    raise InvalidValue(
        Fault(
            "write_report › path",
            shorten(Path(path).name),
            Text(
                "Phương án ghi ra Excel (.xlsx) hoặc Word (.docx).",
                "A plan is written to Excel (.xlsx) or Word (.docx).",
            ),
            Text(
                "Đặt tên tệp như phuong-an.xlsx hoặc phuong-an.docx.",
                "Name the file like plan.xlsx or plan.docx.",
            ),
            code="reports.ending",
        )
    )
