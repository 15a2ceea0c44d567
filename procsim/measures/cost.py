"""Compliance cost (chi phí tuân thủ TTHC), per dossier and per year.

Thông tư 02/2017/TT-VPCP, Điều 27: the cost of one procedure is the cost of the
work that must be done plus phí, lệ phí and other prescribed costs; the cost of
a year is that × times per year × subjects per year. `cost_sheet` has the
lines, `cost_table` their totals, `explain` the reading of one procedure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from procsim.doors import notebook_page
from procsim.errors import shorten, spoken
from procsim.language.formatting import format_number, format_number_en
from procsim.measures.base import (
    Bools,
    Dossier,
    Figures,
    Floats,
    active_procedures,
    base_rows,
    dossier,
    equal,
    figures,
    filled,
    present,
    reasons,
    total,
)
from procsim.measures.sheet import (
    GROUPS,
    REASONS,
    Lines,
    channel_lines,
    channels,
    fee_lines,
    paper_lines,
    sheet_rows,
)
from procsim.model.portfolio import Portfolio

Column: TypeAlias = Floats | pd.Index


@dataclass(frozen=True)
class CostLines:
    """All lines of the cost sheet of a portfolio, by the kind of work."""

    rows: Dossier
    papers: Lines
    submit: Lines
    fees: Lines
    pay: Lines
    collect: Lines

    @property
    def blocks(self) -> tuple[Lines, ...]:
        """Every block of lines, in the order of the cost sheet."""
        return (self.papers, self.submit, self.fees, self.pay, self.collect)


def cost_lines(portfolio: Portfolio, parameters: Figures | None = None) -> CostLines:
    """Return the lines of the cost sheet as arrays; see `procsim.measures.sheet`."""
    p = figures(parameters)
    rows = dossier(portfolio, p)
    ways = channels(portfolio, p)
    fees, pay = fee_lines(portfolio, ways, p)
    return CostLines(
        rows=rows,
        papers=paper_lines(portfolio, rows, p, ways),
        submit=channel_lines(ways, p, 2),
        fees=fees,
        pay=pay,
        collect=channel_lines(ways, p, 6),
    )


@dataclass(frozen=True)
class _Gaps:
    """Which procedures lack what, shape (procedures,); the sheet prints these as lines."""

    no_dossier: Bools
    no_channels: Bools


def _gaps(portfolio: Portfolio) -> _Gaps:
    size = len(portfolio.procedures)
    return _Gaps(
        ~present(portfolio.positions("requirements", "procedure"), size),
        ~present(portfolio.positions("channels", "procedure"), size),
    )


def cost_columns(portfolio: Portfolio, lines: CostLines) -> dict[str, Column]:
    """Return the cost measures of every procedure from the lines of its sheet."""
    size = len(portfolio.procedures)
    active = active_procedures(portfolio)
    gaps = _gaps(portfolio)

    def summed(block: Lines, values: Floats | Bools) -> Floats:
        return total(block.owner, np.asarray(values, dtype=float), size)

    papers = np.where(gaps.no_dossier, np.nan, summed(lines.papers, lines.papers.cost))
    extra = summed(lines.papers, lines.papers.expected - lines.papers.cost)
    ways = summed(lines.submit, lines.submit.cost) + summed(lines.collect, lines.collect.cost)
    ways = np.where(gaps.no_channels, np.nan, ways)
    work = papers + ways + summed(lines.pay, lines.pay.cost)
    fees = summed(lines.fees, lines.fees.cost)
    cost = work + fees
    guessed = sum(summed(b, np.where(b.assumed, b.cost, 0.0)) for b in lines.blocks)
    zero = np.zeros(size)
    work, fees, cost, expected = (
        np.where(active, values, zero) for values in (work, fees, cost, cost + extra)
    )
    share = np.divide(guessed, cost, out=np.full(size, np.nan), where=active & (cost > 0))
    lacking = np.isnan(cost)
    unmarked = lines.rows.base & lines.rows.asked & lines.rows.unknown
    dossiers, yearly, yearly_expected = _year(portfolio, active, cost, expected)
    return {
        "work_vnd": work,
        "fees_vnd": fees,
        "cost_vnd": cost,
        "cost_expected_vnd": expected,
        "cost_why": reasons(
            size,
            ("no_dossier", lacking & gaps.no_dossier),
            ("not_marked", lacking & present(lines.rows.owner, size, unmarked)),
            ("invalid_input", lacking & np.isnan(papers)),
            ("no_channels", lacking & gaps.no_channels),
            ("channel_shares", lacking & np.isnan(ways)),
            ("fee_unreadable", lacking & np.isnan(fees)),
            ("invalid_input", lacking),
        ),
        "dossiers_per_year": dossiers,
        "dossiers_why": _volume_why(portfolio),
        "cost_year_vnd": yearly,
        "cost_expected_year_vnd": yearly_expected,
        "assumed_share": np.minimum(share, 1.0),
        "assumed_why": reasons(
            size, ("cost_unknown", lacking), ("zero_cost", ~lacking & (cost == 0))
        ),
    }


def _volume(portfolio: Portfolio) -> Floats:
    times, _ = filled(portfolio.procedures["times_per_year"], np.nan)
    subjects, _ = filled(portfolio.procedures["subjects_per_year"], np.nan)
    return times * subjects


def _volume_why(portfolio: Portfolio) -> pd.Index:
    """Return why the yearly volume is missing: what of times and subjects is not stated."""
    procedures = portfolio.procedures
    lacking = np.isnan(_volume(portfolio))
    times, subjects = (
        procedures[name].isna().to_numpy() for name in ("times_per_year", "subjects_per_year")
    )
    return reasons(
        len(procedures),
        ("no_volume", lacking & times & subjects),
        ("no_times", lacking & times),
        ("no_subjects", lacking & subjects),
        ("invalid_input", lacking),
    )


def _year(
    portfolio: Portfolio, active: Bools, cost: Floats, expected: Floats
) -> tuple[Floats, Floats, Floats]:
    dossiers = _volume(portfolio)
    return (
        dossiers,
        np.where(active, cost * dossiers, 0.0),
        np.where(active, expected * dossiers, 0.0),
    )


def cost_table(portfolio: Portfolio, parameters: Figures | None = None) -> pd.DataFrame:
    """Return all cost measures, one row for each procedure.

    ``work_vnd``, ``fees_vnd``, ``cost_vnd`` (their sum, per dossier),
    ``cost_expected_vnd``, ``cost_why``, ``dossiers_per_year``, ``dossiers_why``,
    ``cost_year_vnd``, ``cost_expected_year_vnd``, ``assumed_share`` (share of
    ``cost_vnd`` on lines that rest on an assumption), ``assumed_why``.

    ``cost_why`` is ``""`` or says what is lacking: ``no_dossier``,
    ``not_marked``, ``no_channels``, ``channel_shares`` (they add up to 0),
    ``fee_unreadable``, ``invalid_input`` (a negative figure, a share above 1).
    """
    if not len(portfolio):
        columns: dict[str, Column] = {name: np.empty(0) for name in _NUMBERS}
        columns |= {name: reasons(0) for name in ("cost_why", "dossiers_why", "assumed_why")}
        return pd.DataFrame(columns, index=portfolio.procedures.index)[list(COST_COLUMNS)]
    columns = cost_columns(portfolio, cost_lines(portfolio, parameters))
    return pd.DataFrame(columns, index=portfolio.procedures.index)


COST_COLUMNS = (
    "work_vnd",
    "fees_vnd",
    "cost_vnd",
    "cost_expected_vnd",
    "cost_why",
    "dossiers_per_year",
    "dossiers_why",
    "cost_year_vnd",
    "cost_expected_year_vnd",
    "assumed_share",
    "assumed_why",
)
_NUMBERS = tuple(name for name in COST_COLUMNS if not name.endswith("why"))


def work_vnd(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the cost of the work for one dossier: hours × hourly income + services.

    Preparing, submitting, paying and collecting (groups 1, 2, 3, 6). Known even
    where a fee cannot be read.
    """
    return cost_table(portfolio, parameters)["work_vnd"]


def fees_vnd(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return phí and lệ phí of one dossier, channels weighted by their share.

    NaN where a kind of fee has no readable amount.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"]}),
    ...     "channels": pd.DataFrame({"id": ["k1"], "procedure": "1.000001"}),
    ...     "fees": pd.DataFrame({"id": ["f1", "f2", "f3"], "procedure": "1.000001",
    ...         "kind": ["phi", "phi", "le_phi"], "amount_vnd": [50_000, 90_000, 20_000]}),
    ... })
    >>> fees_vnd(portfolio).tolist()
    [70000.0]
    """
    return cost_table(portfolio, parameters)["fees_vnd"]


def cost_vnd(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the compliance cost of one dossier: ``work_vnd + fees_vnd``.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"],
    ...                                 "status": ["abolished"]}),
    ... })
    >>> cost_vnd(portfolio).tolist()
    [0.0]
    """
    return cost_table(portfolio, parameters)["cost_vnd"]


def cost_expected_vnd(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the cost of one dossier with data that do not answer for everybody.

    ``cost_vnd`` plus, for every replaced paper, ``(1 − coverage) × (cost of the
    paper + fallback hours × hourly)``: Điều 8, Nghị quyết 66.7/2025/NQ-CP. The
    hours are those of the channels by their share: ``hours_fallback_online`` online,
    ``hours_fallback`` at the counter and by post.
    """
    return cost_table(portfolio, parameters)["cost_expected_vnd"]


def cost_why(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return why `cost_vnd` is missing, as a code; ``""`` where it is known."""
    return cost_table(portfolio, parameters)["cost_why"]


def dossiers_per_year(portfolio: Portfolio) -> pd.Series:
    """Return times per year × subjects per year; NaN where either is not stated.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["A"], "ministry": ["B"],
    ...                                 "times_per_year": [2.0], "subjects_per_year": [300.0]}),
    ... })
    >>> dossiers_per_year(portfolio).tolist()
    [600.0]
    """
    index = portfolio.procedures.index
    return pd.Series(_volume(portfolio), index=index, name="dossiers_per_year")


def cost_sheet(
    portfolio: Portfolio, parameters: Figures | None = None, language: str = ""
) -> pd.DataFrame:
    """Return the lines of the compliance-cost sheet, the totals' only source.

    Columns: ``procedure``, ``group`` (1–6), ``position``, ``work``,
    ``activity``, ``hours``, ``hourly_vnd``, ``services_vnd``, ``fees_vnd``,
    ``weight`` (how much of one dossier the line stands for), ``cost_vnd`` =
    weight × (hours × hourly + services + fees), ``mark`` (the weakest of what
    went in), ``note``, ``expected_vnd`` and ``source``, the id of the
    requirement, channel or fee. What is lacking stands as a line without
    amount. An abolished or merged procedure has no lines. Groups 4 and 5
    (inspection, other work) have none until they can be entered.

    Parameters
    ----------
    portfolio
        Marked procedures.
    parameters
        Dated figures of hours and income; by default the newest.
    language
        ``"vi"`` or ``"en"``, for the words.

    Returns
    -------
    pandas.DataFrame
        One row for each line, the columns as above; hours in hours, amounts in đồng.

    Examples
    --------
    >>> import procsim as ps
    >>> sheet = cost_sheet(ps.mark(ps.load_sample().select(["1.004222"])))
    >>> sorted(sheet["group"].unique().tolist())
    [1, 2, 3, 6]
    """
    language = spoken(language)
    p = figures(parameters)
    gaps = _gaps(portfolio)
    lines = cost_lines(portfolio, p) if len(portfolio) else None
    active = active_procedures(portfolio)
    lacking = {
        "no_dossier": np.flatnonzero(active & gaps.no_dossier),
        "no_channels": np.flatnonzero(active & gaps.no_channels),
    }
    blocks = lines.blocks if lines is not None else ()
    return sheet_rows(portfolio, p, blocks, active, lacking, language)


def explain(portfolio: Portfolio, procedure: str, parameters: Figures | None = None) -> Explanation:
    """Return why the cost of one procedure is what it is, line by line.

    Parameters
    ----------
    procedure
        An id, or a national code that stands for one procedure only.

    Returns
    -------
    Explanation
        With ``.text(language)`` for people and ``.summary``, the lines.

    Raises
    ------
    UnknownName
        When there is no such procedure, or the code stands for several.

    Examples
    --------
    >>> import procsim as ps
    >>> made = explain(ps.mark(ps.load_sample()), "1.004222")
    >>> made
    <Explanation 1.004222 Đăng ký thường trú>
    >>> made.text("en").splitlines()[1]
    '1. Preparing the dossier'
    """
    p = figures(parameters)
    found = portfolio[procedure]
    one = portfolio.select([found.id])
    measures = cost_table(one, p).iloc[0]
    return Explanation(
        procedure=found.id,
        name=found.name,
        active=bool(equal(one.procedures["status"], "active")[0]),
        sheets={language: cost_sheet(one, p, language) for language in ("vi", "en")},
        measures={name: measures[name] for name in COST_COLUMNS},
    )


# Why this number: the cost of one procedure, told line by line.


@dataclass(frozen=True)
class Explanation:
    """The calculation behind one procedure's compliance cost.

    Attributes
    ----------
    procedure, name
        Id and name.
    active
        False for a procedure that is abolished or merged: it costs nothing.
    sheets
        The lines of the cost sheet by language.
    measures
        The totals: ``cost_vnd``, ``cost_expected_vnd``, ``cost_why`` …
    """

    procedure: str
    name: str
    active: bool
    sheets: Mapping[str, pd.DataFrame]
    measures: Mapping[str, float | str]

    @property
    def summary(self) -> pd.DataFrame:
        """The lines of the cost sheet, in Vietnamese."""
        return self.sheets["vi"]

    def __repr__(self) -> str:
        return f"<Explanation {self.procedure} {shorten(self.name, 60)}>"

    def _repr_html_(self) -> str:
        return notebook_page(self)

    def text(self, language: str = "") -> str:
        """Return the calculation in words, in ``"vi"`` or ``"en"``."""
        language = spoken(language)
        vi = language != "en"
        lines = [f"{self.procedure} – {self.name}"]
        if not self.active:
            lines.append(
                "Thủ tục đã bãi bỏ hoặc sáp nhập: chi phí bằng 0."
                if vi
                else "The procedure is abolished or merged: it costs nothing."
            )
            return "\n".join(lines)
        for group, part in self.sheets["vi" if vi else "en"].groupby("group", sort=True):
            lines.append(f"{group}. {GROUPS[int(group)].in_language(language)}")
            lines += [_line(row, vi=vi) for row in part.to_dict("records")]
        return "\n".join([*lines, *self._totals(vi=vi)])

    def _totals(self, *, vi: bool) -> list[str]:
        m = self.measures
        unknown = REASONS.get(str(m["cost_why"]))
        why = f" – {unknown.in_language('vi' if vi else 'en')}" if unknown else ""
        labels = (
            ("work_vnd", "Chi phí công việc, một hồ sơ", "Work, one dossier"),
            ("fees_vnd", "Phí, lệ phí, một hồ sơ", "Phí and lệ phí, one dossier"),
            ("cost_vnd", "Chi phí tuân thủ, một hồ sơ", "Compliance cost, one dossier"),
            (
                "cost_expected_vnd",
                "Chi phí dự kiến khi dữ liệu chưa phủ hết",
                "Expected, where data do not answer for everybody",
            ),
            ("cost_year_vnd", "Chi phí tuân thủ, một năm", "Compliance cost, one year"),
        )
        made = [
            f"{label_vi if vi else label_en}: {_vnd(m[name], vi=vi)}"
            + (why if name == "cost_vnd" else "")
            for name, label_vi, label_en in labels
            if name != "cost_year_vnd" or not pd.isna(m["dossiers_per_year"])
        ]
        share = m["assumed_share"]
        if not pd.isna(share):
            percent = (format_number if vi else format_number_en)(100 * float(share), 1)
            made.append(
                f"Phần dựa trên giả định: {percent} %"
                if vi
                else f"Rests on assumptions (giả định): {percent} %"
            )
        return made


def _vnd(value: object, *, vi: bool) -> str:
    if pd.isna(value):
        return "chưa tính được" if vi else "not known"
    text = (format_number if vi else format_number_en)(float(str(value)), 0)
    return f"{text} {'đồng' if vi else 'VND'}"


def _line(row: Mapping[str, object], *, vi: bool) -> str:
    write = format_number if vi else format_number_en
    number = {
        name: float(str(row[name]))
        for name in ("hours", "hourly_vnd", "services_vnd", "fees_vnd", "weight")
    }
    parts = []
    if number["hours"]:
        hours = "?" if pd.isna(number["hours"]) else write(round(number["hours"], 4))
        parts.append(f"{hours} {'giờ' if vi else 'hours'} × {write(number['hourly_vnd'], 2)}")
    amounts = (number[name] for name in ("services_vnd", "fees_vnd") if number[name])
    parts += ["?" if pd.isna(amount) else write(amount, 0) for amount in amounts]
    inner = " + ".join(parts) or "0"
    weight = "?" if pd.isna(number["weight"]) else write(round(number["weight"], 4))
    mark = f" [{row['mark']}]" if row["mark"] else ""
    note = f" ({row['note']})" if row["note"] else ""
    activity = f"{shorten(str(row['activity']))}: " if row["activity"] else ""
    return f"   {activity}{weight} × ({inner}) = {_vnd(row['cost_vnd'], vi=vi)}{mark}{note}"


# What each dossier row costs its applicant once, whatever it is marked as.


def row_stakes(portfolio: Portfolio, parameters: Figures | None = None) -> pd.Series:
    """Return the cost in đồng per dossier that stands or falls with the mark of a row.

    The line of group 1 of the compliance-cost sheet (Thông tư 02/2017/TT-VPCP,
    Điều 27), nothing replaced yet. A note costs nothing; here it counts as the paper
    that it would be if the mark were wrong. Rows outside the base case are in no
    figure: 0.

    Returns
    -------
    pandas.Series
        Aligned to ``portfolio.requirements.index``.
    """
    rows = portfolio.requirements
    base = base_rows(portfolio)
    # Looked up in an index: `isin` of thousands of texts takes ten times as long.
    counted = pd.Index(rows["case"][base].unique()).get_indexer(rows["case"]) >= 0
    notes = (rows["kind"] == "note") & counted
    supposed = rows.assign(
        kind=rows["kind"].mask(notes, "document"),
        papers=np.where(notes, 1.0, rows["papers"]),
        replaced=0.0,
    )
    p = figures(parameters)
    changed = portfolio.exchange(requirements=supposed)
    lines = paper_lines(changed, dossier(changed, p), p)
    return pd.Series(lines.cost, index=rows.index, name="stake_vnd")
