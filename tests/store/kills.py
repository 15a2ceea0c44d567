"""Kill saving processes at random moments and look at what is left.

Run as ``python -m tests.store.kills 300 [SEED]`` for the figure of the report.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from procsim.store import Store
from tests.store.building import NINE, small

__all__ = ["Outcome", "kill_while_saving"]

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Outcome:
    """What was seen over all kills."""

    kills: int = 0
    acknowledged: int = 0
    in_flight_saved: int = 0
    lost: int = 0
    corrupt: int = 0


def started(place: str, project: str, who: str, actions: int | None = None) -> subprocess.Popen:
    """Start a saving process; its acknowledgements come on its standard output."""
    arguments = [place, project, who, *([str(actions)] if actions else [])]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.saver", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def kill_while_saving(place: str, kills: int, seed: int) -> Outcome:
    """Let a process save, kill it at a random moment, check everything, and again.

    The moments are spread evenly over the first tenths of a second of saving, in
    which several actions of different size are written.
    """
    rng = np.random.default_rng(seed)
    seen = Outcome()
    with Store(place) as store:
        project = store.create("Thử", small(), who="Lan", at=NINE).id
    for _ in range(kills):
        process = started(place, project, "Lan")
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(rng.uniform(0.0, 0.3))
        process.kill()
        rest = process.stdout.read()
        process.wait()
        process.stdout.close()
        # A line cut by the kill was not acknowledged to the end.
        lines = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
        seen.kills += 1
        seen.acknowledged += len(lines)
        _look(place, project, lines, seen)
    return seen


def _look(place: str, project: str, lines: list[str], seen: Outcome) -> None:
    acknowledged = [tuple(int(part) for part in line.split()) for line in lines]
    with Store(place) as store:
        seen.corrupt += bool(store.check())
        head = store.open(project)
        last = acknowledged[-1][0]
        # One action may be on disk whose acknowledgement was cut off; never more.
        seen.in_flight_saved += head.version == last + 1
        seen.lost += not last <= head.version <= last + 1
        written = {row.version: row.after for row in head.log().itertuples()}
        seen.lost += sum(version not in written for version, _ in acknowledged)
        for version, number in acknowledged[-3:]:
            state = head.at_version(version)
            if number % 4 == 3:
                seen.lost += state.plans["Đợt 1"].reforms[0].reason != f"Lan {number}"
            else:
                name = state.portfolio.procedures.at["1.000001", "name"]
                seen.lost += name != f"Lan {number}"


def main(kills: int, seed: int) -> None:
    """Kill so many processes, 25 on each store, and write what was seen."""
    begun = time.perf_counter()
    total = Outcome()
    for batch in range(0, kills, 25):
        with tempfile.TemporaryDirectory() as folder:
            place = str(Path(folder) / "procsim.db")
            seen = kill_while_saving(place, min(25, kills - batch), seed + batch)
        total = Outcome(*(a + b for a, b in zip(astuple(total), astuple(seen), strict=True)))
    sys.stdout.write(f"{total} in {time.perf_counter() - begun:.0f} s\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
