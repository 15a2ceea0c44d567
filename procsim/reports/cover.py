"""The first sheet: what was measured, the result, and on what it rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from openpyxl import Workbook

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.measures import rate
from procsim.model.portfolio import Portfolio
from procsim.reforms.plan import Plan
from procsim.reports.page import Column, Page, beside, counted

__all__ = ["Counts", "write_cover"]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the other sheets hold, for the cover."""

    replaced: int
    dropped: int
    other: int
    faults: int


_COLUMNS = (
    Column(Text("Chỉ tiêu", "Measure"), 44),
    Column(Text("Đơn vị", "Unit"), 17, "centre"),
    Column(Text("Trước", "Before"), 18, "number"),
    Column(Text("Sau", "After"), 18, "number"),
    Column(Text("Cắt giảm", "Saved"), 18, "number"),
    Column(Text("Tỷ lệ cắt giảm", "Reduction"), 13, "percent2"),
    Column(Text("Số TTHC có số liệu", "Procedures with data"), 13, "whole"),
    Column(Text("Số TTHC chưa có số liệu", "Procedures without data"), 14, "whole"),
)
_ROWS = (
    (
        "statutory_days",
        Text("Thời hạn giải quyết (cộng các TTHC)", "Time limits, summed over procedures"),
        Text("ngày làm việc", "working days"),
        "number",
    ),
    (
        "documents",
        Text(
            "Thành phần hồ sơ tính theo văn bản (giấy tờ được thay bằng dữ liệu không tính)",
            "Required documents, official count (papers replaced by data not counted)",
        ),
        Text("giấy tờ", "papers"),
        "number",
    ),
    (
        "documents_expected",
        Text(
            "Thành phần hồ sơ dự kiến phải nộp trên thực tế (theo độ phủ dữ liệu)",
            "Required documents expected in practice (by coverage of the data)",
        ),
        Text("giấy tờ", "papers"),
        "number",
    ),
    (
        "conditions",
        Text("Yêu cầu, điều kiện", "Conditions"),
        Text("điều kiện", "conditions"),
        "number",
    ),
    (
        "cost_vnd",
        Text(
            "Chi phí tuân thủ, mỗi thủ tục tính một lần",
            "Compliance cost, each procedure done once",
        ),
        Text("đồng", "VND"),
        "whole",
    ),
    (
        "cost_expected_vnd",
        Text(
            "Chi phí tuân thủ dự kiến trên thực tế (độ phủ dữ liệu, Điều 8), mỗi thủ tục một lần",
            "Compliance cost expected in practice (coverage, Điều 8), each procedure once",
        ),
        Text("đồng", "VND"),
        "whole",
    ),
    (
        "cost_year_vnd",
        Text("Chi phí tuân thủ một năm", "Compliance cost in a year"),
        Text("đồng/năm", "VND/year"),
        "whole",
    ),
)
_MARKS = (
    ("luật", Text("theo văn bản quy phạm pháp luật", "stated by a legal text")),
    ("công bố", Text("số liệu đã được công bố", "a published figure")),
    ("nhập", Text("do người dùng nhập", "entered by the user")),
    (
        "giả định",
        Text(
            "giả định của chương trình, sửa được, không phải số liệu chính thức",
            "an assumption of the program, editable, not an official figure",
        ),
    ),
)


def _percent(value: float, language: str) -> str:
    write = format_number if language == "vi" else format_number_en
    return f"{write(value * 100, 2)} %"


def _dateline(on: date | None) -> Text:
    if on is None:
        return Text("…, ngày … tháng … năm …", "Date: …")
    # Nghị định 30/2020/NĐ-CP: days under 10 and the months 1 and 2 get a leading zero.
    month = f"{on.month:02d}" if on.month < 3 else str(on.month)
    return Text(f"Ngày {on.day:02d} tháng {month} năm {on.year}", f"{on.isoformat()}")


def _result_rows(page: Page, before: pd.DataFrame, after: pd.DataFrame) -> None:
    page.head()
    later = after.reindex(before.index)
    for column, label, unit, style in _ROWS:
        old = before[column].to_numpy(dtype=float, na_value=np.nan)
        new = later[column].to_numpy(dtype=float, na_value=np.nan)
        known = ~(np.isnan(old) | np.isnan(new))
        total = float(old[known].sum()) if known.any() else np.nan
        rest = float(new[known].sum()) if known.any() else np.nan
        page.line(
            (
                label.in_language(page.language),
                unit.in_language(page.language),
                total,
                rest,
                total - rest,
                rate(total, rest),
                int(known.sum()),
                int((~known).sum()),
            ),
            ("text", "centre", style, style, style, "percent2", "whole", "whole"),
        )


def _basis(before: pd.DataFrame, language: str) -> Sequence[str]:
    """Say how the cost counts and how much of it is assumed."""
    volumes = int(before["dossiers_per_year"].notna().sum())
    cost = before["cost_vnd"].to_numpy(dtype=float, na_value=np.nan)
    share = before["assumed_share"].to_numpy(dtype=float, na_value=np.nan)
    used = ~np.isnan(cost) & ~np.isnan(share) & (cost > 0)
    lines = [
        Text(
            "Tỷ lệ cắt giảm = (tổng trước − tổng sau) / tổng trước, tính trên tổng của các TTHC "
            "có số liệu cả trước và sau; không phải bình quân của các tỷ lệ.",
            "Reduction = (total before − total after) / total before, on the totals of the "
            "procedures with data before and after; never a mean of percents.",
        )
    ]
    if volumes == 0:
        lines.append(
            Text(
                "Danh mục chưa có số lượng hồ sơ một năm: chi phí tuân thủ là của mỗi thủ tục "
                "tính một lần, không phải chi phí một năm.",
                "The list has no yearly volumes: compliance cost counts each procedure once, "
                "it is not a cost per year.",
            )
        )
    else:
        lines.append(
            Text(
                f"Chi phí một năm chỉ tính trên {counted(volumes, 'vi')} TTHC có số lượng hồ sơ "
                "một năm; dòng “mỗi thủ tục tính một lần” tính trên mọi TTHC có chi phí.",
                f"The cost per year covers the {counted(volumes, 'en')} procedures with a yearly "
                "volume; the line “each procedure once” covers all with a cost.",
            )
        )
    if used.any():
        assumed = float((cost[used] * share[used]).sum() / cost[used].sum())
        lines.append(
            Text(
                f"{_percent(assumed, 'vi')} chi phí tuân thủ trước cải cách dựa trên giả định "
                "(định mức giờ, giá dịch vụ), cần thay bằng số liệu khảo sát.",
                f"{_percent(assumed, 'en')} of the compliance cost before the reform rests on "
                "assumptions (hours, prices), to be replaced by surveyed figures.",
            )
        )
    else:
        lines.append(
            Text(
                "Chưa tính được chi phí tuân thủ nên chưa có tỷ lệ dựa trên giả định.",
                "No compliance cost could be computed, so no share of assumptions is known.",
            )
        )
    return [line.in_language(language) for line in lines]


def write_cover(
    book: Workbook,
    portfolio: Portfolio,
    plan: Plan,
    before: pd.DataFrame,
    after: pd.DataFrame,
    counts: Counts,
    *,
    on: date | None,
    language: str,
) -> None:
    """Write the sheet "Tổng quan".

    Parameters
    ----------
    on
        Date printed on the plan; None leaves the line open.
    """
    page = Page(book, "Tổng quan", _COLUMNS, language)
    _letterhead(page, plan, on)
    _section(page, Text("I. Phạm vi", "Scope"))
    _facts(page, _scope(portfolio, plan, counts, language))
    page.span("", "body")
    _section(page, Text("II. Kết quả", "Result"))
    _result_rows(page, before, after)
    page.span("", "body")
    _section(page, Text("III. Cơ sở tính", "Basis"))
    for line in _basis(before, language):
        page.span(f"– {line}", "body")
    if plan.note:
        vi, _, en = plan.note.partition(" / ")
        page.span(f"– {en if language == 'en' and en else vi}", "body")
    page.span("", "body")
    _section(page, Text("IV. Ký hiệu nguồn số liệu", "Marks of the figures"))
    _facts(page, [(Text(mark, mark), text.in_language(language)) for mark, text in _MARKS])
    page.finish(table=False)


def _letterhead(page: Page, plan: Plan, on: date | None) -> None:
    """Write the heading of an official text, laid out after Nghị định 30/2020/NĐ-CP."""
    last = len(_COLUMNS)
    page.row += 1
    page.fill("TÊN CƠ QUAN, ĐƠN VỊ", "motto", 1, 2)
    page.fill("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "motto", 4, last)
    page.row += 1
    page.fill("Độc lập - Tự do - Hạnh phúc", "motto", 4, last)
    page.row += 1
    page.fill(beside(_dateline(on), page.language), "italic line", 4, last)
    page.span("", "body")
    page.span("PHƯƠNG ÁN CẮT GIẢM, ĐƠN GIẢN HÓA THỦ TỤC HÀNH CHÍNH", "title")
    if page.language == "en":
        page.span("Plan to cut and simplify administrative procedures", "italic line")
    if plan.name:
        version = Text("phiên bản", "version").in_language(page.language)
        page.span(f"{plan.name} ({version} {plan.version})", "italic line")
    page.span("", "body")


def _section(page: Page, text: Text) -> None:
    page.span(text.vi if page.language == "vi" else f"{text.vi} / {text.en}", "section")


def _facts(page: Page, rows: Sequence[tuple[Text, str]]) -> None:
    for label, value in rows:
        page.row += 1
        page.fill(label.in_language(page.language), "label", 1, 1)
        page.fill(value, "body", 2, len(_COLUMNS))


def _scope(
    portfolio: Portfolio, plan: Plan, counts: Counts, language: str
) -> list[tuple[Text, str]]:
    """Return what was read and how much is proposed."""
    ministries = [m for m in dict.fromkeys(portfolio.procedures["ministry"]) if m]
    touched = {reform.procedure_id for reform in plan.reforms}
    unknown = Text("chưa ghi", "not stated").in_language(language)

    def number(value: int) -> str:
        return counted(value, language)

    return [
        (Text("Nguồn số liệu", "Source"), portfolio.source or unknown),
        (Text("Số TTHC trong danh mục", "Procedures in the list"), number(len(portfolio))),
        (Text("Số dòng thành phần hồ sơ", "Dossier rows"), number(len(portfolio.requirements))),
        (Text("Bộ quản lý", "Ministries"), "; ".join(ministries) or unknown),
        (
            Text("Số nội dung đề xuất", "Changes proposed"),
            _reform_counts(plan, counts, language),
        ),
        (Text("Số TTHC có đề xuất", "Procedures with a change"), number(len(touched))),
        (
            Text("Dòng phụ lục chưa khớp", "Annex rows without a match"),
            number(len(plan.unmatched)),
        ),
        (Text("Lỗi và cảnh báo số liệu", "Faults in the data"), number(counts.faults)),
    ]


def _reform_counts(plan: Plan, counts: Counts, language: str) -> str:
    whole, replaced, dropped, other = (
        counted(n, language)
        for n in (len(plan.reforms), counts.replaced, counts.dropped, counts.other)
    )
    return Text(
        f"{whole} (thay thế bằng dữ liệu: {replaced}; cắt giảm thành phần hồ sơ: {dropped}; "
        f"khác: {other})",
        f"{whole} (replaced by data: {replaced}; required documents cut: {dropped}; "
        f"other: {other})",
    ).in_language(language)
