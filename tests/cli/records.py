"""A small portfolio in the shape of the portal's API, written for these tests in our own words.

Codes 1.004222 and 1.000656 stand in Annex I of Resolution 66.7/2025/NQ-CP, so the plan
has something to do; the last two records lack what a figure needs.
"""

from __future__ import annotations

import copy
import gzip
import json
from pathlib import Path
from typing import Any

__all__ = ["RECORDS", "changed", "write_json", "write_lines"]

Record = dict[str, Any]


def _way(method: str, time: object, unit: str, *fees: Record) -> Record:
    return {
        "submissionMethod": method,
        "processingTime": time,
        "processingTimeUnit": unit,
        "description": "",
        "fees": list(fees),
    }


def _fee(kind: str, value: object, note: str = "") -> Record:
    return {
        "type": kind,
        "value": value,
        "currencyName": "Việt Nam Đồng",
        "attachment": None,
        "description": note,
    }


def _paper(name: str, originals: int, copies: int, *files: str) -> Record:
    return {
        "name": name,
        "originalQty": originals,
        "copyQty": copies,
        "required": False,
        "attachments": [{"fileName": file} for file in files],
    }


RESIDENCE: Record = {
    "code": "1.004222",
    "name": "Đăng ký thường trú (bản ghi thử)",
    "departmentPromulgateName": "Bộ Công an",
    "isMinistry": False,
    "isProvince": False,
    "isWard": True,
    "isOtherAgency": False,
    "isFullProcess": True,
    "isNonTerritorial": False,
    "categoriesDetails": [{"name": "Cư trú"}],
    "subjectTypesDetails": [{"name": "Công dân Việt Nam"}],
    "departmentsExecuting": [{"name": "Công an cấp xã"}],
    "departmentsAuthority": [],
    "executionSteps": [
        {
            "name": "",
            "description": "Bước 1: Người dân nộp hồ sơ.\n"
            "Bước 2: Cơ quan công an kiểm tra trong thời hạn 02 ngày làm việc.\n"
            "Bước 3: Cơ quan công an trả kết quả.",
        }
    ],
    "executionMethods": [
        _way("DIRECT", 7, "WORKING_DAY", _fee("FEE", 20000, "20.000 đồng/lần đăng ký")),
        _way("ONLINE", 7, "WORKING_DAY", _fee("FEE", 10000, "10.000 đồng/lần đăng ký")),
    ],
    "executionCases": [
        {
            "name": "",
            "profileComponents": [
                _paper("Tờ khai thay đổi thông tin cư trú (Mẫu CT01)", 1, 0, "CT01;2025.docx"),
                _paper(
                    "Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất", 0, 1
                ),
                _paper("Giấy chứng nhận kết hôn", 0, 1),
            ],
        }
    ],
    "requirementsAndConditions": "1. Có chỗ ở hợp pháp.\n2. Chủ hộ đồng ý.",
    "legalBasisesDetails": [{"code": "68/2020/QH14", "name": "Luật Cư trú"}],
    "resultsDetails": [{"code": "KQ.T1", "name": "Thông báo kết quả"}],
    "procedureProposal": {"proposalNumber": "1/QĐ-T", "decisionDate": 1740416400000},
    "state": "ACTIVE",
}

DEATH: Record = {
    **copy.deepcopy(RESIDENCE),
    "code": "1.000656",
    "name": "Đăng ký khai tử (bản ghi thử)",
    "departmentPromulgateName": "Bộ Tư pháp",
    "categoriesDetails": [{"name": "Hộ tịch"}],
    "executionMethods": [_way("DIRECT", 1, "DAY", _fee("FEE", 0, "Miễn lệ phí"))],
    "executionCases": [
        {
            "name": "",
            "profileComponents": [
                _paper("Tờ khai đăng ký khai tử", 1, 0),
                _paper("Giấy báo tử", 1, 0),
                _paper("Thẻ căn cước của người đi khai tử", 0, 1),
            ],
        }
    ],
    "requirementsAndConditions": "Không",
}

LICENCE: Record = {
    **copy.deepcopy(RESIDENCE),
    "code": "9.999001",
    "name": "Cấp giấy phép thử nghiệm",
    "departmentPromulgateName": "Bộ Tài chính",
    "categoriesDetails": [{"name": "Lĩnh vực A; phần hai"}],
    "subjectTypesDetails": [{"name": "Doanh nghiệp"}],
    # 200 is the thousandth of the usual fee, 15 has no unit: both ask the officer.
    "executionMethods": [
        _way("DIRECT", 15, "OTHER", _fee("SERVICE_FEE", 200, "200.000 đồng/giấy phép"))
    ],
    "executionCases": [],
}

CLOSED: Record = {
    **copy.deepcopy(DEATH),
    "code": "9.999002",
    "name": "Thủ tục thử đã bãi bỏ",
    "state": "INACTIVE",
}

RECORDS: tuple[Record, ...] = (RESIDENCE, DEATH, LICENCE, CLOSED)
"""Two complete records, one that blocks figures, one abolished."""


def changed(record: Record = RESIDENCE, **fields: object) -> Record:
    """Return a copy of a record with some fields exchanged."""
    return {**copy.deepcopy(record), **fields}


def write_json(path: Path, value: object = RECORDS) -> Path:
    """Write a JSON document, packed where the name ends in ``.gz``."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8")
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def write_lines(path: Path, records: object = RECORDS) -> Path:
    """Write one record a line, packed where the name ends in ``.gz``."""
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    content = f"{lines}\n".encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
