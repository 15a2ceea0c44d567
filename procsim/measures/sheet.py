"""The compliance-cost sheet (Biểu mẫu tính chi phí tuân thủ) in words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Text
from procsim.language.formatting import format_number, format_number_en
from procsim.measures.arrays import Bools, Rows, equal
from procsim.measures.base import ASSUMED, Figures
from procsim.measures.lines import CLASSES, METHODS, Lines, channel_methods, paper_class
from procsim.model.portfolio import Portfolio

__all__ = ["COLUMNS", "GROUPS", "REASONS", "sheet_rows"]

COLUMNS = (
    "procedure",
    "group",
    "position",
    "work",
    "activity",
    "hours",
    "hourly_vnd",
    "services_vnd",
    "fees_vnd",
    "weight",
    "cost_vnd",
    "mark",
    "note",
    "expected_vnd",
    "source",
)

GROUPS = {
    1: Text("Chuẩn bị hồ sơ", "Preparing the dossier"),
    2: Text("Nộp hồ sơ", "Submitting the dossier"),
    3: Text("Nộp phí, lệ phí, chi phí khác", "Paying phí, lệ phí and other costs"),
    4: Text(
        "Chuẩn bị, phục vụ việc kiểm tra, đánh giá của cơ quan có thẩm quyền",
        "Preparing for and attending inspection by the authority",
    ),
    5: Text("Công việc khác", "Other work"),
    6: Text("Nhận kết quả", "Collecting the result"),
}

# Why a figure is missing: the codes of statutory_why, documents_why, cost_why, assumed_why, why.
REASONS = {
    "no_channels": Text("chưa có cách thức nộp hồ sơ", "no way of submission is listed"),
    "no_limit": Text("không quy định thời hạn giải quyết", "no time limit is stated"),
    "no_unit": Text(
        "thời hạn có số nhưng không đọc được đơn vị",
        "the limit is a number without a readable unit",
    ),
    "no_dossier": Text("chưa có thành phần hồ sơ", "no dossier is listed"),
    "not_marked": Text(
        "còn dòng hồ sơ chưa phân loại (đơn, giấy tờ hay ghi chú)",
        "a dossier row is not yet marked as form, document or note",
    ),
    "channel_shares": Text(
        "tỷ lệ hồ sơ của các cách thức nộp cộng lại bằng 0",
        "the shares of the channels add up to 0",
    ),
    "fee_unreadable": Text(
        "có mức phí, lệ phí không đọc được", "an amount of phí or lệ phí cannot be read"
    ),
    "invalid_input": Text(
        "có số nhập không hợp lệ (số âm, hoặc tỷ lệ ngoài 0–1)",
        "an entry is impossible (a negative number, a share outside 0–1)",
    ),
    "no_steps": Text("chưa có bước thực hiện", "no step is listed"),
    "no_step_days": Text("không bước nào ghi thời gian", "no step states its days"),
    "step_circle": Text(
        "các bước chờ nhau thành vòng", "the steps wait for each other in a circle"
    ),
    "no_volume": Text("chưa có số lượng hồ sơ mỗi năm", "no yearly volume is stated"),
    "no_times": Text(
        "có số đối tượng nhưng thiếu số lần mỗi năm", "subjects are stated, times a year are not"
    ),
    "no_subjects": Text(
        "có số lần mỗi năm nhưng thiếu số đối tượng", "times a year are stated, subjects are not"
    ),
    "no_content": Text(
        "chỉ có tên thủ tục, chưa có nội dung", "only the name is listed, without any content"
    ),
    "cost_unknown": Text("chưa tính được chi phí", "the cost is not known"),
    "zero_cost": Text("chi phí bằng 0", "the cost is 0"),
    "before_zero": Text("giá trị trước bằng 0", "the value before is 0"),
    "nothing_known": Text(
        "không có thủ tục nào có đủ số liệu trước và sau",
        "no procedure is known both before and after",
    ),
}

_METHOD = {
    "counter": Text("Trực tiếp", "At the counter"),
    "post": Text("Dịch vụ bưu chính", "By post"),
    "online": Text("Trực tuyến", "Online"),
    "unknown": Text("Chưa rõ cách thức", "Way not known"),
    "": Text("Mọi cách thức", "Any way"),
}
_FEE = {
    "phi": Text("Phí", "Phí (charge for a service)"),
    "le_phi": Text("Lệ phí", "Lệ phí (state fee)"),
    "other": Text("Chi phí khác", "Other cost"),
    "unknown": Text("Khoản thu chưa rõ loại", "Charge of unknown kind"),
}
_PAYING = Text("Thực hiện nộp tiền", "Making the payment")
_RANK = {"": -1, "luật": 0, "công bố": 1, "nhập": 2, ASSUMED: 3}
_MARKS = np.array(["luật", "công bố", "nhập", ASSUMED], dtype=object)
_ENTERED = _RANK["nhập"]

Ranks = npt.NDArray[np.int64]


def _rank(marks: pd.Series) -> Ranks:
    """Return marks as ranks; a stated figure without a mark counts as entered."""
    ranks = marks.map(_RANK).to_numpy(dtype=np.int64, na_value=_ENTERED)
    return np.where(ranks < 0, _ENTERED, ranks)


def _default_rank(p: Figures, names: tuple[str, ...]) -> Ranks:
    return np.array([_RANK[p.mark(name)] for name in names], dtype=np.int64)


def _paper_ranks(
    portfolio: Portfolio, lines: Lines, kind: npt.NDArray[np.int8], p: Figures
) -> Ranks:
    """Return the weakest mark of what went into each line of group 1."""
    table = portfolio.requirements
    hours_stated = table["hours"].notna().to_numpy()
    price_stated = table["purchase_vnd"].notna().to_numpy()
    hours = np.where(hours_stated, _rank(table["hours_mark"]), _default_rank(p, CLASSES)[kind])
    hours = np.maximum(hours, _RANK[p.mark("gdp_per_head_vnd")])
    prices = _default_rank(p, ("price_certified_vnd", "price_copy_vnd"))
    price = np.where(
        price_stated, _rank(table["purchase_mark"]), np.where(kind == 1, prices[0], prices[1])
    )
    ranks = np.where(lines.hours != 0, hours, 0)
    ranks = np.maximum(ranks, np.where(lines.services != 0, price, 0))
    for column in ("share_needed", "share_held"):
        stated = table[column].notna().to_numpy()
        ranks = np.maximum(ranks, np.where(stated, _rank(table[f"{column}_mark"]), 0))
    return ranks


def _share_ranks(portfolio: Portfolio, channel: Rows) -> Ranks:
    """Return the mark of a channel's stated share; an unstated one is in `assumed`."""
    if not len(portfolio.channels):
        return np.zeros(len(channel), dtype=np.int64)
    table = portfolio.channels
    stated = np.where(table["share"].notna().to_numpy(), _rank(table["share_mark"]), 0)
    return np.where(channel >= 0, stated[np.maximum(channel, 0)], 0)


def _method_labels(portfolio: Portfolio, channel: Rows, language: str) -> list[str]:
    methods = portfolio.channels["method"].tolist()
    return [_METHOD[methods[k] if k >= 0 else ""].in_language(language) for k in channel]


def _paper_notes(portfolio: Portfolio, lines: Lines, language: str) -> list[str]:
    vi = language != "en"
    write = format_number if vi else format_number_en
    table = portfolio.requirements
    notes = []
    columns = ("status", "papers", "replaced", "coverage", "share_needed", "conditional")
    cells = [table[name].tolist() for name in columns]
    for status, papers, replaced, coverage, needed, conditional in zip(*cells, strict=True):
        parts = []
        if status == "dropped":
            parts.append("không còn phải nộp" if vi else "no longer asked for")
        if status == "merged":
            parts.append("đã gộp vào giấy tờ khác" if vi else "merged into another paper")
        if replaced > 0:
            of = write(1 if pd.isna(papers) else papers)
            text = f"{write(replaced)}/{of} " + (
                "giấy tờ thay bằng dữ liệu" if vi else "papers replaced by data"
            )
            if not pd.isna(coverage):
                text += f" ({'độ phủ' if vi else 'coverage'} {write(coverage)})"
            parts.append(text)
        if conditional or not pd.isna(needed):
            parts.append("chỉ một số người nộp" if vi else "only some applicants")
        notes.append("; ".join(parts))
    return [notes[row] for row in lines.row]


def _fee_notes(portfolio: Portfolio, lines: Lines, language: str) -> list[str]:
    vi = language != "en"
    texts = portfolio.fees["amount_text"].tolist()
    notes = []
    for row, many, unread in zip(lines.row, lines.alternatives, lines.unread, strict=True):
        parts = []
        if many > 1:
            parts.append(
                f"mức trung bình thấp trong {many} mức" if vi else f"lower-middle of {many} amounts"
            )
        if unread == many:
            reason = REASONS["fee_unreadable"].in_language(language)
            parts.append(f"{reason}: {texts[row]}" if texts[row] else reason)
        elif unread:
            parts.append(f"{unread} mức không đọc được" if vi else f"{unread} could not be read")
        notes.append("; ".join(parts))
    return notes


def _block(
    portfolio: Portfolio, p: Figures, lines: Lines, active: Bools, language: str
) -> pd.DataFrame:
    """Return the shown lines of one block with their words and marks."""
    empty = [""] * len(lines.row)
    hourly_rank = _RANK[p.mark("gdp_per_head_vnd")]
    ranks = np.where(lines.hours != 0, hourly_rank, 0)
    ways = _method_labels(portfolio, lines.channel, language)
    if lines.group == 1:
        table = portfolio.requirements
        kind = paper_class(portfolio, equal(table["kind"], "form"))
        ranks = _paper_ranks(portfolio, lines, kind, p)
        activity, notes = table["name"].tolist(), _paper_notes(portfolio, lines, language)
        position, source = table["position"].to_numpy(), table.index
    elif lines.group == 3:
        table = portfolio.fees
        ranks = np.maximum(ranks, _share_ranks(portfolio, lines.channel))
        if lines.paying:
            paying = (_default_rank(p, ("hours_pay_fee",))[0], _PAYING.in_language(language))
            ranks = np.maximum(ranks, paying[0])
            labels, notes = [paying[1]] * len(empty), empty
        else:
            ranks = np.maximum(ranks, _rank(table["mark"])[lines.row])
            kinds = table["kind"].tolist()
            labels = [_FEE[kinds[row]].in_language(language) for row in lines.row]
            notes = _fee_notes(portfolio, lines, language)
        activity = [f"{label} – {way}" for label, way in zip(labels, ways, strict=True)]
        position = table["position"].to_numpy()[lines.row]
        source = table.index[lines.row]
    else:
        table = portfolio.channels
        verb = "submit" if lines.group == 2 else "collect"
        used = _default_rank(p, tuple(f"hours_{verb}_{name}" for name in METHODS))
        method = channel_methods(portfolio)
        ranks = np.maximum(ranks, np.where(lines.hours != 0, used[method], 0))
        ranks = np.maximum(ranks, _share_ranks(portfolio, lines.channel))
        price = _default_rank(p, ("price_post_vnd",))[0]
        ranks = np.maximum(ranks, np.where(lines.services != 0, price, 0))
        activity, notes = ways, empty
        position, source = table["position"].to_numpy(), table.index
    ranks = np.where(lines.assumed, _RANK[ASSUMED], np.minimum(ranks, _ENTERED))
    made = pd.DataFrame(
        {
            "procedure": lines.owner,
            "group": lines.group,
            "position": position,
            "work": GROUPS[lines.group].in_language(language),
            "activity": activity,
            "hours": lines.hours,
            "hourly_vnd": float(p.hourly_income_vnd),
            "services_vnd": lines.services,
            "fees_vnd": lines.fees,
            "weight": lines.weight,
            "cost_vnd": lines.cost,
            "mark": np.where(np.isnan(lines.cost), "", _MARKS[ranks]),  # no figure, no mark
            "note": notes,
            "expected_vnd": lines.expected,
            "source": np.asarray(source),
        }
    )
    return made[lines.shown & active[lines.owner]]


def _lacking(procedures: Rows, group: int, code: str, p: Figures, language: str) -> pd.DataFrame:
    """Return a line without amount for each procedure that lacks a whole group."""
    return pd.DataFrame(
        {
            "procedure": procedures,
            "group": group,
            "position": 0,
            "work": GROUPS[group].in_language(language),
            "activity": "",
            "hours": np.nan,
            "hourly_vnd": float(p.hourly_income_vnd),
            "services_vnd": np.nan,
            "fees_vnd": 0.0,
            "weight": 1.0,
            "cost_vnd": np.nan,
            "mark": "",
            "note": REASONS[code].in_language(language),
            "expected_vnd": np.nan,
            "source": "",
        },
        index=np.arange(len(procedures)),
    )


def sheet_rows(
    portfolio: Portfolio,
    p: Figures,
    blocks: tuple[Lines, ...],
    active: Bools,
    lacking: Mapping[str, Rows],
    language: str,
) -> pd.DataFrame:
    """Return the sheet of all procedures, sorted by procedure, group and position."""
    parts = [_block(portfolio, p, lines, active, language) for lines in blocks]
    parts.append(_lacking(lacking["no_dossier"], 1, "no_dossier", p, language))
    parts += [_lacking(lacking["no_channels"], g, "no_channels", p, language) for g in (2, 6)]
    filled = [part for part in parts if len(part)]
    sheet = pd.concat(filled or parts[-1:], ignore_index=True)[list(COLUMNS)]
    sheet = sheet.sort_values(["procedure", "group", "position"], kind="stable")
    owner = sheet["procedure"].to_numpy(dtype=np.intp)
    ids = np.asarray(portfolio.procedures.index, dtype=object)
    sheet["procedure"] = pd.Series(ids[owner], index=sheet.index, dtype=object).astype("str")
    return sheet.reset_index(drop=True)
