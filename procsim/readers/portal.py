"""Read records of the National Public Service Portal (Cổng Dịch vụ công quốc gia).

The shape is that of the portal's API: one JSON object for each procedure, in
a ``.json`` file (one object or a list), a ``.jsonl`` file, either of them
gzipped, or a folder of such files.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pandas as pd

from procsim.errors import Fault, Text, UnreadableInput, shorten
from procsim.language.vietnamese import fold, read_date, repair_code
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers import gates, strict_json
from procsim.readers.free_text import split_conditions, split_steps
from procsim.readers.legal_number import rank_of
from procsim.readers.limits import DEFAULT, place_of
from procsim.readers.portal_channels import read_channels
from procsim.readers.portal_record import Record, Row
from procsim.reference import Parameters, parameters

__all__ = ["read_portal"]

_rank_of = lru_cache(maxsize=8192)(rank_of)  # procedures of one field share their laws

_STATUS = {"ACTIVE": "active", "": "active", "INACTIVE": "abolished", "ABOLISHED": "abolished"}
_LISTED = 20  # faults of single records told with the refusal of a whole file
_CITIZENS = ("cong dan", "nguoi nuoc ngoai", "nguoi viet nam", "ca nhan", "ho gia dinh")
_BUSINESSES = ("doanh nghiep", "hop tac xa", "ho kinh doanh", "htx")
_STATE = ("can bo", "cong chuc", "vien chuc", "dang vien", "to chuc dang", "co quan nha nuoc")


@lru_cache(maxsize=4096)
def _audience(applicants: str) -> str:
    folded = [fold(name) for name in applicants.split(";") if name]
    if not folded:
        return "unknown"
    businesses = any(
        word in name and "khong bao gom" not in name for name in folded for word in _BUSINESSES
    )
    citizens = any(name.startswith(_CITIZENS) for name in folded)
    if citizens and businesses:
        return "both"
    if citizens or businesses:
        return "citizen" if citizens else "business"
    state = all(name.startswith(_STATE) for name in folded)
    return "state" if state else "organisation"


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
        record.wrong_type("procedureProposal", proposal, Text("một mục", "an object"))
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
            Text("Sửa ngày của quyết định công bố.", "Correct the day of the decision."),
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
            Text(
                "Trạng thái không biết; thủ tục được coi là còn hiệu lực.",
                "The state is not a known one; the procedure counts as active.",
            ),
            Text("Cổng dùng ACTIVE hoặc INACTIVE.", "The portal uses ACTIVE or INACTIVE."),
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
            Text(f"Mã thủ tục được sửa thành {code}.", f"The code was repaired to {code}.")
            if code_flag != "code.unrepairable"
            else Text("Mã thủ tục không có dạng 1.004222.", "The code is not like 1.004222."),
            Text("Kiểm tra lại mã trên Cổng.", "Look the code up on the portal."),
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
        "audience": _audience(applicants),
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
                    Text("Thành phần hồ sơ không có tên.", "The requirement has no name."),
                    Text("Bổ sung tên; dòng này bị bỏ qua.", "Add a name; the row is left out."),
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
        record.place += f" ({shorten(record.text(record.data, known), 60)})" if known else ""
        record.fault(
            "",
            ", ".join(absent),
            Text(
                "Bản ghi thiếu trường bắt buộc nên không thành thủ tục.",
                "The record lacks a required field, so it makes no procedure.",
            ),
            Text(
                "Mỗi bản ghi cần “code” và “name” như API của Cổng.",
                "Each record needs “code” and “name” as the portal's API gives them.",
            ),
            "error",
            "portal.not_a_record",
        )
    return bool(absent)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    endings = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
    return sorted(p for p in path.iterdir() if p.is_file() and p.name.lower().endswith(endings))


def _packs_lines(path: Path) -> bool:
    """Tell whether a packed file holds one record a line; its name need not say so."""
    if ".jsonl" in path.name.lower():
        return True
    try:
        with gzip.open(path, "rb") as stream:
            lines = (stream.readline(DEFAULT.json_line_bytes) for _ in range(8))
            filled = [line.strip(b"\xef\xbb\xbf \t\r\n") for line in lines]
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False  # reading it whole names the damage
    first, following = ([line for line in filled if line] + [b"", b""])[:2]
    return first.startswith(b"{") and first.endswith(b"}") and following.startswith(b"{")


def _records(path: Path) -> Iterator[tuple[str, object | Fault]]:
    kind = gates.inspect(path)
    if kind == "jsonl" or (kind == "json.gz" and _packs_lines(path)):
        for line, item in strict_json.iter_json_lines(path):
            yield f"{place_of(path)} › dòng {line}", item
        return
    whole = strict_json.load(path)
    if isinstance(whole, dict) and isinstance(whole.get("data"), (list, dict)):
        whole = whole["data"]
    items = whole if isinstance(whole, list) else [whole]
    for number, item in enumerate(items, start=1):
        yield f"{place_of(path)} › bản ghi {number}", item


def _identity(code: str, seen: Counter[str]) -> str:
    seen[code] += 1
    identity = code if seen[code] == 1 else f"{code}#{seen[code]}"
    if identity == code or identity not in seen:
        seen[identity] = max(seen[identity], 1)
        return identity
    return _identity(code, seen)  # somebody wrote "…#2" as a code


def _refusal(path: Path, keys: list[str], faults: list[Fault]) -> UnreadableInput:
    """Return the error for a file none of whose records is a procedure."""
    whole = Fault(
        place_of(path),
        ", ".join(keys[:8]),
        Text(
            "Không bản ghi nào trong tệp thành thủ tục.",
            "None of the records in it makes a procedure.",
        ),
        Text(
            "Cần bản ghi chi tiết của thủ tục (API chi tiết của Cổng, có “code” và “name”); "
            "mục lục hoặc bảng đánh giá không đủ.",
            "It needs the detailed records of procedures (the portal's detail API, with “code” "
            "and “name”); an index or an evaluation is not enough.",
        ),
        code="portal.no_procedure",
    )
    return UnreadableInput([whole, *faults[:_LISTED]])


def read_portal(path: str | Path, progress: Callable[[int], None] | None = None) -> Portfolio:
    """Read portal records into a portfolio.

    Parameters
    ----------
    path
        ``.json``, ``.jsonl``, either gzipped, or a folder of these.
    progress
        Called with the number of records read so far.

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
    path = Path(path)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    faults: list[Fault] = []
    seen: Counter[str] = Counter()
    rules = parameters()
    count = 0
    keys: list[str] = []
    for file in _files(path):
        for place, item in _records(file):
            count += 1
            if isinstance(item, Fault):
                faults.append(item)
                continue
            record = Record(place, item if isinstance(item, dict) else {})
            keys = keys or [shorten(key, 40) for key in record.data]
            if not _unusable(record):
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
    if not count:
        raise UnreadableInput(
            Fault(
                place_of(path),
                "",
                Text("Không có bản ghi nào.", "There is no record in it."),
                Text(
                    "Chọn tệp .json, .jsonl hoặc .gz xuất từ Cổng Dịch vụ công.",
                    "Choose a .json, .jsonl or .gz file exported from the portal.",
                ),
                code="portal.empty",
            )
        )
    if not rows["procedures"]:
        raise _refusal(path, keys, faults)
    tables = {name: pd.DataFrame(made) for name, made in rows.items() if made}
    return Portfolio.from_tables(tables, source=place_of(path), faults=faults, strict=False)
