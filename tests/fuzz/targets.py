"""What is fuzzed, and what every reader and parser owes to any input.

Either a value that the model takes (`procsim.check` runs on every portfolio), or a
`ProcsimError` whose faults have a place, a message in both languages and a cure; and no
row may fall away without a fault. Anything else is a `Finding`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
import yaml

from procsim.decisions.scope import read_tag_lists
from procsim.errors import NOTHING, Fault, ProcsimError
from procsim.language import vietnamese as vi
from procsim.marking.issuers import DECISION_COLUMNS, read_issuer_decisions
from procsim.measures import measure
from procsim.model import TABLES, Portfolio, check
from procsim.readers import read, read_folder, read_portal, read_workbook, write_workbook
from procsim.readers.folder import write_folder
from procsim.readers.gates import examine as gates
from procsim.reference.readiness import READINESS_COLUMNS, load_readiness, readiness_table
from procsim.reference.schema import table
from procsim.reforms import DropRequirement, Plan, ShortenLimit
from procsim.sample import load_sample
from procsim.store import PutPlan, SetParameters, Store
from procsim.store.content import digest, pack, unpack
from tests.cli.records import RECORDS
from tests.fuzz import mutate
from tests.store.building import NINE, small

__all__ = ["TARGETS", "Finding", "Seeds", "once", "parse_all"]

SLOWEST_SECONDS = 10.0
MOST_BYTES = 2**30
_LINE = re.compile(r"records\.jsonl › dòng (\d+)")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DATA = Path(__file__).resolve().parents[1] / "language" / "data" / "limits_and_fees.csv"


class Finding(AssertionError):
    """An input that a reader did not take as it should."""


def told(faults: Iterable[Fault], needs_cure: bool = True) -> None:
    """Raise unless each fault says where, what and how to cure it, in both languages."""
    for fault in faults:
        speaks = fault.message.vi and fault.message.en
        if not (fault.place and speaks and (fault.cure != NOTHING or not needs_cure)):
            raise Finding(f"the fault {fault.code} does not say enough: {fault}")


@dataclass
class Seeds:
    """Sound inputs, made once in a folder."""

    folder: Path
    phrases: tuple[str, ...] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with DATA.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        self.phrases = tuple({row[key] for row in rows for key in ("value", "note") if row[key]})
        portfolio = _few(load_sample(), 4)
        self._keep("workbook", "seed.xlsx", lambda path: write_workbook(portfolio, path))
        plan = Plan(
            (
                DropRequirement("1.000001/c1/r1", reason="Trùng", owner="Bộ A"),
                ShortenLimit("1.000001", days=5, legal_text="1/2020/TT-BA", article="Điều 3"),
            ),
            name="Đợt 1",
        )
        self._keep("plan", "plan.xlsx", plan.write)
        self._keep("yaml", "plan.yaml", plan.write)
        write_folder(portfolio, self.folder / "csv")
        for path in sorted((self.folder / "csv").glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as stream:
                self.tables[path.stem] = list(csv.reader(stream))
        lines = [json.dumps(record, ensure_ascii=False) for record in RECORDS]
        self.files["lines"] = "\n".join(lines).encode()
        shown = readiness_table().head(12).reset_index()
        kept = shown[list(READINESS_COLUMNS)].astype(object)
        rows = [
            ["" if cell != cell else str(cell) for cell in row]
            for row in kept.to_numpy(dtype=object)
        ]
        self.tables["readiness"] = [list(READINESS_COLUMNS), *rows]
        self.tables["issuers"] = [
            list(DECISION_COLUMNS),
            ["giay_khai_sinh", "", "", "1.000001", "Lan", "2026-03-01", "Nơi cấp"],
        ]
        self.tables["tags"] = [["code", "tag"], ["1.000001", "cut_time"], ["1.000002", "x"]]
        with Store(self.folder / "seed.db") as store:
            project = store.create("Rà soát", small(), who="Lan", at=NINE)
            project = project.act(PutPlan("Đợt 1", plan), who="Lan", at=NINE)
            project = project.act(SetParameters({"hours_form": 0.25}), who="Lan", at=NINE)
            project.tag_version("Lần 1", who="Lan", at=NINE)
            self._keep("project", "seed.procsim", lambda path: store.export(project.id, path))

    def _keep(self, key: str, name: str, write: Callable[[Path], object]) -> None:
        write(self.folder / name)
        self.files[key] = (self.folder / name).read_bytes()

    def put(self, name: str, content: bytes) -> Path:
        """Write one input under its name and return where."""
        path = self.folder / name
        path.write_bytes(content)
        return path


def _few(portfolio: Portfolio, size: int) -> Portfolio:
    """Return the first procedures with the rows that are theirs."""
    kept = {"procedures": set(portfolio.procedures.index[:size])}
    tables = {}
    for name in TABLES:
        frame = getattr(portfolio, name)
        if name == "procedures":
            own = frame.index.isin(kept[name])
        else:
            first = next(column for column in table(name).columns if column.kind == "ref")
            own = frame[first.name].isin(kept[first.target])
        kept[name] = set(frame.index[own])
        tables[name] = frame[own].reset_index()
    return Portfolio.from_tables(tables, strict=False)


def sound(portfolio: Portfolio) -> None:
    """Raise unless the model takes a portfolio that a reader gave."""
    told(portfolio.faults, needs_cure=False)
    told(check(portfolio), needs_cure=False)
    measured = measure(portfolio)
    if len(measured) != len(portfolio):
        raise Finding(f"{len(measured)} procedures of {len(portfolio)} were measured")


def none_lost(portfolio: Portfolio, seen: Mapping[str, int], place: Callable[[str], str]) -> None:
    """Raise where a table has fewer rows than were written, and no fault of its file says so."""
    for name, rows in seen.items():
        lost = rows - len(getattr(portfolio, name))
        about = [f for f in portfolio.faults if place(name) in f.place and f.severity != "note"]
        if lost > 0 and not about:
            raise Finding(f"{lost} of {rows} rows of {name} fell away without a word")


# -- one input for each target; each is given what to draw from, and where to write


def any_file(seeds: Seeds, random: Random) -> None:
    """Send damaged bytes of any kind through the gates, and read what passes."""
    key = random.choice(list(seeds.files))
    content = mutate.raw(seeds.files[key], random, seeds.files[random.choice(list(seeds.files))])
    ending = random.choice((".xlsx", ".json", ".jsonl", ".csv", ".gz", ".yaml", ""))
    path = seeds.put(f"any{ending}", content)
    gates.inspect(path)
    sound(read(path))


def workbook_parts(seeds: Seeds, random: Random) -> None:
    """Read a workbook whose parts are damaged, though their sums are right."""
    path = seeds.put("book.xlsx", mutate.repacked(seeds.files["workbook"], random))
    sound(read_workbook(path))


def workbook_cells(seeds: Seeds, random: Random) -> None:
    """Read a workbook with odd cells; no row may fall away in silence."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(seeds.files["workbook"]))
    sheet = random.choice(book.worksheets)
    for _ in range(random.randint(1, 8)):
        at = random.randint(1, sheet.max_row + 2), random.randint(1, sheet.max_column + 1)
        odd = random.choice((mutate.text(random, seeds.phrases), *mutate.ODD[:9], None))
        sheet.cell(*at).value = _NOT_XML.sub("", odd) if isinstance(odd, str) else odd
    path = seeds.folder / "cells.xlsx"
    book.save(path)
    sound(read_workbook(path))


def portal_lines(seeds: Seeds, random: Random) -> None:
    """Read portal records with odd values; each line is a procedure or has its fault."""
    lines = []
    for _ in range(random.randint(1, 4)):
        record = json.loads(json.dumps(random.choice(RECORDS)))
        for _ in range(random.randint(0, 3)):
            record = mutate.tree(record, random)
        line = json.dumps(record, ensure_ascii=random.random() < 0.5).encode("utf-8", "replace")
        lines.append(
            mutate.raw(line, random).replace(b"\n", b"") if random.random() < 0.3 else line
        )
    content = b"\n".join(lines)
    path = seeds.put("records.jsonl", content)
    made = read_portal(path)
    sound(made)
    refused = {found[1] for f in made.faults if (found := _LINE.match(f.place))}
    filled = {str(n) for n, line in enumerate(lines, 1) if line.strip()}
    if len(made.procedures) + len(filled & refused) < len(filled):
        raise Finding(f"{len(filled)} lines gave {len(made.procedures)} procedures")


def csv_folder(seeds: Seeds, random: Random) -> None:
    """Read a folder of CSV with one or two odd tables; no row may fall away in silence."""
    folder = seeds.folder / "odd"
    folder.mkdir(exist_ok=True)
    changed = {n: mutate.cells(seeds.tables[n], random) for n in random.sample(list(TABLES), 2)}
    for name in TABLES:
        table = changed.get(name, seeds.tables[name])
        content = mutate.as_csv(table, random)
        if name in changed and random.random() < 0.2:
            content = mutate.raw(content, random)
        (folder / f"{name}.csv").write_bytes(content)
    made = read_folder(folder)
    sound(made)
    whole = {n: t for n, t in seeds.tables.items() if n in TABLES and n not in changed}
    none_lost(made, {n: len(t) - 1 for n, t in whole.items()}, lambda name: name)


def plan_yaml(seeds: Seeds, random: Random) -> None:
    """Read a plan whose YAML is damaged or holds other values."""
    if random.random() < 0.4:
        content = mutate.raw(seeds.files["yaml"], random)
    else:
        value = yaml.safe_load(seeds.files["yaml"])
        for _ in range(random.randint(1, 3)):
            value = mutate.tree(value, random)
        content = yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace")
    path = seeds.put("plan.yaml", content)
    plan = Plan.read(path)
    plan.write(seeds.folder / "again.yaml")
    if Plan.read(seeds.folder / "again.yaml") != plan:
        raise Finding("a plan that was read is another one once written and read again")


def plan_workbook(seeds: Seeds, random: Random) -> None:
    """Read a plan whose workbook is damaged."""
    path = seeds.put("plan.xlsx", mutate.repacked(seeds.files["plan"], random))
    Plan.read(path)


def readiness_list(seeds: Seeds, random: Random) -> None:
    """Read figures of readiness with odd cells."""
    load_readiness(seeds.put("ready.csv", _list(seeds, "readiness", random)))


def tag_list(seeds: Seeds, random: Random) -> None:
    """Read tags of programmes with odd cells."""
    read_tag_lists(seeds.put("tags.csv", _list(seeds, "tags", random)))


def issuer_list(seeds: Seeds, random: Random) -> None:
    """Read who issues which paper, with odd cells."""
    read_issuer_decisions(seeds.put("issuers.csv", _list(seeds, "issuers", random)))


def _list(seeds: Seeds, name: str, random: Random) -> bytes:
    content = mutate.as_csv(mutate.cells(seeds.tables[name], random), random)
    return mutate.raw(content, random) if random.random() < 0.4 else content


def project_file(seeds: Seeds, random: Random) -> None:
    """Import an exported project that was changed by hand, its seals made anew."""
    content = seeds.files["project"]
    content = mutate.raw(content, random) if random.random() < 0.3 else _resealed(content, random)
    path = seeds.put("in.procsim", content)
    with Store(seeds.folder / "in.db") as store:
        before = len(store.projects())
        try:
            store.import_file(path)
        except ProcsimError:
            if len(store.projects()) != before:
                raise Finding("a refused project was taken in all the same") from None
            raise


def _resealed(archive: bytes, random: Random) -> bytes:
    content = mutate.parts(archive)
    names = {name.split("/")[-1]: name for name in content}
    manifest: Any = json.loads(content["manifest.json"])
    if random.random() < 0.5:
        piece = random.choice([row["state"] for row in manifest["versions"]])
        value = mutate.tree(json.loads(unpack(piece, content[names[piece]])), random)
        canonical = json.dumps(value).encode()
        new = digest(canonical)
        content[names[piece].replace(piece, new)] = pack(canonical)
        del content[names[piece]]
        manifest = json.loads(json.dumps(manifest).replace(piece, new))
    else:
        manifest = mutate.tree(manifest, random)
    sealed = json.dumps(manifest).encode()
    content["manifest.json"] = sealed
    content["manifest.sha256"] = hashlib.sha256(sealed).hexdigest().encode()
    return mutate.packed(content, stored=True)


def parsers(seeds: Seeds, random: Random) -> None:
    """Give one text to every parser of the language."""
    parse_all(mutate.text(random, seeds.phrases), mutate.text(random, seeds.phrases))


def parse_all(text: str, note: str) -> None:
    """Raise a `Finding` where a parser does not give a value or a reason."""
    readings = [
        *(vi.read_number(text, kind) for kind in ("money", "hours", "count", "share", "days")),
        *(vi.read_duration(text, unit, note) for unit in (None, "DAY", "WORKING_DAY", note)),
        *(vi.read_money(text, currency, note) for currency in (None, "Việt Nam Đồng", note)),
        *vi.durations_in(text),
        *vi.amounts_in(text),
    ]
    for reading in readings:
        if reading.value is None:
            if reading.reason is None or not (reading.reason.vi and reading.reason.en):
                raise Finding(f"neither a value nor a reason: {reading}")
        elif not math.isfinite(reading.value):
            raise Finding(f"no finite value: {reading}")
    day = vi.read_date(text)
    if day.value is None and day.reason is None:
        raise Finding(f"neither a day nor a reason: {day}")
    code = vi.canonical_code(text)
    if vi.canonical_code(code) != code:
        raise Finding(f"the code {code!r} is repaired twice")
    plain = vi.fold(text)
    if vi.fold(plain) != plain or vi.nfc(vi.nfc(text)) != vi.nfc(text):
        raise Finding(f"{text!r} is folded twice")
    encoding = vi.looks_like_legacy_encoding(text)
    if encoding:
        vi.from_legacy(text, encoding)


TARGETS: dict[str, Callable[[Seeds, Random], None]] = {
    one.__name__: one
    for one in (
        *(parsers, any_file, workbook_parts, workbook_cells, portal_lines, csv_folder),
        *(plan_yaml, plan_workbook, readiness_list, tag_list, issuer_list, project_file),
    )
}


def once(name: str, seeds: Seeds, seed: int) -> str:
    """Run one target on one input; return ``"taken"`` or ``"refused"``.

    Raises
    ------
    Finding
        When the input was neither taken nor refused as it should.
    """
    random = Random(f"{name} {seed}")
    begun = sum(os.times()[:4])
    try:
        TARGETS[name](seeds, random)
        outcome = "taken"
    except Finding as error:
        raise Finding(f"{name}, seed {seed}: {error}") from error
    except ProcsimError as error:
        try:
            told(error.faults)
        except Finding as finding:
            raise Finding(f"{name}, seed {seed}: {finding}") from finding
        if not error.faults:
            raise Finding(f"{name}, seed {seed}: refused without a fault") from error
        outcome = "refused"
    except Exception as error:
        raise Finding(f"{name}, seed {seed}: {type(error).__name__}: {error}") from error
    # Of the processor, children included: another program on the machine slows nobody down.
    seconds = sum(os.times()[:4]) - begun
    used = psutil.Process().memory_info().rss
    if seconds > SLOWEST_SECONDS or used > MOST_BYTES:
        raise Finding(f"{name}, seed {seed}: {seconds:.1f} s, {used / 2**20:.0f} MB in use")
    return outcome
