"""What an officer hands in: the plan as a workbook or a Word annex, charts and maps."""

from __future__ import annotations

from pathlib import Path

from procsim.errors import InvalidValue, shorten, spoken
from procsim.language.i18n import fault_of
from procsim.model import Portfolio
from procsim.reference.calendar import Day, as_day
from procsim.reforms.plan import Plan, check_order

__all__ = ["write_report"]


def write_report(
    portfolio: Portfolio, plan: Plan, path: str | Path, *, language: str = "", on: Day | None = None
) -> Path:
    """Write a plan with its figures to the file that `path` names.

    Parameters
    ----------
    portfolio
        The baseline, marked.
    plan
        The plan to print.
    path
        An ``.xlsx`` file (`procsim.reports.excel.workbook.write_plan` names its sheets) or
        a ``.docx`` file (`procsim.reports.word.annex.write_annex`).
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
        from procsim.reports.excel.workbook import write_plan

        return write_plan(portfolio, plan, path, language=language, on=on, tornado=True)
    if ending == ".docx":
        from procsim.reports.word.annex import write_annex

        return write_annex(portfolio, plan, path, language=language, on=on)
    raise InvalidValue(
        fault_of(
            "reports.ending",
            "write_report › path",
            shorten(Path(path).name),
            says="reports.ending.plan_written_excel_xlsx",
        )
    )
