"""Read records of the National Public Service Portal (Cổng Dịch vụ công quốc gia).

The shape is that of the portal's API: one JSON object for each procedure, in
a ``.json`` file (one object or a list), a ``.jsonl`` file, either of them
gzipped, or a folder of such files.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from procsim.errors import Fault, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.language.vietnamese import durations_in, fold, read_date, repair_code
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.folder import left_out
from procsim.readers.gates.child import fault_from_cells, run_in_child
from procsim.readers.gates.examine import Examination, Source, examine
from procsim.readers.gates.limits import DEFAULT, MEGABYTE, Limits, place_of
from procsim.readers.gates.strict_json import iter_json, iter_json_lines, too_many_records
from procsim.readers.portal_record import Record, Row, read_channels
from procsim.readers.words import audience_of
from procsim.reference import Parameters, parameters, working_days_per_unit

# Luật Ban hành văn bản quy phạm pháp luật fixes the sign of each kind of text.
_SIGNS: tuple[tuple[str, str], ...] = (
    (r"ubtvqh\d*$", "phap_lenh"),
    (r"qh\d*$", "luat"),
    (r"nd-?cp$", "nghi_dinh"),
    (r"nq-(?:cp|hdnd|qh\d*)$", "nghi_quyet"),
    (r"qd-ttg$", "quyet_dinh_ttg"),
    (r"(?:tt|ttlt)-?[a-z-]+$", "thong_tu"),
    (r"qd-[a-z-]+$", "quyet_dinh_bo_truong"),
)
_NAMES: tuple[tuple[str, str], ...] = (
    ("hien phap", "hien_phap"),
    ("bo luat", "luat"),
    ("luat", "luat"),
    ("phap lenh", "phap_lenh"),
    ("nghi dinh", "nghi_dinh"),
    ("nghi quyet", "nghi_quyet"),
    ("thong tu", "thong_tu"),
)


def rank_of(number: str, name: str = "") -> str:
    """Return the rank of a legal text.

    Parameters
    ----------
    number
        Such as ``"113/2017/NĐ-CP"``.
    name
        Used where the number says nothing.

    Returns
    -------
    str
        A category of ``legal_bases.rank``; ``"unknown"`` when neither tells.

    Examples
    --------
    >>> rank_of("113/2017/NĐ-CP")
    'nghi_dinh'
    >>> rank_of("19/2012/QH13")
    'luat'
    """
    sign = fold(number).replace(" ", "").rpartition("/")[2]
    for pattern, rank in _SIGNS:
        if re.search(pattern, sign):
            return rank
    title = fold(name)
    return next((rank for start, rank in _NAMES if title.startswith(start)), "unknown")


# Read records of the National Public Service Portal (Cổng Dịch vụ công quốc gia).

RECORDS = (".json", ".jsonl", ".ndjson", ".gz")
"""Endings of the files that may hold records."""

_rank_of = lru_cache(maxsize=8192)(rank_of)  # procedures of one field share their laws

_STATUS = {"ACTIVE": "active", "": "active", "INACTIVE": "abolished", "ABOLISHED": "abolished"}
_LEAST_MEMORY = 256 * MEGABYTE  # of the child: its own, and that of a small file
_BLANK_LINES = 3  # lines for each record that files of lines may have
_TOLD = 50  # records read between two words from the child process
_HOPELESS = 10_000  # records, none of them a procedure, after which no more are read


def _yes_no(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "unknown"}[value]


def _levels(record: Record) -> str:
    flags = {
        "central": "isMinistry",
        "province": "isProvince",
        "commune": "isWard",
        "other": "isOtherAgency",
    }
    return ";".join(level for level, flag in flags.items() if record.flag(flag) is True)


def _online(record: Record, methods: list[str]) -> str:
    if "online" not in methods:
        return "none" if methods else "unknown"
    # Records without the flag say only that there is an online channel.
    return {True: "full", False: "partial", None: "unknown"}[record.flag("isFullProcess")]


def _decision(record: Record) -> tuple[str, str]:
    """Return the number and the ISO day of the decision that publishes the procedure."""
    proposal = record.data.get("procedureProposal")
    if proposal is None:
        return "", ""
    if not isinstance(proposal, dict):
        record.wrong_type("procedureProposal", proposal, bilingual("readers.object"))
        return "", ""
    number, written = record.text(proposal, "proposalNumber"), proposal.get("decisionDate")
    if written is None or written == "":
        return number, ""
    date = read_date(written)
    if date.reason is not None:
        record.fault(
            "procedureProposal.decisionDate",
            written,
            date.reason,
            bilingual("readers.correct_day_decision"),
            "warning",
            date.flag,
        )
    return number, date.value.isoformat() if date.value else ""


def _status(record: Record) -> str:
    """Return the status; a word that is not known is told, it abolishes nothing."""
    state = record.text(record.data, "state")
    status = _STATUS.get(state.upper())
    if status is None:
        record.fault(
            "state",
            state,
            bilingual("readers.no_state_known_procedure"),
            bilingual("readers.portal_uses_active_inactive"),
            "warning",
            "portal.state",
        )
    return status or "active"


def _procedure(record: Record, identity: str, methods: list[str]) -> Row:
    data = record.data
    code, code_flag = repair_code(record.text(data, "code"))
    if code_flag:
        record.fault(
            "code",
            data.get("code"),
            bilingual("readers.code_repaired", code_text=code)
            if code_flag != "code.unrepairable"
            else bilingual("readers.no_code_like_1"),
            bilingual("readers.look_code_up_portal"),
            "warning",
            code_flag,
        )
    name = record.text(data, "name")
    record.unicode_doubts("name", name)
    decision, decision_date = _decision(record)
    applicants = record.names("subjectTypesDetails")
    return {
        "id": identity,
        "code": code,
        "code_written": record.text(data, "code") if code_flag else "",
        "name": name,
        "ministry": record.text(data, "departmentPromulgateName"),
        "field": record.names("categoriesDetails"),
        "levels": _levels(record),
        "agency": record.names("departmentsExecuting") or record.names("departmentsAuthority"),
        "audience": audience_of(applicants),
        "applicants": applicants,
        "online": _online(record, methods),
        "boundary_free": _yes_no(record.flag("isNonTerritorial")),
        "decision": decision,
        "decision_date": decision_date,
        "status": _status(record),
    }


def _dossier(record: Record, identity: str, rows: dict[str, list[Row]]) -> None:
    for number, case in enumerate(record.entries(record.data, "executionCases"), start=1):
        field, name = f"executionCases[{number}]", f"{identity}/c{number}"
        rows["cases"].append(
            {
                "id": name,
                "procedure": identity,
                "position": number,
                "name": record.text(case, "name", field),
            }
        )
        parts = record.entries(case, "profileComponents", f"{field}.profileComponents")
        for place, part in enumerate(parts, start=1):
            spot = f"{field}.profileComponents[{place}]"
            title = record.text(part, "name", spot)
            if not title:
                record.fault(
                    spot,
                    "",
                    bilingual("readers.no_requirement_name"),
                    bilingual("readers.add_name_row_left"),
                    "error",
                    "portal.no_name",
                )
                continue
            record.unicode_doubts(f"{spot}.name", title)
            files = record.entries(part, "attachments", f"{spot}.attachments")
            rows["requirements"].append(
                {
                    "id": f"{name}/r{place}",
                    "procedure": identity,
                    "case": name,
                    "position": place,
                    "code": record.text(part, "code", spot),
                    "name": title,
                    "originals": record.quantity(part, "originalQty", spot),
                    "copies": record.quantity(part, "copyQty", spot),
                    "form_files": ";".join(
                        record.text(file, "fileName", spot).replace(";", ",") for file in files
                    ),
                }
            )


def _texts(record: Record, identity: str, rows: dict[str, list[Row]], rules: Parameters) -> None:
    described = record.entries(record.data, "executionSteps")
    text = "\n".join(
        record.text(step, "name", "executionSteps")
        + "\n"
        + record.text(step, "description", "executionSteps")
        for step in described
    )
    last: tuple[int, str] | None = None
    relations, firsts = len(rows["flow"]), len(rows["steps"])
    for number, step in enumerate(split_steps(text, rules), start=1):
        name = f"{identity}/s{number}"
        rows["steps"].append(
            {
                "id": name,
                "procedure": identity,
                "position": number,
                "name": step.name,
                "actor": step.actor,
                "days": step.days,
                "days_text": step.days_text,
                "days_mark": "" if math.isnan(step.days) else "công bố",
                "text": step.text,
            }
        )
        if last is not None and last[0] == step.track:
            rows["flow"].append(
                {
                    "id": f"{last[1]}-s{number}",
                    "procedure": identity,
                    "before": last[1],
                    "after": name,
                }
            )
        last = (step.track, name)
    if len(rows["flow"]) == relations:  # every one a first step ("Bước 1") of a case of its own
        for row in rows["steps"][firsts:]:
            row["position"] = 1
    conditions = split_conditions(record.text(record.data, "requirementsAndConditions"))
    rows["conditions"] += [
        {
            "id": f"{identity}/d{number}",
            "procedure": identity,
            "position": number,
            "text": condition.text,
            "split": condition.split,
        }
        for number, condition in enumerate(conditions, start=1)
    ]


def _law(record: Record, identity: str, rows: dict[str, list[Row]]) -> None:
    for number, basis in enumerate(record.entries(record.data, "legalBasisesDetails"), start=1):
        text, name = record.text(basis, "code"), record.text(basis, "name")
        rows["legal_bases"].append(
            {
                "id": f"{identity}/l{number}",
                "procedure": identity,
                "number": text,
                "name": name,
                "rank": _rank_of(text, name),
            }
        )
    for number, result in enumerate(record.entries(record.data, "resultsDetails"), start=1):
        rows["results"].append(
            {
                "id": f"{identity}/o{number}",
                "procedure": identity,
                "position": number,
                "name": record.text(result, "name"),
                "code": record.text(result, "code"),
            }
        )


def _unusable(record: Record) -> bool:
    absent = [key for key in ("code", "name") if not record.text(record.data, key)]
    if absent:
        known = next((key for key in ("code", "name") if key not in absent), "")
        shown = record.text(record.data, known) if known else _first_field(record)
        record.place += f" ({shorten(shown, 60)})" if shown else ""
        record.fault(
            "",
            ", ".join(absent),
            bilingual("readers.no_record_lacks_required"),
            bilingual("readers.each_record_needs_code"),
            "error",
            "portal.not_a_record",
        )
    return bool(absent)


def _first_field(record: Record) -> str:
    """Return key and value of the first field that is text or number: what it may be called."""
    fields = record.data.items()
    return next((f"{key}: {value}" for key, value in fields if isinstance(value, str | int)), "")


def _records(
    file: Path, lines: bool, name: str, limits: Limits
) -> Iterator[tuple[str, object | Fault]]:
    """Yield the records of a file; `name` is what it is called in its folder, if in one.

    What is wrong with one file of a folder loses that file, and not the others.
    """
    own, place = place_of(file), shorten(name) or place_of(file)
    word, read = ("dòng", iter_json_lines) if lines else ("bản ghi", iter_json)
    try:
        for number, item in read(file, limits):
            if isinstance(item, Fault):
                item = replace(item, place=item.place.replace(own, place, 1))
            yield f"{place} › {word} {number}", item
    except UnreadableInput as error:
        if not name:
            raise
        for fault in error.faults:
            yield place, replace(fault, place=fault.place.replace(own, place, 1))


def _identity(code: str, seen: Counter[str]) -> str:
    seen[code] += 1
    identity = code if seen[code] == 1 else f"{code}#{seen[code]}"
    if identity == code or identity not in seen:
        seen[identity] = max(seen[identity], 1)
        return identity
    return _identity(code, seen)  # somebody wrote "…#2" as a code


def _refusal(path: Path, keys: list[str], faults: list[Fault]) -> UnreadableInput:
    """Return the error for a file none of whose records is a procedure."""
    whole = fault_of(
        "portal.no_procedure",
        place_of(path),
        ", ".join(keys[:8]) + (f", … (+{len(keys) - 8})" if len(keys) > 8 else ""),
    )
    return UnreadableInput([whole, *faults])


def read_portal(
    path: Source, progress: Callable[[int], None] | None = None, limits: Limits = DEFAULT
) -> Portfolio:
    """Read portal records into a portfolio.

    Parameters
    ----------
    path
        ``.json``, ``.jsonl``, either gzipped, or a folder of these.
    progress
        Called with the number of records read so far.
    limits
        The bounds of the reading. What is small after unpacking is parsed here; more is
        parsed in a child process that is ended when it takes too much memory or time.

    Returns
    -------
    Portfolio
        Not yet marked. Every record became a procedure or a fault in
        `Portfolio.faults`; nothing was guessed.

    Raises
    ------
    UnreadableInput
        When the file cannot be read at all, or holds no record.

    Examples
    --------
    >>> import json
    >>> import tempfile
    >>> record = {
    ...     "code": "1.004222",
    ...     "name": "Đăng ký thường trú",
    ...     "departmentPromulgateName": "Bộ Công an",
    ... }
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "thu-tuc.json"
    ...     size = place.write_text(json.dumps([record]), encoding="utf-8")
    ...     read_portal(place)["1.004222"].ministry
    'Bộ Công an'
    """
    seen = examine(path, limits)
    files: list[tuple[Examination, str]] = [(seen, "")]
    unread: list[Fault] = []
    if seen.kind == "folder":
        files, unread = _files(seen, limits)
    if sum(file.lines for file, _ in files) > _BLANK_LINES * limits.records:
        raise too_many_records(place_of(seen.path), limits)
    listed = [(str(file.path), file.lines > 0, name) for file, name in files]
    size = sum(file.unpacked for file, _ in files)
    if size <= limits.small_bytes:
        count, keys, columns, faults = _parsed(listed, limits, progress)
    else:
        about, cells, *values = run_in_child(
            parsed_apart,
            *(listed, asdict(limits)),
            memory_bytes=min(limits.child_bytes, _LEAST_MEMORY + 5 * size),
            # A large file may take its time: a second more for each megabyte.
            seconds=limits.child_seconds + size / MEGABYTE,
            place=place_of(seen.path),
            progress=progress or (lambda _: None),
        )
        count, keys, names = about
        faults = list(map(fault_from_cells, cells))
        columns = {}
        for (name, column), listing in zip(names, values, strict=True):
            columns.setdefault(name, {})[column] = listing
    faults = [*faults, *unread]
    if not count and not any(fault.severity == "error" for fault in unread):
        raise UnreadableInput(fault_of("portal.empty", place_of(seen.path), _some(seen.parts)))
    if "procedures" not in columns:
        raise _refusal(seen.path, keys, faults)
    tables = {name: pd.DataFrame(made) for name, made in columns.items()}
    return Portfolio.from_tables(tables, source=place_of(seen.path), faults=faults, strict=False)


def _some(names: Sequence[str]) -> str:
    return "; ".join(names[:5]) + (f"; … (+{len(names) - 5})" if len(names) > 5 else "")


def _files(
    folder: Examination, limits: Limits
) -> tuple[list[tuple[Examination, str]], list[Fault]]:
    """Return the files of records in a folder and below it, and what is wrong with the others."""
    files: list[tuple[Examination, str]] = []
    faults: list[Fault] = []
    for name in folder.parts:
        if not name.lower().endswith(RECORDS):
            faults.append(left_out(name))
            continue
        try:
            files.append((examine(folder.path / name, limits), name))
        except UnreadableInput as error:
            faults += [
                replace(f, place=f.place.replace(place_of(name), name)) for f in error.faults
            ]
    return files, faults


def parsed_apart(
    files: Sequence[tuple[str, bool, str]], bounds: dict[str, Any], progress: Callable[[int], None]
) -> tuple[Any, ...]:
    """Parse files of records in the child process into values of JSON.

    Returns
    -------
    list
        How many records there were, the keys of the first, table and name of each column.
    list
        The fields of each fault.
    list
        The values of one column; as many lists as there are columns.
    """

    def told(count: int) -> None:
        if count % _TOLD == 0:
            progress(count)

    count, keys, columns, faults = _parsed(files, Limits(**bounds), told)
    progress(count)
    names = [(name, column) for name, made in columns.items() for column in made]
    cells = list(map(attrgetter(*(field.name for field in fields(Fault))), faults))
    return ((count, keys, names), cells, *(columns[name][column] for name, column in names))


Columns = dict[str, dict[str, list[Any]]]


def _parsed(
    files: Sequence[tuple[str, bool, str]], limits: Limits, progress: Callable[[int], None] | None
) -> tuple[int, list[str], Columns, list[Fault]]:
    """Return how many records there were, the keys of the first, the columns, the faults.

    `files` are paths, whether each holds one record a line, and its name in a folder.
    """
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    faults: list[Fault] = []
    seen: Counter[str] = Counter()
    rules = parameters()
    count = lost = 0
    keys: list[str] = []
    for file, lines, name in files:
        for place, item in _records(Path(file), lines, name, limits):
            count += 1
            if count > limits.records:
                raise too_many_records(place_of(file), limits)
            record = Record(place, item if isinstance(item, dict) else {})
            keys = keys or [shorten(key, 40) for key in record.data]
            if isinstance(item, Fault):
                record.faults.append(item)
            if isinstance(item, Fault) or _unusable(record):
                lost += 1
                record.faults = record.faults if lost <= limits.faults else []
            else:
                code, _ = repair_code(record.text(record.data, "code"))
                record.place = f"{place} ({code})"
                identity = _identity(code, seen)
                methods = read_channels(record, identity, rows)
                rows["procedures"].append(_procedure(record, identity, methods))
                _dossier(record, identity, rows)
                _texts(record, identity, rows, rules)
                _law(record, identity, rows)
            faults += record.faults
            if progress is not None:
                progress(count)
            if lost == count > _HOPELESS:
                raise _refusal(Path(file), keys, faults)
    if lost > limits.faults:
        faults.append(_more_lost(place_of(files[0][0]), lost - limits.faults))
    columns = {
        name: {key: [row.get(key) for row in made] for key in dict.fromkeys(chain(*made))}
        for name, made in rows.items()
        if made
    }
    return count, keys, columns, faults


def _more_lost(place: str, count: int) -> Fault:
    return fault_of("portal.more_not_records", place, f"+{count}", count=count)


# Steps and conditions out of the free text of a published procedure.

_STEP = re.compile(
    r"(?im)^[^\w\n]{0,6}(?:[a-zđ0-9]{1,3}[).][^\w\n]{0,3})?bước\s*(\d{1,2})\b[\s.:\-–—)]*"
)
_SENTENCE_END = re.compile(r"(?<=[.;:])\s|\n")
_MARKER = re.compile(
    r"^\s*(?:(?P<number>\(?\d{1,2}[.)/]\)?(?:\d{1,2}\.)*\s)"
    r"|(?P<letter>\(?[a-zđ][.)]\s?)"
    r"|(?P<roman>\(?[IVX]{1,4}[.)]\s)"
    r"|(?P<dash>[-–—−•])"
    r"|(?P<plus>\++)"
    r"|(?P<star>\*+))"
)
_NONE = re.compile(
    r"^\W*(?:yeu cau,? dieu kien:?\s*)?"
    r"(?:khong|khog|ko)?\s*(?:co|quy dinh|yeu cau|dieu kien|ap dung|thong tin|[,:/.-]|\s)*$"
)
# Who acts: the first of these words to appear names the actor of the step.
_OFFICE = (
    "co quan|can bo|cong chuc|uy ban nhan dan|ubnd|so|bo|cuc|chi cuc|tong cuc|phong|trung tam|"
    "cong an|thu truong|giam doc|chu tich|hoi dong|bo phan|van phong|vien|kho bac|hai quan|"
    "thanh tra|toa an|bo truong|bao hiem|ngan hang nha nuoc|don vi tiep nhan|thue|ubcknn|"
    # "tổ chức" before a verb means to organise: the office does it
    "to chuc (?:danh gia|tham dinh|kiem tra|hop|thi|lay y kien|xac minh|khao sat|doi thoai)|"
    "tra ket qua|tham dinh|phe duyet|cap giay|phat chung chi|thong quan"
)
_APPLICANT = (
    "to chuc,? ca nhan|ca nhan|cong dan|nguoi|doanh nghiep|hop tac xa|to chuc|thuong nhan|chu|"
    "nha dau tu|cong ty|ho gia dinh|ho kinh doanh|co so|dai ly|quy|ben|hoc vien|luat su|"
    "nop ho so|chuan bi ho so|nhan ket qua|nop le phi|nop phi"
)
_ACTOR = re.compile(rf"\b(?:(?P<office>{_OFFICE})|(?P<applicant>{_APPLICANT}))\b")


@dataclass(frozen=True, slots=True)
class StepText:
    """One step: its track, what it says, who acts, and the one duration stated.

    `track` counts restarts of the numbering: a text that says "Bước 1" twice
    describes two ways, and steps follow each other only within one way.
    """

    track: int
    name: str
    text: str
    actor: str
    days: float
    days_text: str


@dataclass(frozen=True, slots=True)
class ConditionText:
    """One condition and how it was found: numbered, bulleted or paragraph."""

    text: str
    split: str


def _headline(text: str, length: int = 160) -> str:
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    sentence = _SENTENCE_END.split(line, maxsplit=1)[0].strip(" .:;-–")
    if len(sentence) <= length:
        return sentence
    return sentence[:length].rsplit(" ", 1)[0] + "…"


def _actor(text: str) -> str:
    found = None
    for length in (120, 400):  # mostly one of the first words
        start = fold(text[:length])
        found = _ACTOR.search(start)
        if found and found.end() < len(start) - 40:  # no longer word is cut off behind it
            break
    if found is None:
        return "unknown"
    return "office" if found.lastgroup == "office" else "applicant"


def _duration(text: str, parameters: Parameters) -> tuple[float, str]:
    # "20 năm" is the age of something; a range or a sum leaves the step undecided.
    found = [reading for reading in durations_in(text) if reading.flag != "limit.absurd"]
    written = "; ".join(dict.fromkeys(reading.text for reading in found))
    distinct = {(reading.value, reading.unit) for reading in found}
    if len(distinct) != 1 or all(reading.flag for reading in found):
        return float("nan"), written
    value, unit = distinct.pop()
    days = working_days_per_unit(parameters).get(unit, float("nan"))
    return float(value or 0) * days, written


def split_steps(text: str, parameters: Parameters) -> list[StepText]:
    """Return the ordered steps that a text announces by "Bước n".

    Parameters
    ----------
    text
        Trình tự thực hiện as published.
    parameters
        Rules of conversion, see `procsim.reference.working_days_per_unit`.

    Returns
    -------
    list of StepText
        Empty when the text announces no step. `days` is NaN unless the step
        states exactly one duration as a limit (a minimum, an extension or time before an
        event is none); `days_text` holds all that it states.
    """
    heads = list(_STEP.finditer(text))
    steps: list[StepText] = []
    track, last = 0, 0
    for place, head in enumerate(heads):
        number = int(head.group(1))
        if number <= last:
            track += 1
        last = number
        end = heads[place + 1].start() if place + 1 < len(heads) else len(text)
        body = text[head.end() : end].strip()
        days, written = _duration(body, parameters)
        steps.append(StepText(track, _headline(body), body, _actor(body), days, written))
    return steps


def _marker(line: str) -> str:
    found = _MARKER.match(line)
    if found is None or found.lastgroup is None:
        return ""
    if found.lastgroup in {"plus", "star"}:  # "+" and "++" are two levels
        return found.lastgroup + str(len(found.group(found.lastgroup)))
    return found.lastgroup


def split_conditions(text: str) -> list[ConditionText]:
    """Return the conditions of a text: the items of its outermost list.

    The first marker that appears (1. / a) / - / + …) is the outermost level;
    lines of deeper levels belong to the item above them. A lead-in that ends
    with a colon is no condition. A text without markers counts one condition
    for each paragraph. "Không", "Không có", "Không quy định" count none.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or _NONE.match(fold(" ".join(lines))):
        return []
    top = next((marker for line in lines if (marker := _marker(line))), "")
    items: list[list[str]] = []
    kinds: list[str] = []
    for line in lines:
        marker = _marker(line)
        if marker == top and top:
            items.append([line])
            kinds.append("numbered" if top in {"number", "letter", "roman"} else "bulleted")
        elif marker or (items and top and kinds[-1] != "paragraph"):
            items[-1].append(line)  # a deeper level, or the rest of the item above
        elif items and not top and line[:1].islower():
            items[-1].append(line)
        elif not line.endswith(":"):
            items.append([line])
            kinds.append("paragraph")
    return [ConditionText("\n".join(item), kind) for item, kind in zip(items, kinds, strict=True)]
