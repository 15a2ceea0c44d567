"""A folder of CSV files: written for Excel and Git alike, and read back unchanged."""

from __future__ import annotations

import csv
from unittest.mock import patch

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import InvalidValue, ProcsimError, UnreadableInput
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers import folder as folder_module
from procsim.readers.folder import read_folder, write_folder
from tests.readers.strategies import nasty_texts

# The round trip of whole portfolios is drawn once for both formats, in test_workbook.py.


def named(*names: str) -> Portfolio:
    """Return a portfolio of procedures with these names."""
    rows = [
        {"id": f"1.00000{at}", "code": f"1.00000{at}", "name": name, "ministry": "Bộ Tư pháp"}
        for at, name in enumerate(names)
    ]
    return Portfolio.from_tables({"procedures": pd.DataFrame(rows)})


def write_csv(path, *lines: str) -> None:
    path.write_text("\n".join(lines), encoding="utf-8")


def test_folder_holds_a_file_for_each_table_that_excel_can_open(tmp_path):
    write_folder(named("Đăng ký khai sinh", "hai\ndòng"), tmp_path / "sâu" / "hơn")
    files = sorted(file.name for file in (tmp_path / "sâu" / "hơn").iterdir())
    assert files == sorted(f"{name}.csv" for name in TABLES)
    content = (tmp_path / "sâu" / "hơn" / "procedures.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfid,code,")
    assert content.count(b"\r\n") == 3
    assert list(read_folder(tmp_path / "sâu" / "hơn").procedures["name"])[1] == "hai\ndòng"


def test_empty_portfolio_as_folder(tmp_path):  # fault 47
    empty = Portfolio.from_tables({})
    write_folder(empty, tmp_path)
    assert read_folder(tmp_path).equals(empty)
    assert read_folder(tmp_path).faults == ()


def test_formulas_are_disarmed_in_csv_and_restored(tmp_path):  # fault 36
    texts = ["=1+1", "+84", "-5", "@x", "'=đã có dấu", " =2", "'thường", "bình thường"]
    portfolio = named(*texts)
    write_folder(portfolio, tmp_path)
    with (tmp_path / "procedures.csv").open(encoding="utf-8-sig", newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    assert names == [f"'{text}" for text in texts[:6]] + texts[6:]
    assert read_folder(tmp_path).equals(portfolio)


@given(nasty_texts())
def test_guarding_a_text_is_undone_and_leaves_no_formula(text):
    guarded = folder_module.guarded(text)
    assert folder_module._bare(guarded) == text
    assert guarded.lstrip()[:1] not in {"=", "+", "-", "@"}


@given(st.lists(st.sampled_from("'=+-@\t\n a"), max_size=6).map("".join))
def test_guarding_works_for_every_mix_of_signs(text):
    assert folder_module._bare(folder_module.guarded(text)) == text


def test_files_edited_by_hand(tmp_path):
    write_csv(
        tmp_path / "Thủ tục.csv",
        "Mã TTHC;Tên thủ tục hành chính;Bộ quản lý (cơ quan ban hành);Số lượng đối tượng tuân thủ"
        "/01 năm",
        "1.00422;Đăng ký thường trú;Bộ Công an;1.200.000",
        "1.001193;Đăng ký khai sinh;Bộ Tư pháp;nhiều",
    )
    write_csv(tmp_path / "channels.csv", "procedure,method", "1.004220,trực tuyến", "x,post")
    write_csv(tmp_path / "ghi chú.csv", "a,b", "1,2")
    (tmp_path / "README.txt").write_text("không đọc", encoding="utf-8")
    portfolio = read_folder(tmp_path)
    assert list(portfolio.procedures["subjects_per_year"])[:1] == [1_200_000.0]
    assert list(portfolio.channels.index) == ["1.004220/k1", "x/k1"]
    found = {fault.code: fault for fault in portfolio.faults}
    assert found["reader.unknown_sheet"].place == "ghi chú.csv"
    assert found["code.zeros_restored"].place == "Thủ tục.csv › A2 (1.00422)"
    assert found["number.not_a_number"].place == "Thủ tục.csv › D3 (1.001193)"
    assert "23,4" in found["number.not_a_number"].cure.vi
    assert (found["reader.dangling"].place, found["reader.dangling"].value) == (
        "channels.csv › A3 (x)",
        "x",
    )


def test_missing_and_foreign_folders_are_refused(tmp_path):
    with pytest.raises(UnreadableInput, match="Không có thư mục này"):
        read_folder(tmp_path / "không có")
    with pytest.raises(UnreadableInput, match="không có tệp CSV nào của procsim"):
        read_folder(tmp_path)
    write_csv(tmp_path / "cases.csv", "procedure,name", "1.001193,a")
    write_csv(tmp_path / "Trường hợp.csv", "procedure,name", "1.001193,a")
    codes = [fault.code for fault in read_folder(tmp_path).faults if fault.severity == "error"]
    assert codes == ["reader.duplicate_sheet", "reader.missing_sheet", "reader.dangling"]


def test_all_broken_files_are_named_at_once(tmp_path):
    (tmp_path / "procedures.csv").write_bytes("mã,tên\nĐăng,ký".encode("cp1258", "replace"))
    (tmp_path / "cases.csv").write_bytes(b"id,name\n1,\xc4")
    with pytest.raises(UnreadableInput) as caught:
        read_folder(tmp_path)
    places = {fault.place.split(" › ")[0] for fault in caught.value.faults}
    assert places == {"procedures.csv", "cases.csv"}


def test_text_too_long_for_a_field_is_refused_before_writing(tmp_path):  # fault 35
    long = named("a" * 100_000)
    write_folder(long, tmp_path)
    assert read_folder(tmp_path).equals(long)
    with pytest.raises(InvalidValue, match="một ô CSV chỉ chứa"):
        write_folder(named("a" * 200_000), tmp_path / "mới")
    assert not (tmp_path / "mới").exists()


def test_folder_that_cannot_be_made(tmp_path):  # fault 50
    (tmp_path / "tệp").write_text("", encoding="utf-8")
    with pytest.raises(ProcsimError, match="Không tạo được thư mục"):
        write_folder(named("a"), tmp_path / "tệp")


def test_interrupted_writing_leaves_the_old_files(tmp_path):  # fault 62
    write_folder(named("cũ"), tmp_path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with patch("csv.writer", full), pytest.raises(ProcsimError, match="Ổ đĩa đã đầy"):
        write_folder(named("mới"), tmp_path)
    assert list(read_folder(tmp_path).procedures["name"]) == ["cũ"]
    assert not [file for file in tmp_path.iterdir() if file.suffix == ".tmp"]
