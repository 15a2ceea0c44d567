"""The first sheet: what was measured, the result, and on what it rests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from procsim.errors import Text
from procsim.language.i18n import t
from procsim.reforms.plan import Plan
from procsim.reports.cells import MISSING, Formula, quoted
from procsim.reports.content import Content
from procsim.reports.formulas import reduction, saving
from procsim.reports.page import Book, Column, Page, Value, counted
from procsim.reports.register import PAIRS
from procsim.reports.scores import SHEET as SCORES
from procsim.reports.scores import VERDICTS, ScoreRow
from procsim.reports.sources import MARK_WORDS, NAMES
from procsim.reports.styles import percent_style

__all__ = ["SHEET", "Counts", "write_cover"]

SHEET = "Tổng quan"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the other sheets hold, for the cover."""

    replaced: int
    dropped: int
    other: int
    texts: int


_COLUMNS = (
    Column(Text("Chỉ tiêu", "Measure"), 44),
    Column(Text("Đơn vị", "Unit"), 17, "centre"),
    Column(Text("Trước", "Before"), 20, "number"),
    Column(Text("Sau", "After"), 20, "number"),
    Column(Text("Cắt giảm", "Saved"), 18, "number"),
    Column(Text("Tỷ lệ cắt giảm", "Reduction"), 13, "percent2"),
    Column(Text("Số TTHC có số liệu", "Procedures with data"), 15, "whole"),
    Column(Text("Số TTHC chưa có số liệu", "Procedures without data"), 18, "whole"),
)
_ROWS = (
    (
        "ngay",
        Text("Thời hạn giải quyết (cộng các TTHC)", "Time limits, summed over procedures"),
        Text("ngày làm việc", "working days"),
        "number",
    ),
    (
        "giay",
        Text(
            "Thành phần hồ sơ tính theo văn bản (giấy tờ được thay bằng dữ liệu không tính)",
            "Required documents, official count (papers replaced by data not counted)",
        ),
        Text("giấy tờ", "papers"),
        "number",
    ),
    (
        "giaydk",
        Text(
            "Thành phần hồ sơ dự kiến phải nộp trên thực tế (theo độ phủ dữ liệu)",
            "Required documents expected in practice (by coverage of the data)",
        ),
        Text("giấy tờ", "papers"),
        "number",
    ),
    (
        "dk",
        Text("Yêu cầu, điều kiện", "Conditions"),
        Text("điều kiện", "conditions"),
        "number",
    ),
    (
        "cp",
        Text(
            "Chi phí tuân thủ, mỗi thủ tục tính một lần",
            "Compliance cost, each procedure done once",
        ),
        Text("đồng", "VND"),
        "whole",
    ),
    (
        "cpdk",
        Text(
            "Chi phí tuân thủ dự kiến trên thực tế (độ phủ dữ liệu, Điều 8), mỗi thủ tục một lần",
            "Compliance cost expected in practice (coverage, Điều 8), each procedure once",
        ),
        Text("đồng", "VND"),
        "whole",
    ),
    (
        "nam",
        Text("Chi phí tuân thủ một năm", "Compliance cost in a year"),
        Text("đồng/năm", "VND/year"),
        "whole",
    ),
)
_TARGET_HEADS = (
    (Text("Chỉ tiêu", "Target"), 1, 4),
    (Text("Đạt được", "Reached"), 5, 5),
    (Text("Phải đạt", "Target value"), 6, 6),
    (Text("Kết luận", "Verdict"), 7, 8),
)
_GAP = 10.0  # points between two parts
_SIGNATURE = (
    ("word.recipients", "word.signer", "motto"),
    ("word.archive", "word.signature", "italic line"),
)
_SHOWN = ("gdp_per_head_vnd", "working_hours_per_year", "hourly_income_vnd")


def _dateline(on: date | None, language: str) -> str:
    if on is None:
        return t("word.place_blank", language)
    # Nghị định 30/2020/NĐ-CP: days under 10 and the months 1 and 2 get a leading zero.
    month = f"{on.month:02d}" if on.month < 3 else str(on.month)
    return t("word.place", language, day=f"{on.day:02d}", month=month, year=str(on.year))


def _results(page: Page, content: Content) -> None:
    page.head()
    missing = quoted(MISSING.in_language(page.language))
    ids = [str(i) for i in content.before.index]
    for key, label, unit, style in _ROWS:
        old, new = content.pair(PAIRS[key][0], ids)
        known = ~(np.isnan(old) | np.isnan(new))
        total, rest = (float(v[known].sum()) if known.any() else math.nan for v in (old, new))
        row = page.row + 1
        flag = f"co_{key},1"
        sums = [
            Formula(f"IF(G{row}=0,{missing},SUMIFS({key}_{when},{flag}))", value)
            for when, value in (("truoc", total), ("sau", rest))
        ]
        page.line(
            (
                label.in_language(page.language),
                unit.in_language(page.language),
                *sums,
                saving(f"C{row}", f"D{row}", total, rest),
                reduction(f"C{row}", f"D{row}", total, rest),
                Formula(f"COUNTIFS({flag})", int(known.sum())),
                Formula(f"COUNTIFS(co_{key},0)", int((~known).sum())),
            ),
            ("text", "centre", style, style, style, "percent2", "whole", "whole"),
        )


def _verdicts(page: Page, scores: list[ScoreRow]) -> None:
    """Write the targets on rates with their verdicts, which the sheet of scores decides."""
    shown = [score for score in scores if score.kind == "rate"]
    page.next_row()
    for label, left, right in _TARGET_HEADS:
        page.fill(label.in_language(page.language), "head", left, right)
    first = page.row + 1
    for score in shown:
        page.next_row()
        style = percent_style(score.value, score.target)
        verdict = VERDICTS[score.verdict].in_language(page.language)
        at = f"'{SCORES}'!"
        page.fill(score.name.in_language(page.language), "text", 1, 4)
        page.put(5, Formula(f"{at}D{score.row}", score.value), style)
        page.put(6, Formula(f"{at}E{score.row}", score.target), "percent2")
        page.fill(Formula(f"{at}G{score.row}", verdict), "met", 7, 8)
    for verdict, text in VERDICTS.items():
        word = quoted(text.in_language(page.language))
        page.signal(f"G{first}:G{max(page.row, first)}", f"$G{first}={word}", verdict)


def _parameters(page: Page, content: Content) -> None:
    for key in _SHOWN:
        value = content.parameters.value(key)
        page.next_row()
        page.fill(value.name.in_language(page.language), "text", 1, 1)
        page.put(2, value.unit.in_language(page.language), "centre")
        page.put(3, Formula(NAMES[key], value.value), "whole")
        page.fill(f"{value.source.in_language(page.language)} ({value.mark})", "text", 4, 8)


def _assumed(page: Page, content: Content) -> None:
    """Write which share of the cost before the reform rests on assumptions."""
    cost = content.before["cost_vnd"].to_numpy(dtype=float, na_value=np.nan)
    share = content.before["assumed_share"].to_numpy(dtype=float, na_value=np.nan)
    used = ~np.isnan(cost) & ~np.isnan(share) & (cost > 0)
    value = float((cost[used] * share[used]).sum() / cost[used].sum()) if used.any() else math.nan
    missing = quoted(MISSING.in_language(page.language))
    total = 'SUMIFS(cp_truoc,cp_truoc,">0")'
    page.next_row()
    label = Text(
        "Phần chi phí tuân thủ trước cải cách dựa trên giả định",
        "Share of the compliance cost before that rests on assumptions",
    )
    page.fill(label.in_language(page.language), "text", 1, 1)
    page.put(2, "%", "centre")
    page.put(3, Formula(f"IF({total}>0,SUM(cp_gia_dinh)/{total},{missing})", value), "percent2")
    note = Text(
        "định mức giờ, giá dịch vụ chưa có số liệu khảo sát, cần thay bằng số liệu thực",
        "hours and prices without a survey, to be replaced by real figures",
    )
    page.fill(note.in_language(page.language), "text", 4, 8)


def _basis(content: Content) -> list[Text]:
    """Say how the figures count, and how the file was made."""
    volumes = int(content.before["dossiers_per_year"].notna().sum())
    lines = [
        Text(
            "Tỷ lệ cắt giảm = (tổng trước − tổng sau) / tổng trước, tính trên tổng của các TTHC "
            "có số liệu cả trước và sau; không phải bình quân của các tỷ lệ.",
            "Reduction = (total before − total after) / total before, on the totals of the "
            "procedures with data before and after; never a mean of percents.",
        ),
        Text(
            "Mọi số dẫn xuất là công thức; ô nền vàng nhạt là số liệu đầu vào, sửa ở đó thì tổng "
            "số, tỷ lệ và kết luận tính lại. Giá trị ghi sẵn cạnh công thức do procsim tính khi "
            "xuất tệp, nên chương trình không tính toán cũng đọc được số.",
            "Every derived figure is a formula; pale yellow cells are inputs: change them and "
            "totals, rates and verdicts follow. The values kept beside the formulas were computed "
            "by procsim at the export, so that readers that do not compute see figures.",
        ),
        Text(
            f"Bảng chi phí ghi từng dòng cho {counted(len(content.touched), 'vi')} TTHC có đề "
            f"xuất; {counted(len(content.untouched), 'vi')} TTHC giữ nguyên vào tổng bằng một số "
            "liệu, như nhau trước và sau.",
            f"The cost sheets have the lines of the {counted(len(content.touched), 'en')} "
            f"procedures touched; the other {counted(len(content.untouched), 'en')} enter the "
            "totals with one figure, the same before and after.",
        ),
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
    if content.plan.note:
        vi, _, en = content.plan.note.partition(" / ")
        lines.append(Text(vi, en or vi))
    return lines


def write_cover(book: Book, content: Content, counts: Counts, scores: list[ScoreRow]) -> None:
    """Write the sheet "Tổng quan"; its figures are formulas over the other sheets."""
    page = book.page(SHEET, _COLUMNS)
    _letterhead(page, content.plan, content.on)
    _section(page, Text("I. Phạm vi", "Scope"))
    _facts(page, _scope(content, counts))
    _gap(page)
    _section(page, Text("II. Kết quả", "Result"))
    _results(page, content)
    _gap(page)
    page.break_page()
    _section(page, Text("III. Đối chiếu chỉ tiêu về tỷ lệ", "Targets on rates"))
    _verdicts(page, scores)
    _gap(page)
    _section(page, Text("IV. Tham số chính", "Main parameters"))
    _parameters(page, content)
    _assumed(page, content)
    _gap(page)
    _section(page, Text("V. Cơ sở tính", "Basis"))
    for line in _basis(content):
        page.span(f"– {line.in_language(book.language)}", "body")
    marks = "; ".join(f"{mark}: {text.in_language(book.language)}" for mark, text in MARK_WORDS)
    label = Text("Ký hiệu nguồn số liệu", "Marks of the figures").in_language(book.language)
    page.span(f"– {label}: {marks}.", "body")
    _signature(page)
    page.finish(table=False)


def _signature(page: Page) -> None:
    """Write where to send it and the place of the signature."""
    _gap(page)
    for left, right, style in _SIGNATURE:
        page.next_row()
        page.fill(t(left, page.language), "body", 1, 2)
        page.fill(t(right, page.language), style, 4, len(_COLUMNS))


def _letterhead(page: Page, plan: Plan, on: date | None) -> None:
    """Write the heading of an official text, laid out after Nghị định 30/2020/NĐ-CP."""
    last = len(_COLUMNS)
    page.next_row(0.0)
    page.fill("TÊN CƠ QUAN, ĐƠN VỊ", "motto", 1, 2)
    page.fill("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "motto", 4, last)
    page.next_row(0.0)
    page.fill("Độc lập - Tự do - Hạnh phúc", "underlined motto", 4, last)
    page.next_row(0.0)
    page.fill(_dateline(on, page.language), "italic line", 4, last)
    _gap(page)
    page.span("PHƯƠNG ÁN CẮT GIẢM, ĐƠN GIẢN HÓA THỦ TỤC HÀNH CHÍNH", "title")
    if page.language == "en":
        page.span("Plan to cut and simplify administrative procedures", "italic line")
    if plan.name:
        version = Text("phiên bản", "version").in_language(page.language)
        page.span(f"{plan.name} ({version} {plan.version})", "italic line")
    _gap(page)


def _gap(page: Page) -> None:
    page.next_row(_GAP)
    page.put(1, "", "body")


def _section(page: Page, text: Text) -> None:
    page.span(text.vi if page.language == "vi" else f"{text.vi} / {text.en}", "section")


def _facts(page: Page, rows: list[tuple[Text, Value]]) -> None:
    for label, value in rows:
        page.next_row()
        page.fill(label.in_language(page.language), "label", 1, 1)
        page.fill(value, "body", 2, len(_COLUMNS))


def _scope(content: Content, counts: Counts) -> list[tuple[Text, Value]]:
    """Return what was read and how much is proposed."""
    portfolio, plan, language = content.portfolio, content.plan, content.language
    ministries = [m for m in dict.fromkeys(portfolio.procedures["ministry"]) if m]
    unknown = Text("chưa ghi", "not stated").in_language(language)

    def number(value: int) -> str:
        return counted(value, language)

    size = f"{number(len(portfolio))} TTHC; {number(len(portfolio.requirements))} "
    size += Text("dòng thành phần hồ sơ", "dossier rows").in_language(language)
    return [
        (Text("Nguồn số liệu", "Source"), portfolio.source or unknown),
        (Text("Quy mô danh mục", "Size of the list"), size),
        (Text("Bộ quản lý", "Ministries"), "; ".join(ministries) or unknown),
        (Text("Số nội dung đề xuất", "Changes proposed"), _reform_counts(plan, counts, language)),
        (Text("Số TTHC có đề xuất", "Procedures with a change"), number(len(content.touched))),
        (Text("Số văn bản cần sửa đổi", "Legal texts to amend"), number(counts.texts)),
        (
            Text("Dòng phụ lục chưa khớp", "Annex rows without a match"),
            number(len(plan.unmatched)),
        ),
        (Text("Lỗi và cảnh báo số liệu", "Faults in the data"), number(len(content.faults))),
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
