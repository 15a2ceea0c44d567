"""How benchmarks take time: warmed up, in turns, in new interpreters where that matters."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import psutil

__all__ = ["ROOT", "Figure", "fresh", "in_turns", "peak_mb", "timed"]

ROOT = Path(__file__).resolve().parents[2]

Work = Callable[[], object]

_FRESH = """{setup}
from time import perf_counter, process_time
start, cpu = perf_counter(), process_time()
{work}
spent = perf_counter() - start, process_time() - cpu
print(*spent)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """What several runs gave.

    Parameters
    ----------
    values
        One value for each run, in `unit`.
    unit
        ``"s"`` (seconds by the clock), ``"MB"`` or ``"%"``.
    processor
        Seconds of processor of each run, children that ended included: what would have
        passed on a machine that does nothing else, where the work is done in one thread.
    first
        Seconds of the run that warmed up and is not among `values`.
    """

    values: tuple[float, ...]
    unit: str = "s"
    processor: tuple[float, ...] = ()
    first: float | None = None

    @property
    def median(self) -> float:
        """The value in the middle."""
        return statistics.median(self.values)

    @property
    def median_processor(self) -> float:
        """The same of the processor's seconds; of `values` where none were taken."""
        return statistics.median(self.processor or self.values)


def _processor() -> float:
    times = os.times()
    return process_time() + times.children_user + times.children_system


def _spend(work: Work) -> tuple[float, float]:
    start, cpu = perf_counter(), _processor()
    work()
    return perf_counter() - start, _processor() - cpu


def in_turns(*works: tuple[Work, int], rounds: int = 1, warm: bool = True) -> list[Figure]:
    """Time works in turns, so that a disturbance of the machine meets all of them.

    Parameters
    ----------
    works
        Each with the number of its runs in a round.
    rounds
        How often all of them take their turn.
    warm
        Whether each runs once before it is timed.
    """
    firsts = [_spend(work)[0] if warm else None for work, _ in works]
    spent: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(rounds):
        for (work, times), runs in zip(works, spent, strict=True):
            runs += [_spend(work) for _ in range(times)]
    return [
        Figure(tuple(wall for wall, _ in runs), "s", tuple(cpu for _, cpu in runs), first)
        for runs, first in zip(spent, firsts, strict=True)
    ]


def timed(work: Work, times: int = 1, *, warm: bool = True) -> Figure:
    """Time one work that has nothing beside it."""
    return in_turns((work, times), warm=warm)[0]


def fresh(*works: tuple[str, str], times: int) -> list[Figure]:
    """Time code in new interpreters, in turns: what is kept from run to run helps nobody.

    Parameters
    ----------
    works
        Each ``(setup, work)``, two pieces of code of which only the second is timed.
    times
        Interpreters for each; one more warms the disk up.
    """
    spent: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(times + 1):
        for (setup, work), runs in zip(works, spent, strict=True):
            answer = subprocess.run(
                [sys.executable, "-c", _FRESH.format(setup=setup, work=work)],
                cwd=ROOT,
                check=True,
                capture_output=True,
                text=True,
            )
            wall, cpu = answer.stdout.split()[-2:]
            runs.append((float(wall), float(cpu)))
    return [
        Figure(tuple(w for w, _ in runs[1:]), "s", tuple(c for _, c in runs[1:]), runs[0][0])
        for runs in spent
    ]


def peak_mb() -> float:
    """Return the most memory that this process has held so far, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
        found = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), None)
        if found is not None:
            return int(found) * 1024 / 1e6
    memory = psutil.Process().memory_info()
    return getattr(memory, "peak_wset", memory.rss) / 1e6
