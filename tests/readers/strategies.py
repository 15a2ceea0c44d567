"""Small valid portfolios with nasty texts, and workbooks as an officer fills them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from procsim.language.vietnamese import nfc
from procsim.model.portfolio import TABLES, Portfolio
from procsim.reference.schema import Column, table

__all__ = ["nasty_texts", "portfolios", "save_book"]

# Texts that are kept to the last space; the others are keys, whose ends are trimmed.
FREE = {
    *("name", "text", "description", "note", "words", "amount_text", "limit_text", "days_text"),
    *("article", "volume_source", "legal_basis"),
}
PIECES = [
    *(
        "=1+1",
        "+84 24",
        "-5",
        "@SUM(A1)",
        "\t",
        "'=quoted",
        "''-",
        '"',
        "'",
        ",",
        ";",
        "\n",
        "\r\n",
    ),
    *("  ", " ", "đ", "ế", "Giấy tờ", "NA", "None", "null", "nan", "001", "1.10", "1.234,5"),
    *("<b>đậm</b>", "**mạnh**", "'); DROP TABLE x;--", "&amp;", "]]>", "_x000D_", "_x0041_"),
    *("#REF!", "#N/A", "TRUE", "😀", "🇻🇳", "\u200b", "«»", "\\", "|", "VÍ DỤ", "{0}", "%s", "1e5"),
]
LETTERS = st.characters(blacklist_categories=("Cs", "Cn"))
SUFFIX = {
    "cases": "c",
    "channels": "k",
    "fees": "f",
    "requirements": "r",
    "steps": "s",
    "flow": "w",
    "conditions": "d",
    "legal_bases": "l",
    "results": "o",
    "marks": "m",
    "decisions": "q",
}


def nasty_texts(max_size: int = 12) -> st.SearchStrategy[str]:
    """Return texts in the form that reading gives: NFC, never only white space."""
    parts = st.one_of(st.sampled_from(PIECES), st.text(LETTERS, max_size=4))
    return (
        st.lists(parts, max_size=max_size)
        .map("".join)
        .map(nfc)
        .map(lambda text: text if text.strip() else "")
    )


@dataclass(frozen=True)
class Pool:
    """Values drawn once for a portfolio; rows choose among them, which is much faster."""

    texts: list[str]
    numbers: list[float]
    shares: list[float]
    random: Random

    def value(self, column: Column) -> Any:
        """Return a value that fits the column."""
        choose = self.random.choice
        if column.kind == "flag":
            return choose([True, False])
        if column.kind == "integer":
            return choose([0, 1, 2, 17, 10**6])
        if column.kind == "number":
            return choose(self.shares if column.unit == "share" else self.numbers)
        if column.kind == "date":
            days = ["1900-01-01", "2024-02-29", "2026-11-22", "2199-12-31"]
            return choose(days if column.required else ["", *days])
        if column.kind == "category":
            return choose(column.categories)
        if column.kind == "list" and column.categories:
            return ";".join(self.random.sample(column.categories, self.random.randint(0, 2)))
        text = choose(self.texts)
        if column.kind == "list" or column.name in {"field", "agency"}:
            entries = [" ".join(text.replace(";", ",").split()) for _ in range(2)]
            return ";".join(filter(None, [*entries, choose(["", "land_certificate"])]))
        if column.name not in FREE:
            text = text.strip()
        return text or ("x" if column.required else "")


def _numbers(top: float) -> st.SearchStrategy[list[float]]:
    exact = st.floats(0, top)
    numbers = st.one_of(exact, exact.map(lambda n: round(n, 3)), st.integers(0, int(top)))
    return st.lists(numbers.map(float), min_size=2, max_size=5).map(
        lambda found: [*found, float("nan"), 0.125, 1 / 3]
    )


@st.composite
def portfolios(draw: st.DrawFn, most: int = 3) -> Portfolio:
    """Draw a portfolio that breaks no rule of the schema."""
    random = Random(draw(st.integers(0, 2**32)))
    texts = draw(st.lists(nasty_texts(6), min_size=3, max_size=8))
    pool = Pool(["", *texts], draw(_numbers(1e12)), draw(_numbers(1.0)), random)
    frames: dict[str, pd.DataFrame] = {}
    ids: dict[str, list[str]] = {}
    owners: dict[str, dict[str, str]] = {}
    for name in TABLES:
        references = table(name).references
        possible = all(ids[c.target] for c in references if c.required)
        rows: list[dict[str, Any]] = []
        for at in range(random.randint(0, most) if possible else 0):
            row = {
                c.name: pool.value(c) for c in table(name).columns if c.kind not in {"id", "ref"}
            }
            if name == "procedures":
                row["code"] = random.choice(["", "1.004222", f"2.{random.randrange(10**6):06d}"])
                row["id"] = f"{row['code'] or 'chua-co-ma'}#{at + 2}"
            for column in references:
                row[column.name] = random.choice(_targets(column, row, ids, owners))
            row.setdefault("id", f"{row.get('procedure', 'x')}/{SUFFIX.get(name)}{at + 1}")
            rows.append(row)
        ids[name] = [row["id"] for row in rows]
        owners[name] = {row["id"]: row.get("procedure", "") for row in rows}
        frames[name] = pd.DataFrame(rows, columns=list(table(name)))
    return Portfolio.from_tables(frames, source="strategy")


def _targets(
    column: Column,
    row: Mapping[str, Any],
    ids: Mapping[str, list[str]],
    owners: Mapping[str, Mapping[str, str]],
) -> list[str]:
    targets = ids[column.target]
    if column.required:
        return targets
    return ["", *(i for i in targets if owners[column.target][i] == row.get("procedure"))]


def save_book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """Save a workbook with these sheets; texts stay texts, numbers become number cells."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value is None:
                    continue
                cell = sheet.cell(at, column, value)
                if isinstance(value, str):
                    cell.data_type = "s"
    book.save(path)
    return path
