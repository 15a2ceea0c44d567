"""Document types, databases, and which database holds which document.

Sources: Nghị quyết 66.7/2025/NQ-CP, Điều 4 (what is listed), Điều 6 (when owners
publish), and the dossiers published on the National Public Service Portal.
"""

from __future__ import annotations

from functools import cache

import pandas as pd

from procsim.language.i18n import bilingual
from procsim.reference.tables import MARKS, Checker, Source, fold, read_csv, shipped, split_list

TYPE_COLUMNS = (
    "id", "name_vi", "name_en", "group", "variants", "issuer", "source", "mark", "note",
)  # fmt: skip
DATABASE_COLUMNS = (
    "id", "name_vi", "name_en", "aliases", "owner", "status", "status_mark", "deadline",
    "published", "legal_basis", "source", "mark", "note",
)  # fmt: skip
HOLDING_COLUMNS = (
    "document_type", "database", "applicant_group", "class", "clause", "legal_basis", "listed",
    "published", "until", "coverage", "coverage_mark", "scope_note", "source", "mark",
)  # fmt: skip

STATUSES = ("in_use", "building", "planned", "unknown")
CLASSES = ("listed", "open")
CLAUSES = (*(f"k{i}" for i in range(1, 11)), "annex")

APPLICANT_GROUPS: tuple[str, ...] = (
    "citizen",
    "enterprise",
    "household_business",
    "cooperative",
    "organisation",
)
"""Who applies. Foreigners are no group here: they are covered only as far as a
database covers them (Điều 2), and no database has published that it does."""


def check_variants(check: Checker, table: pd.DataFrame, column: str) -> None:
    """Check that no two rows share a variant once diacritics and case are gone."""
    owner: dict[str, str] = {}
    for (row, cell), key in zip(check.rows(table, column), table["id"], strict=True):
        own: set[str] = set()
        for variant in split_list(cell):
            folded = fold(variant)
            if not folded:
                message = bilingual("reference.no_variant_letters")
                check.fault(row, column, variant, "table.variant", message)
            elif folded in own or owner.get(folded, key) != key:
                message = bilingual(
                    "reference.variant_already_stands_without", owner=owner.get(folded, key)
                )
                check.fault(row, column, variant, "table.duplicate", message)
            own.add(folded)
            owner.setdefault(folded, key)


def load_document_types(source: Source) -> pd.DataFrame:
    """Read and check a table of document types; see `document_types`."""
    table = read_csv(source, TYPE_COLUMNS)
    check = Checker(source.name)
    check.ids(table)
    check.filled(table, "name_vi", "name_en", "group", "variants", "source")
    check.one_of(table, "mark", MARKS)
    check_variants(check, table, "variants")
    check.stop()
    return table.set_index("id")


def load_databases(source: Source) -> pd.DataFrame:
    """Read and check a table of databases; see `databases`."""
    table = read_csv(source, DATABASE_COLUMNS)
    check = Checker(source.name)
    check.ids(table)
    check.filled(table, "name_vi", "name_en", "aliases", "owner", "source")
    check.one_of(table, "status", STATUSES)
    check.one_of(table, "status_mark", MARKS)
    check.one_of(table, "mark", MARKS)
    check.dates(table, "deadline", "published")
    check_variants(check, table, "aliases")
    check.stop()
    return table.set_index("id")


def load_holdings(source: Source, types: pd.DataFrame, bases: pd.DataFrame) -> pd.DataFrame:
    """Read and check a table of holdings against `types` and `bases`; see `holdings`."""
    table = read_csv(source, HOLDING_COLUMNS)
    check = Checker(source.name)
    check.filled(table, "legal_basis", "until", "source")
    check.one_of(table, "document_type", types.index)
    check.one_of(table, "database", bases.index)
    check.one_of(table, "applicant_group", APPLICANT_GROUPS)
    check.one_of(table, "class", CLASSES)
    check.one_of(table, "clause", CLAUSES)
    check.one_of(table, "mark", MARKS)
    check.one_of(table, "coverage_mark", (*MARKS, ""))
    check.dates(table, "listed", "published", "until")
    key = ["document_type", "database", "applicant_group"]
    for row, twice in enumerate(table.duplicated(key), start=2):
        if twice:
            message = bilingual("reference.pair_already_stands_above")
            check.fault(
                row, "document_type", table.loc[row - 2, key].tolist(), "table.duplicate", message
            )
    for row, (kind, listed) in enumerate(
        zip(table["class"], table["listed"], strict=True), start=2
    ):
        if (kind == "listed") != bool(listed):
            message = bilingual("reference.listed_row_needs_date")
            check.fault(row, "listed", listed, "holding.listed", message)
    coverage = pd.to_numeric(table["coverage"].replace("", None), errors="coerce")
    marked = table["coverage_mark"] != ""
    for row, cell in check.rows(table, "coverage"):
        value = coverage.iloc[row - 2]
        if cell and not 0 <= value <= 1:
            message = bilingual("reference.coverage_0_1_empty")
            check.fault(row, "coverage", cell, "holding.coverage", message)
        if bool(cell) != bool(marked.iloc[row - 2]):
            message = bilingual("reference.coverage_mark_go_together")
            check.fault(row, "coverage_mark", cell, "holding.coverage", message)
    check.stop()
    return table.assign(coverage=coverage.astype(float))


@cache
def shipped_document_types() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return load_document_types(shipped("document_types.csv"))


@cache
def shipped_databases() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return load_databases(shipped("databases.csv"))


@cache
def shipped_holdings() -> pd.DataFrame:
    """Return the checked table that ships, one object for all."""
    return load_holdings(shipped("holdings.csv"), shipped_document_types(), shipped_databases())


def document_types() -> pd.DataFrame:
    """Return the catalogue of papers that dossiers ask for.

    Returns
    -------
    pandas.DataFrame
        Index ``id``; all columns are texts: ``name_vi``, ``name_en``, ``group``,
        ``variants`` (ways of writing, joined by ``;``; of two that overlap the
        longer is meant), ``issuer``, ``source``, ``mark``, ``note``. A copy: it may
        be changed freely.

    Examples
    --------
    >>> document_types().loc["phieu_lltp", "name_vi"]
    'Phiếu lý lịch tư pháp'
    """
    return shipped_document_types().copy()


def databases() -> pd.DataFrame:
    """Return the databases that can answer in place of a paper.

    Returns
    -------
    pandas.DataFrame
        Index ``id``; all columns are texts, dates are ISO or empty: ``name_vi``,
        ``name_en``, ``aliases`` (as the annexes write them, joined by ``;``),
        ``owner``, ``status`` (in_use, building, planned, unknown), ``status_mark``,
        ``deadline``, ``published`` (day the owner published its scope), ``legal_basis``,
        ``source``, ``mark``, ``note``.
    """
    return shipped_databases().copy()


def holdings() -> pd.DataFrame:
    """Return which database holds which paper, for whom, on what legal basis.

    Legal source: Nghị quyết 66.7/2025/NQ-CP, Điều 4 khoản 1–9 (class ``listed``),
    khoản 10 and single annex rows (class ``open``: an assumption elsewhere).

    Returns
    -------
    pandas.DataFrame
        One row for each (``document_type``, ``database``, ``applicant_group``).
        ``coverage`` is a float share of 0 to 1, NaN where no figure was published;
        every other column is text. ``listed``, ``published`` and ``until`` are ISO
        dates or empty. Foreign applicants have no row.
    """
    return shipped_holdings().copy()
