"""The sheets with one row for each target, procedure, annex row or fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook

from procsim.decisions.targets import Scorecard
from procsim.errors import Fault, Text
from procsim.reforms.plan import Plan
from procsim.reports.cells import percent_style
from procsim.reports.page import Column, Page, beside, counted

__all__ = ["write_before_after", "write_faults", "write_scorecard", "write_unmatched"]

Tick = Callable[[], None]

_VERDICTS = {
    "met": Text("Đạt", "Met"),
    "missed": Text("Chưa đạt", "Missed"),
    "unknown": Text("Chưa xác định", "Unknown"),
}
_BASES = {
    "once": Text("Mỗi thủ tục tính một lần.", "Each procedure once."),
    "year": Text("Theo số hồ sơ một năm.", "By dossiers in a year."),
    "count": Text("", ""),
    "": Text("", ""),
}
_SEVERITIES = {
    "error": Text("Lỗi", "Error"),
    "warning": Text("Cảnh báo", "Warning"),
    "note": Text("Lưu ý", "Note"),
}

_SCORES = (
    Column(Text("Chỉ tiêu", "Target"), 32),
    Column(Text("Trước", "Before"), 13, "number"),
    Column(Text("Sau", "After"), 13, "number"),
    Column(Text("Kết quả (tỷ lệ trên tổng)", "Result (ratio of sums)"), 9.5, "percent2"),
    Column(Text("Mức phải đạt", "Target value"), 9.5, "percent2"),
    Column(Text("Chênh lệch (điểm %)", "Gap (points)"), 9.5, "points"),
    Column(Text("Kết luận", "Verdict"), 10, "centre"),
    Column(Text("Theo số hồ sơ một năm", "Weighted by dossiers"), 9.5, "percent2"),
    Column(Text("Số TTHC tự đạt", "Procedures that reach it"), 11, "centre"),
    Column(Text("TTHC có / chưa có số liệu", "With / without data"), 10, "centre"),
    Column(Text("Năm gốc", "Base year"), 6.5, "centre"),
    Column(Text("Thời hạn", "Deadline"), 11, "date"),
    Column(Text("Căn cứ (nguồn)", "Legal basis (mark)"), 21),
    Column(Text("Cơ sở tính, ghi chú", "Basis, note"), 33),
)


def _title(page: Page, title: Text, under: Sequence[str] = ()) -> None:
    page.span(title.vi, "title")
    if page.language == "en":
        page.span(title.en, "italic line")
    for line in under:
        page.span(line, "italic line")
    page.span("", "body")


def _score_line(page: Page, row: Mapping[str, Any]) -> None:
    language = page.language
    count = row["kind"] == "count"
    value, goal = float(row["value"]), float(row["target"])
    weighted = float(row["by_volume"])
    reason = str(row["reason_vi"] if language == "vi" else row["reason_en"])
    basis = _BASES[row["basis"]].in_language(language)
    note = " ".join(part for part in (basis, reason) if part)
    reached = "–"
    if not np.isnan(row["reached"]):
        reached = " / ".join(counted(row[name], language) for name in ("reached", "reachable"))
    deadline = row["deadline"] if isinstance(row["deadline"], date) else "–"
    style = "whole" if count else percent_style(value, goal)
    page.line(
        (
            str(row["name_vi"] if language == "vi" else row["name_en"]),
            row["before"],
            row["after"],
            value,
            goal,
            row["gap"],
            _VERDICTS[row["verdict"]].in_language(language),
            "–" if np.isnan(weighted) else weighted,
            reached,
            " / ".join(counted(row[name], language) for name in ("known", "missing")),
            "–" if pd.isna(row["base_year"]) else str(row["base_year"]),
            deadline,
            f"{row['legal_basis']} ({row['mark']})",
            note,
        ),
        (
            "text",
            *("whole" if row["metric"] == "cost_vnd" else "number",) * 2,
            style,
            "whole" if count else "percent2",
            "number" if count else "points",
            row["verdict"],
            "centre" if np.isnan(weighted) else "percent2",
            "centre",
            "centre",
            "centre",
            "date" if deadline != "–" else "centre",
            "text",
            "text",
        ),
    )


def write_scorecard(book: Workbook, card: Scorecard, language: str, tick: Tick) -> None:
    """Write "Bảng điểm": each target for the whole list, then for each group."""
    page = Page(book, "Bảng điểm", _SCORES, language)
    _title(
        page,
        Text("BẢNG ĐIỂM THEO CHỈ TIÊU", "Scorecard by target"),
        [
            Text(
                "(Tỷ lệ quy định là tỷ lệ trên tổng; hai cách đọc còn lại để tham khảo. "
                "“Trước” là danh mục đã nạp; chỉ so được với năm gốc khi danh mục là của năm đó)",
                "(The prescribed reading is the ratio of sums; the other two are for "
                "information. “Before” is the list that was loaded; it stands for the base year "
                "only when the list is of that year)",
            ).in_language(language)
        ],
    )
    page.head()
    previous = None
    for row in card.summary.to_dict("records"):
        here = (row["scope"], row["group"])
        if here != previous:
            whole = row["scope"] == "nation"
            page.group(
                beside(Text("TOÀN BỘ DANH MỤC", "The whole list"), language)
                if whole
                else str(row["group"]).upper()
            )
            previous = here
        _score_line(page, row)
        tick()
    page.finish(filters=True)


_DAYS = (Text("Thời hạn giải quyết (ngày làm việc)", "Time limit (working days)"), 9, "number")
_PAPERS = (Text("Thành phần hồ sơ (giấy tờ)", "Required documents"), 8, "number")
_CONDITIONS = (Text("Điều kiện", "Conditions"), 8, "number")
_COST = (
    Text("Chi phí tuân thủ một lần (đồng)", "Compliance cost, once (VND)"),
    14,
    "whole",
)
_BEFORE, _AFTER = Text("trước", "before"), Text("sau", "after")


def _pair(what: tuple[Text, int, str]) -> tuple[Column, Column]:
    label, width, style = what
    return (
        Column(Text(f"{label.vi} trước", f"{label.en}, before"), width, style),
        Column(Text(f"{label.vi} sau", f"{label.en}, after"), width, style),
    )


_CHANGES = (
    Column(Text("STT", "No."), 6, "whole"),
    Column(Text("Mã TTHC", "Procedure code"), 11, "centre"),
    Column(Text("Tên TTHC", "Procedure name"), 40),
    Column(Text("Bộ quản lý", "Ministry"), 16),
    *_pair(_DAYS),
    *_pair(_PAPERS),
    *_pair(_CONDITIONS),
    *_pair(_COST),
    Column(Text("Tỷ lệ cắt giảm chi phí", "Cost reduction"), 10, "percent2"),
    Column(Text("Phần dựa trên giả định", "Share assumed"), 10, "percent2"),
    Column(Text("Số hồ sơ một năm", "Dossiers a year"), 11, "whole"),
    Column(Text("Lý do thiếu số liệu", "Why a figure is missing"), 24),
)
_REASONS = {
    "no_channels": Text("chưa có cách thức nộp", "no way of submission is stated"),
    "no_limit": Text("không công bố thời hạn", "no time limit is published"),
    "no_unit": Text("thời hạn không ghi đơn vị", "the time limit has no unit"),
    "no_dossier": Text("chưa có thành phần hồ sơ", "no required documents are listed"),
    "not_marked": Text(
        "thành phần hồ sơ chưa được đánh dấu", "the required documents are not marked"
    ),
    "channel_shares": Text("tỷ lệ cách thức nộp cộng bằng 0", "channel shares add up to 0"),
    "fee_unreadable": Text(
        "phí, lệ phí chưa đọc được chắc chắn", "a fee could not be read for certain"
    ),
    "invalid_input": Text("số liệu đầu vào sai", "an input figure is wrong"),
}
_WHY = ("statutory_why", "documents_why", "cost_why")


def _why(row: Mapping[str, Any], language: str) -> str:
    """Return the reasons for missing figures in words; an unknown code as it is."""
    codes = [str(row.get(column, "") or "") for column in _WHY]
    return "; ".join(
        _REASONS[code].in_language(language) if code in _REASONS else code
        for code in dict.fromkeys(codes)
        if code
    )


def write_before_after(
    book: Workbook, before: pd.DataFrame, after: pd.DataFrame, language: str, tick: Tick
) -> None:
    """Write "Trước và sau": each procedure before and after the plan."""
    page = Page(book, "Trước và sau", _CHANGES, language)
    _title(
        page,
        Text(
            "SO SÁNH TRƯỚC VÀ SAU THEO TỪNG THỦ TỤC HÀNH CHÍNH",
            "Each procedure before and after the plan",
        ),
    )
    page.head()
    old = before.to_dict("records")
    new = after.reindex(before.index).to_dict("records")
    for number, (first, then) in enumerate(zip(old, new, strict=True), 1):
        cost, rest = float(first["cost_vnd"]), float(then["cost_vnd"])
        assumed = float(first["assumed_share"])
        page.line(
            (
                number,
                str(first["code"]),
                str(first["name"]),
                str(first["ministry"]),
                first["statutory_days"],
                then["statutory_days"],
                first["documents"],
                then["documents"],
                first["conditions"],
                then["conditions"],
                cost,
                rest,
                (cost - rest) / cost if cost > 0 else np.nan,
                assumed,
                first["dossiers_per_year"],
                _why(first, language),
            )
        )
        tick()
    page.finish(filters=True)


_UNMATCHED = (
    Column(Text("STT", "No."), 6, "whole"),
    Column(Text("Phụ lục", "Annex"), 9, "centre"),
    Column(Text("STT tại phụ lục", "No. in the annex"), 9, "centre"),
    Column(Text("Mã TTHC", "Procedure code"), 11, "centre"),
    Column(Text("Tên TTHC", "Procedure name"), 42),
    Column(Text("TPHS tại phụ lục", "Paper in the annex"), 32),
    Column(Text("Lý do chưa khớp", "Why it has no match"), 46),
    Column(Text("Xem tại", "Look at"), 18),
)


def write_unmatched(book: Workbook, plan: Plan, language: str, tick: Tick) -> None:
    """Write "Chưa khớp": rows of a resolution that met nothing, with the reason."""
    page = Page(book, "Chưa khớp", _UNMATCHED, language)
    _title(
        page,
        Text(
            "CÁC DÒNG CỦA PHỤ LỤC CHƯA KHỚP VỚI DANH MỤC",
            "Rows of the annexes without a match in the list",
        ),
    )
    page.head()
    for number, row in enumerate(plan.unmatched, 1):
        page.line(
            (
                number,
                row.annex,
                row.number,
                row.code,
                row.title,
                row.paper,
                row.reason.in_language(language),
                "\n".join((*row.requirements[:5], *row.procedures[:5])),
            )
        )
        tick()
    if not plan.unmatched:
        page.span(
            Text("Mọi dòng đều khớp.", "Every row has a match.").in_language(language), "text"
        )
    page.finish(filters=True)


_FAULTS = (
    Column(Text("STT", "No."), 7, "whole"),
    Column(Text("Mức độ", "Severity"), 11, "centre"),
    Column(Text("Vị trí", "Place"), 34),
    Column(Text("Giá trị như nguồn ghi", "Value as written"), 34),
    Column(Text("Vấn đề", "What is wrong"), 44),
    Column(Text("Cách xử lý", "Cure"), 34),
    Column(Text("Giá trị đề xuất", "Proposed value"), 16),
)


def write_faults(book: Workbook, faults: Sequence[Fault], language: str, tick: Tick) -> None:
    """Write "Chất lượng dữ liệu": faults, the gravest first, one group for each kind."""
    page = Page(book, "Chất lượng dữ liệu", _FAULTS, language)
    _title(page, Text("CHẤT LƯỢNG DỮ LIỆU", "Quality of the data"))
    page.head()
    groups: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.severity, fault.code), []).append(fault)
    rank = {severity: place for place, severity in enumerate(_SEVERITIES)}
    number = 0
    for (severity, code), own in sorted(
        groups.items(), key=lambda item: (rank[item[0][0]], -len(item[1]), item[0][1])
    ):
        word = _SEVERITIES[severity]
        cases = Text(f"{len(own)} trường hợp", f"{len(own)} cases").in_language(language)
        kind = f" ({code})" if code else ""
        page.group(
            f"{word.in_language(language).upper()}: {cases}. "
            f"{own[0].message.in_language(language)}{kind}"
        )
        for fault in own:
            if page.full:
                break
            number += 1
            page.line(
                (
                    number,
                    word.in_language(language),
                    fault.place,
                    fault.value,
                    fault.message.in_language(language),
                    fault.cure.in_language(language),
                    fault.proposal,
                )
            )
            tick()
    if not faults:
        page.span(Text("Không có lỗi nào.", "No fault was found.").in_language(language), "text")
    if number < len(faults):
        left = len(faults) - number
        page.group(
            Text(
                f"Còn {left} dòng không ghi được vì hết số dòng của Excel.",
                f"{left} more rows are over Excel's limit of rows.",
            ).in_language(language)
        )
    page.finish(filters=True)
