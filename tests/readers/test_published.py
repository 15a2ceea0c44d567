"""A number beside a published text: read where it agrees, flagged where it contradicts it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from procsim import cli
from procsim.model.check import accept_proposals
from procsim.model.portfolio import Portfolio
from procsim.readers import read, read_workbook, write_workbook
from tests.readers.strategies import save_book
from tests.shared import SHARED, needs_shared

HEAD = ["Mã TTHC", "Tên thủ tục hành chính", "Bộ quản lý (cơ quan ban hành)"]
LIMITS = ["Thủ tục", "Cách thức nộp", "Thời hạn như công bố", "Thời hạn (số)", "Đơn vị thời hạn"]
FEES = ["Thủ tục", "Loại khoản thu", "Mức thu như công bố", "Mức thu (đồng)"]
CODE = "1.200000"


def book(path: Path, **sheets: list[list]) -> Portfolio:
    """Return what is read from a workbook of one procedure and these sheets."""
    titles = {name.replace("_", " "): rows for name, rows in sheets.items()}
    return read_workbook(
        save_book(path / "t.xlsx", {"Thủ tục": [HEAD, [CODE, "TT", "Bộ A"]]} | titles)
    )


def limit(path: Path, text: str, number: object, unit: str, note: str = "") -> pd.Series:
    rows = [[*LIMITS, "Mô tả"], [CODE, "trực tiếp", text, number, unit, note]]
    return book(path, Cách_thức=rows).channels.iloc[0]


def fee(path: Path, text: str, number: object, note: str = "") -> pd.Series:
    rows = [[*FEES, "Ghi chú khoản thu"], [CODE, "phí", text, number, note]]
    return book(path, Phí_lệ_phí=rows).fees.iloc[0]


@needs_shared
def test_case_05_through_the_command_line(capsys):
    path = SHARED / "cases" / "05-workbook-text-and-number" / "in.xlsx"
    assert cli.main(["check", str(path)]) == 1
    shown = capsys.readouterr().out
    for cell, words in (
        ("'Cách thức' › D2 (1.200000)", "30 Ngày làm việc"),
        ("'Cách thức' › D3 (1.200001)", "khác đơn vị"),
        ("'Cách thức' › D6 (1.200004)", "không có đơn vị"),
        ("'Phí lệ phí' › D2 (1.200000)", "Có phải là 50.000 đồng"),
        ("'Phí lệ phí' › D3 (1.200001)", "hai loại tiền"),
        ("'Phí lệ phí' › D6 (1.200004)", "khác nhau theo tỉnh"),
    ):
        line = next(line for line in shown.splitlines() if cell in line)
        assert words in line
    portfolio = read(path)
    channels, fees = portfolio.channels, portfolio.fees
    assert channels["limit_value"].iloc[2:4].tolist() == [30.0, 30.0]
    assert channels["limit_unit"].iloc[2:4].tolist() == ["working_day"] * 2
    assert fees["amount_vnd"].dropna().tolist() == [2e6, 2e6]


@pytest.mark.parametrize(
    ("text", "number", "unit", "value", "read_unit", "flag"),
    [
        # agree
        ("15 ngày làm việc", 15, "ngày làm việc", 15, "working_day", ""),
        ("03 (ba) ngày làm việc", 3, "ngày làm việc", 3, "working_day", ""),
        ("60 phút", 1, "giờ", 1, "hour", ""),
        ("Ngay trong ngày", 1, "ngày làm việc", 1, "working_day", ""),
        ("Theo quy định của Luật Đất đai", 20, "ngày", 20, "day", ""),
        # contradict
        ("07 ngày", 7, "ngày làm việc", 7, "working_day", "limit.unit_differs"),
        ("Không quá 30 ngày kể từ ngày nhận", 20, "ngày", 20, "day", "limit.differs_from_text"),
        ("10", 1, "ngày", 1, "day", "limit.differs_from_text"),
        ("Không quy định", 5, "ngày", 5, "day", "limit.differs_from_text"),
        ("5 - 7 ngày làm việc", 5, "ngày làm việc", 5, "working_day", "limit.differs_from_text"),
        ("ít nhất 10 ngày", 10, "ngày", 10, "day", "limit.lower_bound"),
        # the words alone
        ("20 ngày làm việc", "", "", 20, "working_day", ""),
        ("10", "", "ngày", 10, "day", ""),
        ("Không quy định", "", "", None, "", "limit.not_stated"),
        # words in the number cell
        ("", "02 giờ", "giờ", 2, "hour", ""),
        ("", "Trong ngày", "", None, "working_day", "limit.same_day"),
        ("", "15 ngày", "ngày làm việc", None, "working_day", "limit.unit_differs"),
        ("20 ngày", "15 ngày", "", 15, "day", "limit.differs_from_text"),
        # no unit
        ("", 30, "", None, "", "limit.bare_number"),
        ("30 ngày", 30, "", None, "day", "limit.unit_from_text"),
    ],
)
def test_limits(tmp_path, text, number, unit, value, read_unit, flag):
    row = limit(tmp_path, text, number, unit)
    assert (row["limit_value"] if value else pd.isna(row["limit_value"])) == (value or True)
    assert (row["limit_unit"], row["limit_flag"]) == (read_unit, flag)


def test_the_description_is_held_against_the_number_too(tmp_path):
    row = limit(tmp_path, "", 5, "ngày", "Thời hạn giải quyết: 12 ngày kể từ ngày nhận hồ sơ")
    assert (row["limit_flag"], row["limit_proposed"]) == ("limit.differs_from_text", 12.0)


@pytest.mark.parametrize(
    ("text", "number", "amount", "flag", "proposed"),
    [
        ("50.000đ/trang", 50_000, 50_000, "", None),
        ("1,5 triệu đồng", 1_500_000, 1_500_000, "", None),
        ("Miễn phí", 0, 0, "", None),
        ("Theo Thông tư 25/2021/TT-BTC", 50_000, 50_000, "", None),
        ("", 0, 0, "", None),
        ("200.000 VNĐ", "200", None, "fee.thousandth", 200_000),
        ("", 50, None, "fee.thousandth", 50_000),
        ("1,5 triệu đồng", 15_000_000, None, "fee.differs_from_note", 1_500_000),
        ("50.000", 5_000, None, "fee.differs_from_note", 50_000),
        ("100.000 đồng", 0, None, "fee.zero_but_note", 100_000),
        ("50 EUR", 50, None, "fee.currency_differs", None),
        ("25 USD", 650_000, None, "fee.currency_differs", None),
        ("", "25 USD", None, "fee.currency_differs", None),
        ("25 USD", "", None, "fee.foreign_currency", None),
        ("Theo Thông tư 25/2021/TT-BTC", 0, None, "fee.elsewhere", None),
        ("Do HĐND tỉnh quy định", 0, None, "fee.provincial", None),
        ("30.000 đồng/lần; 60.000 đồng/lần", 30_000, 30_000, "fee.one_of_several", None),
        ("", "50 nghìn đồng", 50_000, "", None),
        ("", "Không", 0, "", None),
        ("Phí: 75.000 đồng/hồ sơ", "", 75_000, "", None),
    ],
)
def test_fees(tmp_path, text, number, amount, flag, proposed):
    row = fee(tmp_path, text, number)
    read_amount = None if pd.isna(row["amount_vnd"]) else row["amount_vnd"]
    read_proposal = None if pd.isna(row["proposed_vnd"]) else row["proposed_vnd"]
    assert (read_amount, row["flag"], read_proposal) == (amount, flag, proposed)


def test_a_proposal_is_accepted_as_one_of_the_portal(tmp_path):
    portfolio = book(tmp_path, Phí_lệ_phí=[FEES, [CODE, "phí", "50.000 đồng", 50]])
    (fault,) = [fault for fault in portfolio.faults if fault.code == "fee.thousandth"]
    assert (fault.row, fault.proposal) == (f"{CODE}/f1", "50000")
    assert fault.place == "t.xlsx › Sheet 'Phí lệ phí' › D2 (1.200000)"
    assert accept_proposals(portfolio).fees["amount_vnd"].tolist() == [50_000.0]


def test_what_procsim_wrote_stays_and_a_contradiction_is_told(tmp_path):
    fees = {"id": "f", "procedure": CODE, "amount_text": "25 USD", "amount_vnd": 25.0}
    row = {"id": CODE, "code": CODE, "name": "TT", "ministry": "Bộ A"}
    kept = Portfolio.from_tables({"procedures": pd.DataFrame([row]), "fees": pd.DataFrame([fees])})
    write_workbook(kept, tmp_path / "a.xlsx")
    back = read_workbook(tmp_path / "a.xlsx")
    assert back.equals(kept)
    (fault,) = [fault for fault in back.faults if fault.code.startswith("fee.")]
    assert (fault.code, fault.severity) == ("fee.currency_differs", "warning")
    accepted = kept.replace(fees=kept.fees.assign(mark="nhập"))
    write_workbook(accepted, tmp_path / "b.xlsx")
    assert read_workbook(tmp_path / "b.xlsx").faults == ()
