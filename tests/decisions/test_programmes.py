"""Programme tags: what the law and the columns give, what officers' lists add."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from procsim.decisions import read_tag_lists, tag, tagged
from procsim.errors import InvalidValue, UnreadableInput
from procsim.model.portfolio import Portfolio
from procsim.reference import programmes, resolution_66_7
from tests.shared import SHARED, needs_shared


def portfolio_of(codes: list[str], **columns: list[str]) -> Portfolio:
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": codes, "code": codes, "name": "T", "ministry": "Bộ A", **columns}
            )
        }
    )


def tags(portfolio: Portfolio) -> list[str]:
    return portfolio.procedures["tags"].tolist()


def annex_code(annex: str) -> str:
    rows = resolution_66_7()
    return str(rows.loc[rows["annex"] == annex, "code"].iloc[0])


def test_law_and_columns_give_their_tags_and_nothing_else_is_guessed():
    first, second = annex_code("I"), annex_code("II")
    portfolio = portfolio_of(
        [first, second, "9.999999"],
        online=["full", "partial", "unknown"],
        boundary_free=["no", "yes", "unknown"],
    )
    made = tag(portfolio)
    assert tags(made)[0] == "nq66_7_annex_1;fully_online"
    assert "nq66_7_annex_2" in tags(made)[1].split(";")
    assert "boundary_free" in tags(made)[1].split(";")
    assert tags(made)[2] == ""
    assert tags(portfolio) == ["", "", ""]  # the portfolio given stays as it is
    assert made.faults == ()


def test_a_programme_holds_only_while_it_is_in_force():
    portfolio = portfolio_of([annex_code("I")])
    assert tags(tag(portfolio, on=dt.date(2025, 12, 31))) == [""]
    assert tags(tag(portfolio, on=dt.date(2026, 1, 1))) == ["nq66_7_annex_1"]
    assert tags(tag(portfolio, on=dt.date(2027, 3, 1))) == [""]


def test_named_lists_join_by_the_repaired_code_and_report_what_is_not_there():
    portfolio = portfolio_of(["1.098760", "1.000002"])
    made = tag(portfolio, {"vneid_324": ["1,09876", "1.999998"], "nq66_business": ["1.000002"]})
    assert tags(made) == ["vneid_324", "nq66_business"]
    (fault,) = made.faults
    assert (fault.value, fault.severity, fault.place) == (
        "1.999998", "warning", "tag › lists › vneid_324",
    )  # fmt: skip
    again = tag(made, {"vneid_324": ["1.999998"]})
    assert tags(again) == tags(made)  # what was tagged stays
    assert len(again.faults) == 1  # the same warning is not said twice


def test_a_known_column_goes_before_a_list_and_an_unknown_one_leaves_it():
    portfolio = portfolio_of(["1.000001", "1.000002"], online=["none", "unknown"])
    made = tag(portfolio, {"fully_online": ["1.000001", "1.000002"]})
    assert tags(made) == ["", "fully_online"]


def test_wrong_tags_and_codes_are_refused_all_at_once():
    with pytest.raises(InvalidValue) as caught:
        tag(portfolio_of(["1.000001"]), {"vneid": ["1.000001"], "vneid_324": ["mã số 5"]})
    words = caught.value.in_language("vi")
    assert len(caught.value.faults) == 2
    assert "Chọn một trong: vneid_324, data_services_25" in words
    assert "Mã TTHC không đúng dạng. [mã số 5]" in words
    with pytest.raises(InvalidValue, match="Không có thẻ"):
        tag(portfolio_of(["1.000001"]), {"nq66_7_annex_3": ["1.000001"]})


def test_a_list_file_as_excel_saves_it(tmp_path):
    path = tmp_path / "danh-sach.csv"
    path.write_bytes("\ufeffcode;tag\r\n1.09876;vneid_324\r\n\r\n1.000002;vneid_324\r\n".encode())
    assert read_tag_lists(path) == {"vneid_324": ["1.09876", "1.000002"]}
    assert tags(tag(portfolio_of(["1.098760"]), path)) == ["vneid_324"]


def test_broken_list_files_are_named(tmp_path):
    path = tmp_path / "danh-sach.csv"
    path.write_text("code,thẻ\n1.000001,vneid_324\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match="Thiếu cột tag"):
        read_tag_lists(path)
    path.write_text("code,tag\n1.000001,\n,vneid_324\n", encoding="utf-8")
    with pytest.raises(InvalidValue) as caught:
        read_tag_lists(path)
    assert [fault.value for fault in caught.value.faults] == ["1.000001", "vneid_324"]
    with pytest.raises(UnreadableInput):
        read_tag_lists(tmp_path / "không-có.csv")


def test_tagged_needs_the_whole_name():
    made = portfolio_of(["1.000001", "1.000002"], tags=["fully_online;vneid_324", "vneid_3244"])
    assert tagged(made, "vneid_324").tolist() == [True, False]
    assert tagged(made, "").tolist() == [False, False]


@needs_shared
def test_real_records_carry_the_annexes(records):
    made = tag(records)
    counts = {name: int(tagged(made, name).sum()) for name in programmes().index}
    rows = pd.read_csv(SHARED / "nq66_7" / "phuluc1.csv", dtype=str, keep_default_na=False)
    listed = set(rows["ma_tthc_chuan_hoa"])
    assert counts["nq66_7_annex_1"] == sum(code in listed for code in made.procedures["code"]) > 0
    assert counts["vneid_324"] == counts["data_services_25"] == counts["fully_online"] == 0
