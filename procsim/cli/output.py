"""What the command line prints: strict JSON, lines for people, progress, exit codes."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from procsim.errors import Fault
from procsim.language.i18n import t

__all__ = [
    "BLOCKED",
    "CLOSED",
    "DONE",
    "STOPPED",
    "UNREADABLE",
    "emit",
    "exit_code",
    "fault_lines",
    "plain",
    "progress",
    "stage",
]

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
