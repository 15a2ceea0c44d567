"""What the command line prints: strict JSON, lines for people, progress, exit codes."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procsim.errors import Fault
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import TEXTS, t

if TYPE_CHECKING:
    import pandas as pd


_SHARES = {"rate", "rate_weighted", "rate_low", "rate_high", "reached_share", "assumed_share"}
DONE, BLOCKED, UNREADABLE = 0, 1, 2
STOPPED, CLOSED = 130, 141


def plain(value: Any) -> Any:
    """Return `value` as strict JSON can hold it: no NaN, no NumPy scalars."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (dt.date, Path)):
        return str(value)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        return None if math.isnan(value) or math.isinf(value) else value
    return value


def emit(value: Any, *, indent: int | None = 2) -> None:
    """Print a value as JSON."""
    print(json.dumps(plain(value), ensure_ascii=False, indent=indent, allow_nan=False))


def progress(key: str, language: str) -> Callable[[int], None] | None:
    """Return a counter on standard error, where somebody watches it."""
    if not sys.stderr.isatty():
        return None

    def show(count: int) -> None:
        if count % 100 == 0:
            print(f"\r{t(key, language, count=count)}", end="", file=sys.stderr, flush=True)

    return show


@contextlib.contextmanager
def stage(key: str, language: str) -> Iterator[None]:
    """Say on standard error what is being done, where somebody watches."""
    watched = sys.stderr.isatty()
    if watched:
        print(f"\r\033[K{t(key, language)}", end="", file=sys.stderr, flush=True)
    yield
    if watched:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def exit_code(faults: Sequence[Fault]) -> int:
    """Return 1 when a fault blocks a figure, else 0."""
    return BLOCKED if any(fault.severity == "error" for fault in faults) else DONE


def fault_lines(faults: Sequence[Fault], language: str) -> Iterator[str]:
    """Yield the faults for people, the gravest first."""
    for severity in ("error", "warning", "note"):
        chosen = [fault for fault in faults if fault.severity == severity]
        if chosen:
            yield f"{t('severity.' + severity, language)}: {len(chosen)}"
            yield from (f"  {fault.in_language(language)}" for fault in chosen)


def table_text(table: pd.DataFrame, language: str) -> str:
    """Return a table for people: headings and names in words, numbers as the language writes them.

    Columns that hold nothing are left out. Rates and targets that are shares are
    shown in per cent.
    """
    shown = table.loc[:, [not _empty(table[name]) for name in table]]
    lines = [[_word(f"column.{name}", name, language) for name in shown]]
    for row in shown.itertuples(index=False):
        pairs = zip(shown.columns, row, strict=True)
        lines.append([_cell(str(name), value, language) for name, value in pairs])
    widths = [max(len(line[i]) for line in lines) for i in range(len(shown.columns))]
    left = [shown[name].map(lambda value: isinstance(value, str)).any() for name in shown]
    made = []
    for line in lines:
        parts = zip(line, widths, left, strict=True)
        made.append("  ".join(c.ljust(w) if text else c.rjust(w) for c, w, text in parts).rstrip())
    return "\n".join(made)


def _empty(column: pd.Series) -> bool:
    return bool(column.map(lambda value: value is None or value == "" or value != value).all())


def _word(key: str, name: str, language: str) -> str:
    return t(key, language) if key in TEXTS else str(name)


def _cell(name: str, value: object, language: str) -> str:
    if value is None or value != value:
        return "–"
    if name in ("metric", "verdict", "why"):
        return _word(f"{name}.{value}", str(value), language)
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}" if language == "vi" else value.isoformat()
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    write = format_number if language == "vi" else format_number_en
    if name in _SHARES:
        return f"{write(100 * float(value), 2)} %"
    return write(float(value), 0 if float(value).is_integer() or abs(float(value)) >= 1e5 else 2)
