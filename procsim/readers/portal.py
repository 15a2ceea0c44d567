"""Read records of the National Public Service Portal (Cổng Dịch vụ công quốc gia).

The shape is that of the portal's API: one JSON object for each procedure, in
a ``.json`` file (one object or a list), a ``.jsonl`` file, either of them
gzipped, or a folder of such files.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from procsim.errors import Fault, Severity, Text, UnreadableInput, shorten
from procsim.language.vietnamese import (
    durations_in,
    fold,
    nfc,
    read_date,
    read_duration,
    read_money,
    repair_code,
)
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers import gates, strict_json
from procsim.readers.free_text import split_conditions, split_steps
from procsim.readers.legal_number import rank_of
from procsim.reference import Parameters, parameters

__all__ = ["read_portal"]

Row = dict[str, Any]

_METHODS = {"DIRECT": "counter", "POSTAL": "post", "ONLINE": "online"}
_UNIT_WORDS = {
    "WORKING_DAY": "ngày làm việc",
    "DAY": "ngày",
    "HOUR": "giờ",
    "MONTH": "tháng",
    "YEAR": "năm",
    "OTHER": "(không ghi đơn vị)",
}
_STATUS = {"ACTIVE": "active", "": "active"}
_CITIZENS = ("cong dan", "nguoi nuoc ngoai", "nguoi viet nam", "ca nhan", "ho gia dinh")
_BUSINESSES = ("doanh nghiep", "hop tac xa", "ho kinh doanh", "htx")
_STATE = ("can bo", "cong chuc", "vien chuc", "dang vien", "to chuc dang", "co quan nha nuoc")


class _Record:
    """One record while it is read: typed access, and a list of what is wrong."""

    def __init__(self, place: str, data: dict[str, Any]) -> None:
        self.place = place
        self.data = data
        self.faults: list[Fault] = []

    def fault(
        self,
        field: str,
        value: object,
        message: Text,
        cure: Text,
        severity: Severity,
        code: str,
    ) -> None:
        """Note one thing that is wrong with a field of this record."""
        self.faults.append(
            Fault(
                f"{self.place} › {field}" if field else self.place,
                shorten(value),
                message,
                cure,
                severity,
                code,
            )
        )

    def wrong_type(self, field: str, value: object, accepted: Text) -> None:
        self.fault(
            field,
            value,
            Text(f"Trường này phải là {accepted.vi}.", f"This field must be {accepted.en}."),
            Text("Xuất lại bản ghi từ Cổng.", "Export the record from the portal again."),
            "error",
            "portal.type",
        )

    def text(self, source: dict[str, Any], key: str, field: str = "") -> str:
        value = source.get(key)
        if value is None:
            return ""
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return nfc(str(value)).strip()
        self.wrong_type(field or key, value, Text("văn bản", "text"))
        return ""

    def entries(self, source: dict[str, Any], key: str, field: str = "") -> list[dict[str, Any]]:
        value = source.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong_type(field or key, value, Text("một danh sách", "a list"))
            return []
        kept = [entry for entry in value if isinstance(entry, dict)]
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, dict):
                self.wrong_type(f"{field or key}[{number}]", entry, Text("một mục", "an object"))
        return kept

    def quantity(self, source: dict[str, Any], key: str, field: str) -> int:
        value = source.get(key)
        if value is None:
            return 0
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = float(value)
            if whole.is_integer() and 0 <= whole <= 1000:
                return int(whole)
        self.wrong_type(f"{field}.{key}", value, Text("số từ 0 đến 1000", "a number 0 to 1000"))
        return 0

    def names(self, key: str) -> str:
        found = [self.text(entry, "name", key) for entry in self.entries(self.data, key)]
        # The list columns are joined by ";", so one inside a name becomes a comma.
        return ";".join(dict.fromkeys(name.replace(";", ",") for name in found if name))


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


def _yes_no(value: object) -> str:
    return (
        {True: "yes", False: "no"}.get(value, "unknown") if isinstance(value, bool) else "unknown"
    )


def _levels(data: dict[str, Any]) -> str:
    flags = {
        "central": "isMinistry",
        "province": "isProvince",
        "commune": "isWard",
        "other": "isOtherAgency",
    }
    return ";".join(level for level, flag in flags.items() if data.get(flag) is True)


def _online(data: dict[str, Any], methods: list[str]) -> str:
    if "online" not in methods:
        return "none" if methods else "unknown"
    full = data.get("isFullProcess")
    # Records without the flag say only that there is an online channel.
    return {True: "full", False: "partial"}[full] if isinstance(full, bool) else "unknown"


def _procedure(record: _Record, identity: str, methods: list[str]) -> Row:
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
    proposal = data.get("procedureProposal")
    proposal = proposal if isinstance(proposal, dict) else {}
    decided = proposal.get("decisionDate")
    date = read_date(decided) if decided is not None else None
    applicants = record.names("subjectTypesDetails")
    status = record.text(data, "state")
    return {
        "id": identity,
        "code": code,
        "code_written": record.text(data, "code") if code_flag else "",
        "name": record.text(data, "name"),
        "ministry": record.text(data, "departmentPromulgateName"),
        "field": record.names("categoriesDetails"),
        "levels": _levels(data),
        "agency": record.names("departmentsExecuting") or record.names("departmentsAuthority"),
        "audience": _audience(applicants),
        "applicants": applicants,
        "online": _online(data, methods),
        "boundary_free": _yes_no(data.get("isNonTerritorial")),
        "decision": record.text(proposal, "proposalNumber"),
        "decision_date": date.value.isoformat() if date and date.value else "",
        "status": _STATUS.get(status.upper(), "abolished"),
    }


def _limit(record: _Record, method: Row, field: str) -> Row:
    value, unit = method.get("processingTime"), record.text(method, "processingTimeUnit", field)
    description = record.text(method, "description", field)
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if value is not None and number is None and not isinstance(value, str):
        record.wrong_type(f"{field}.processingTime", value, Text("một số", "a number"))
    reading = read_duration(value if isinstance(value, str) else number, unit or None, description)
    written = "" if number is None else f"{number:g} "
    row = {
        "limit_text": (written + _UNIT_WORDS.get(unit, unit)).strip(),
        "limit_value": reading.value,
        "limit_unit": reading.unit if reading.value is not None else "",
        "limit_flag": reading.flag,
        "limit_proposed": reading.proposal,
        "limit_mark": "công bố" if reading.value is not None else "",
        "description": description,
    }
    if reading.reason is not None:
        record.fault(
            f"{field}.processingTime",
            row["limit_text"],
            reading.reason,
            Text(
                "Nhập thời hạn và đơn vị, hoặc chấp nhận giá trị đề xuất nếu có.",
                "Enter the limit with its unit, or accept the proposed value if there is one.",
            ),
            "error" if reading.value is None else "warning",
            reading.flag,
        )
    else:
        stated = {(r.value, r.unit) for r in durations_in(description) if r.value is not None}
        if len(stated) == 1 and (reading.value, reading.unit) not in stated:
            (days, word) = stated.pop()
            record.fault(
                f"{field}.description",
                f"{days:g} {word} ≠ {row['limit_text']}",
                Text(
                    "Thời hạn trong mô tả khác với trường thời hạn; tính theo trường thời hạn.",
                    "The description states another limit than the field; the field counts.",
                ),
                Text("Đối chiếu với văn bản quy phạm.", "Compare with the legal text."),
                "warning",
                "limit.text_differs",
            )
    return row


def _fee(record: _Record, fee: Row, field: str) -> Row:
    kind = record.text(fee, "type", field)
    value = fee.get("value")
    if isinstance(value, bool) or not (value is None or isinstance(value, (int, float, str))):
        record.wrong_type(f"{field}.value", value, Text("một số tiền", "an amount"))
        value = None
    currency, note = (
        record.text(fee, "currencyName", field),
        record.text(fee, "description", field),
    )
    reading = read_money(value, currency, note, kind)
    in_vnd = reading.unit in {"VND", ""}
    suspect = reading.flag in {"fee.thousandth", "fee.zero_but_note", "fee.differs_from_note"}
    amount = reading.value if in_vnd and not suspect else None
    folded = fold(note)
    if folded.startswith("le phi"):
        sort = "le_phi"
    elif folded.startswith("phi") or kind == "SERVICE_FEE":
        sort = "phi"
    else:
        sort = "le_phi" if kind == "FEE" and value else "unknown"
    written = "" if value is None else f"{value:.15g}" if isinstance(value, float) else f"{value}"
    if reading.reason is not None:
        record.fault(
            f"{field}.value",
            f"{written} {currency} ({note})" if note else f"{written} {currency}",
            reading.reason,
            Text(
                "Đối chiếu thông tư quy định mức thu, rồi nhập hoặc chấp nhận mức đề xuất.",
                "Compare with the circular that sets the fee, then enter or accept the amount.",
            ),
            "note" if amount is not None else "error",
            reading.flag,
        )
    return {
        "kind": sort,
        "amount_text": f"{written} {currency}".strip(),
        "amount_vnd": amount,
        "per": reading.per,
        "note": note,
        "flag": reading.flag,
        "proposed_vnd": reading.proposal if in_vnd or reading.proposal else None,
        "mark": "công bố" if amount is not None else "",
    }


def _channels(record: _Record, identity: str, rows: dict[str, list[Row]]) -> list[str]:
    methods: list[str] = []
    limits: set[tuple[float, str]] = set()
    for number, method in enumerate(record.entries(record.data, "executionMethods"), start=1):
        field = f"executionMethods[{number}]"
        channel = f"{identity}/k{number}"
        name = _METHODS.get(record.text(method, "submissionMethod", field).upper(), "unknown")
        methods.append(name)
        row = _limit(record, method, field)
        if row["limit_value"] is not None:
            limits.add((row["limit_value"], row["limit_unit"]))
        rows["channels"].append(
            {"id": channel, "procedure": identity, "position": number, "method": name, **row}
        )
        for place, fee in enumerate(record.entries(method, "fees", f"{field}.fees"), start=1):
            rows["fees"].append(
                {
                    "id": f"{channel}/f{place}",
                    "procedure": identity,
                    "channel": channel,
                    "position": place,
                    **_fee(record, fee, f"{field}.fees[{place}]"),
                }
            )
    if len(limits) > 1:
        record.fault(
            "executionMethods",
            "; ".join(sorted(f"{value:g} {_VI_UNITS[unit]}" for value, unit in limits)),
            Text(
                "Thời hạn khác nhau giữa các cách thức nộp; lấy thời hạn dài nhất.",
                "The limits of the channels differ; the longest one counts.",
            ),
            Text("Sửa nếu chỉ một thời hạn đúng.", "Correct it if only one of them is right."),
            "note",
            "limit.channels_differ",
        )
    _compare_cases(record, limits)
    return methods


_VI_UNITS = {v.lower(): _UNIT_WORDS[v] for v in ("WORKING_DAY", "DAY", "HOUR", "MONTH", "YEAR")}


def _compare_cases(record: _Record, limits: set[tuple[float, str]]) -> None:
    # Only answers of the API hold `cases`; their limits can contradict the channels.
    for number, case in enumerate(record.entries(record.data, "cases"), start=1):
        limit = case.get("processingDay")
        if not isinstance(limit, dict) or not isinstance(limit.get("qty"), (int, float)):
            continue
        reading = read_duration(limit["qty"], record.text(limit, "type", "cases"))
        if reading.value is not None and limits and (reading.value, reading.unit) not in limits:
            record.fault(
                f"cases[{number}].processingDay",
                f"{limit['qty']:g} {_VI_UNITS.get(reading.unit, '')}",
                Text(
                    "Thời hạn của trường hợp khác với cách thức nộp; tính theo cách thức nộp.",
                    "The case states another limit than the channels; the channels count.",
                ),
                Text("Đối chiếu với văn bản quy phạm.", "Compare with the legal text."),
                "warning",
                "limit.cases_differ",
            )


def _dossier(record: _Record, identity: str, rows: dict[str, list[Row]]) -> None:
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


def _texts(record: _Record, identity: str, rows: dict[str, list[Row]], rules: Parameters) -> None:
    described = record.entries(record.data, "executionSteps")
    text = "\n".join(
        record.text(step, "name", "executionSteps")
        + "\n"
        + record.text(step, "description", "executionSteps")
        for step in described
    )
    last: tuple[int, str] | None = None
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


def _law(record: _Record, identity: str, rows: dict[str, list[Row]]) -> None:
    for number, basis in enumerate(record.entries(record.data, "legalBasisesDetails"), start=1):
        text, name = record.text(basis, "code"), record.text(basis, "name")
        rows["legal_bases"].append(
            {
                "id": f"{identity}/l{number}",
                "procedure": identity,
                "number": text,
                "name": name,
                "rank": rank_of(text, name),
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


def _unusable(record: _Record) -> bool:
    absent = [key for key in ("code", "name") if not record.text(record.data, key)]
    if absent:
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


def _records(path: Path) -> Iterator[tuple[str, object | Fault]]:
    kind = gates.inspect(path)
    if kind in {"jsonl", "jsonl.gz"} or (kind == "json.gz" and ".jsonl" in path.name.lower()):
        for line, item in strict_json.iter_json_lines(path):
            yield f"{path.name} › dòng {line}", item
        return
    whole = strict_json.load(path)
    if isinstance(whole, dict) and isinstance(whole.get("data"), (list, dict)):
        whole = whole["data"]
    items = whole if isinstance(whole, list) else [whole]
    for number, item in enumerate(items, start=1):
        yield f"{path.name} › bản ghi {number}", item


def _identity(code: str, seen: Counter[str]) -> str:
    seen[code] += 1
    return code if seen[code] == 1 else f"{code}#{seen[code]}"


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
    """
    path = Path(path)
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    faults: list[Fault] = []
    seen: Counter[str] = Counter()
    rules = parameters(dt.date(2026, 1, 1))
    count = 0
    for file in _files(path):
        for place, item in _records(file):
            count += 1
            if isinstance(item, Fault):
                faults.append(item)
                continue
            record = _Record(place, item if isinstance(item, dict) else {})
            if not _unusable(record):
                code, _ = repair_code(record.text(record.data, "code"))
                record.place = f"{place} ({code})"
                identity = _identity(code, seen)
                methods = _channels(record, identity, rows)
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
                path.name,
                "",
                Text("Không có bản ghi nào.", "There is no record in it."),
                Text(
                    "Chọn tệp .json, .jsonl hoặc .gz xuất từ Cổng Dịch vụ công.",
                    "Choose a .json, .jsonl or .gz file exported from the portal.",
                ),
                code="portal.empty",
            )
        )
    tables = {name: pd.DataFrame(made) for name, made in rows.items() if made}
    return Portfolio.from_tables(tables, source=path.name, faults=faults, strict=False)
