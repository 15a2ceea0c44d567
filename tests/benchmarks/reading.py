"""Reading the records of the portal beside a plain loop of json and pandas."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

import procsim as ps
from tests.benchmarks.real import QUICK, records_path
from tests.benchmarks.table import Row
from tests.benchmarks.timing import in_turns

__all__ = ["read_plain", "rows"]


def read_plain(path: Path) -> dict[str, pd.DataFrame]:
    """Return the records as tables, as they come: nothing is read out of texts or checked."""
    found: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("procedures", "steps", "channels", "fees", "requirements", "legal")
    }
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            key = {"procedure": record["code"]}
            plain = {k: v for k, v in record.items() if not isinstance(v, (dict, list))}
            found["procedures"].append(plain)
            found["steps"] += [{**key, **step} for step in record["executionSteps"] or ()]
            found["legal"] += [{**key, **text} for text in record["legalBasisesDetails"] or ()]
            for way in record["executionMethods"] or ():
                fees = way.get("fees") or ()
                found["channels"].append({**key, **way, "fees": len(fees)})
                found["fees"] += [{**key, **fee} for fee in fees]
            for case in record["executionCases"] or ():
                found["requirements"] += [
                    {**key, "case": case["name"], **row} for row in case["profileComponents"] or ()
                ]
    return {name: pd.DataFrame(table) for name, table in found.items()}


def rows(*, quick: bool) -> list[Row]:
    """Measure for the table of all benchmarks."""
    path = records_path()
    with TemporaryDirectory(prefix="procsim-") as folder:
        if quick:
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                part = "".join(islice(lines, QUICK))
            path = Path(folder) / "part.jsonl.gz"
            path.write_bytes(gzip.compress(part.encode()))
        count = len(ps.read(path))
        ours, plain = in_turns(
            (lambda: ps.read(path), 1), (lambda: read_plain(path), 1), rounds=1 if quick else 5
        )
    beside = "json + pandas, nothing parsed or checked"
    return [Row(f"read {count:,} records of the portal", ours, plain, beside, most=5)]
