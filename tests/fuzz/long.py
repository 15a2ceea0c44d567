"""Fuzz for as long as you like: ``python -m tests.fuzz.long --seconds 600``.

Prints for each target how many inputs it took and refused, and every finding with the
seed that gives it back (``--only TARGET --seed SEED --seconds 0`` runs that one alone).
"""

from __future__ import annotations

import argparse
import faulthandler
import re
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

from tests.fuzz.targets import TARGETS, Finding, Seeds, once

HANGS_AFTER = 300.0
SHOWN = 3


def main() -> int:
    """Take the targets in turn, each for a slice of the time; return 1 if one was found wanting."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=600.0)
    options.add_argument("--seed", type=int, default=0, help="of the first input")
    options.add_argument("--only", choices=sorted(TARGETS), action="append")
    asked = options.parse_args()
    warnings.simplefilter("error")
    names = asked.only or list(TARGETS)
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        seeds = Seeds(Path(folder))
        end = time.monotonic() + asked.seconds
        seed = dict.fromkeys(names, asked.seed)
        while True:
            for name in names:
                stop = time.monotonic() + 1.0
                while True:
                    faulthandler.dump_traceback_later(HANGS_AFTER, exit=True)
                    try:
                        counts[name][once(name, seeds, seed[name])] += 1
                    except Finding as error:
                        counts[name]["FOUND"] += 1
                        _tell(error, found)
                    faulthandler.cancel_dump_traceback_later()
                    seed[name] += 1
                    if time.monotonic() > min(stop, end):
                        break
            if time.monotonic() > end:
                break
    for name, made in counts.items():
        print(f"{name:16} {sum(made.values()):8,} inputs  {dict(sorted(made.items()))}")
    print(f"{sum(sum(made.values()) for made in counts.values()):,} inputs in all")
    print(f"{len(found)} kinds of finding")
    return bool(found)


def _tell(error: Finding, found: dict[str, str]) -> None:
    """Print a finding once for each place in the code that it comes from."""
    cause = error.__cause__ or error
    last = traceback.extract_tb(cause.__traceback__)
    ours = [f"{Path(f.filename).name}:{f.lineno}" for f in last if "procsim" in f.filename]
    if isinstance(cause, Finding):
        key = re.sub(r"^.*seed \d+: ", "", str(error)).split(":")[0][:80]
    else:
        key = f"{type(cause).__name__} at {' < '.join(reversed(ours[-SHOWN:]))}"
    if key not in found:
        found[key] = str(error)
        print(f"FOUND {key}\n      {str(error)[:400]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
