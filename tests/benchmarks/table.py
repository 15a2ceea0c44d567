"""The table of all benchmarks: rows, whether their bounds held, and the machine."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.timing import Figure

__all__ = ["COLUMNS", "Row", "Skipped", "load", "machine", "markdown"]

COLUMNS = (
    "benchmark", "work", "first run", "median (n)", "processor", "plain alternative",
    "its median", "ratio", "bound", "held",
)  # fmt: skip
_PACKAGES = ("pandas", "numpy", "scipy", "networkx", "openpyxl", "streamlit", "highspy")


class Skipped(Exception):
    """This machine lacks what a benchmark needs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    work
        What was done.
    ours, plain
        What it took, and what the plain alternative took.
    against
        The plain alternative in words.
    most
        Bound on the median of `ours`, in its unit.
    faster
        Bound: so many times faster than the plain alternative.
    slower
        Bound: at most so many times slower than it.
    note
        Said in place of the figures, such as why they were skipped.
    """

    work: str
    ours: Figure | None = None
    plain: Figure | None = None
    against: str = ""
    most: float | None = None
    faster: float | None = None
    slower: float | None = None
    note: str = ""

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Row:
        """Return a row from what `dataclasses.asdict` made of it."""
        figures = {
            name: None if plain[name] is None else Figure(**plain[name])
            for name in ("ours", "plain")
        }
        return cls(**{**plain, **figures})

    def written(self) -> dict[str, Any]:
        """Return the row as plain values, for JSON."""
        return asdict(self)

    def bound(self) -> str:
        """Return the bounds in words."""
        return "; ".join(words for words, _ in self._bounds())

    def held(self) -> str:
        """Tell of each bound whether it held by the clock, or else in processor time."""
        if self.ours is None:
            return ""
        plain = self.plain or Figure((float("nan"),))
        clock = (self.ours.median, plain.median)
        processor = (self.ours.median_processor, plain.median_processor)
        return "; ".join(
            "yes"
            if holds(*clock)
            else "**no** (yes in processor time)"
            if holds(*processor)
            else "**no**"
            for _, holds in self._bounds()
        )

    def _bounds(self) -> list[tuple[str, Callable[[float, float], bool]]]:
        """Return each bound in words, and whether figures (ours, plain) hold it."""
        most, faster, slower = self.most, self.faster, self.slower
        unit = self.ours.unit if self.ours else "s"
        found: list[tuple[str, Callable[[float, float], bool]]] = []
        if most is not None:
            found.append((f"≤ {_amount(most, unit, exact=True)}", lambda ours, _: ours <= most))
        if faster is not None:
            found.append((f"≥ {faster:g} × faster", lambda ours, plain: plain >= faster * ours))
        if slower is not None:
            words = f"≤ {slower:g} × the plain one"
            found.append((words, lambda ours, plain: ours <= slower * plain))
        return found

    def cells(self, *, judge: bool = True) -> list[str]:
        """Return the cells after the first column."""
        if self.ours is None:
            return [self.work, *[""] * (len(COLUMNS) - 3), self.note]
        ours, plain = self.ours, self.plain
        return [
            self.work,
            "" if ours.first is None else _amount(ours.first),
            f"{_amount(ours.median, ours.unit)} ({len(ours.values)})",
            _amount(ours.median_processor) if ours.processor else "",
            self.against,
            f"{_amount(plain.median, plain.unit)} ({len(plain.values)})" if plain else "",
            _ratio(plain.median / ours.median) if plain and ours.unit == "s" else "",
            self.bound(),
            (self.held() if judge else "not judged") if self.bound() else self.note,
        ]


def _amount(value: float, unit: str = "s", *, exact: bool = False) -> str:
    if unit == "s" and value < 1:
        value, unit = 1000 * value, "ms"
    if exact or value == 0:
        return f"{value:,g} {unit}"
    # Three digits that count; never a power of ten, which nobody reads at a glance.
    digits = min(3, max(0, 2 - math.floor(math.log10(abs(value)))))
    return f"{value:,.{digits}f} {unit}"


def _ratio(value: float) -> str:
    return f"{value:,.0f} ×" if value >= 10 else f"{value:.2g} ×"


def _processor_name() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def load() -> str:
    """Return how busy the machine has been for 1, 5 and 15 minutes."""
    return " ".join(f"{value:.1f}" for value in psutil.getloadavg())


def machine() -> list[str]:
    """Return what the figures depend on: the machine and the versions."""
    known = []
    for name in _PACKAGES:
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            known.append(f"{name} absent")
    memory = psutil.virtual_memory().total / 2**30
    return [
        f"{os.cpu_count()} cores ({_processor_name()}), {memory:.0f} GiB, {platform.system()}",
        f"Python {platform.python_version()}, {', '.join(known)}",
    ]


def markdown(rows: Iterable[tuple[str, Row]], *, judge: bool = True) -> list[str]:
    """Return the table, a line each; names stand at the first row of their benchmark."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    last = None
    for name, row in rows:
        cells = ["" if name == last else name, *row.cells(judge=judge)]
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
        last = name
    return lines
