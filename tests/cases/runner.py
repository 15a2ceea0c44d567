"""Cases that a lawyer can read: what is given, what is reformed, what must come out.

A file holds ``cases``, each with ``name``, optionally ``law``, and the sections

``given``
    Tables by name, each a list of rows; ids are written out. A table row needs
    no ``procedure`` where the case has one procedure only, and a requirement no
    ``case`` where there is one case only.
``parameters``
    Values for `procsim.reference.parameters`; those of the file hold for all
    its cases, those of a case go before them.
``reforms``
    A list that a later room knows how to apply; see `Case.run`.
``expect``
    By procedure id, or ``before`` and ``after`` and then by procedure id: column
    and value of `procsim.measure`. ``null`` is a missing number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from procsim.measures import measure
from procsim.model.portfolio import Portfolio
from procsim.reference import parameters

__all__ = ["CASES", "Case", "agree", "differences", "load"]

CASES = Path(__file__).parent
_OWNED = ("cases", "channels", "fees", "requirements", "steps", "flow", "conditions")
Apply = Callable[[list[dict[str, Any]], Portfolio], Portfolio]


@dataclass(frozen=True)
class Case:
    """One case of a file, with its arithmetic in the file's comments."""

    file: str
    name: str
    given: Mapping[str, list[dict[str, Any]]]
    expect: Mapping[str, Any]
    parameters: Mapping[str, float] = field(default_factory=dict)
    reforms: tuple[dict[str, Any], ...] = ()

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"

    def portfolio(self) -> Portfolio:
        """Return what is given, as a portfolio."""
        tables = {name: [dict(row) for row in rows] for name, rows in self.given.items()}
        procedures = [str(row["id"]) for row in tables["procedures"]]
        for row in tables["procedures"]:
            row.setdefault("name", f"Thủ tục {row['id']}")
            row.setdefault("ministry", "Bộ A")
        if len(procedures) == 1:
            if "requirements" in tables:
                tables.setdefault("cases", [{"id": "c"}])
            for name in _OWNED:
                for row in tables.get(name, []):
                    row.setdefault("procedure", procedures[0])
        if len(tables.get("cases", [])) == 1:
            for row in tables.get("requirements", []):
                row.setdefault("case", tables["cases"][0]["id"])
        for row in tables.get("requirements", []):
            row.setdefault("name", f"Giấy tờ {row['id']}")
        return Portfolio.from_tables(
            {name: pd.DataFrame(rows).astype(object) for name, rows in tables.items()}
        )

    def run(self, apply: Apply | None = None) -> dict[str, pd.DataFrame]:
        """Return the measures before, and after the reforms if there are any."""
        p = parameters(**self.parameters)
        portfolio = self.portfolio()
        found = {"before": measure(portfolio, p)}
        if self.reforms:
            if apply is None:
                raise ValueError(f"{self}: the case has reforms, and nothing that applies them")
            found["after"] = measure(apply(list(self.reforms), portfolio), p)
        return found

    def wanted(self) -> dict[str, Mapping[str, Mapping[str, Any]]]:
        """Return what is expected, by ``before`` and ``after``."""
        if set(self.expect) <= {"before", "after"}:
            return dict(self.expect)
        return {"after" if self.reforms else "before": self.expect}


def load(folder: str) -> list[Case]:
    """Return every case of the files in a folder beside this module."""
    found = []
    for path in sorted((CASES / folder).glob("*.yaml")):
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
        common = text.get("parameters", {})
        found += [
            Case(
                file=path.name,
                name=one["name"],
                given=one["given"],
                expect=one["expect"],
                parameters={**common, **one.get("parameters", {})},
                reforms=tuple(one.get("reforms", ())),
            )
            for one in text["cases"]
        ]
    return found


def agree(found: object, wanted: object) -> bool:
    """Return whether a figure is the one expected; ``None`` is a missing number."""
    if wanted is None:
        return isinstance(found, float) and math.isnan(found)
    if isinstance(wanted, (int, float)):
        return math.isclose(float(str(found)), wanted, rel_tol=1e-9, abs_tol=1e-9)
    return found == wanted


def differences(case: Case, measured: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return a line for every figure that is not the one expected."""
    return [
        f"{case} · {when} · {procedure} · {column}: {found[column][procedure]}, not {value}"
        for when, procedures in case.wanted().items()
        for found in [measured[when]]
        for procedure, columns in procedures.items()
        for column, value in columns.items()
        if not agree(found[column][procedure], value)
    ]
