"""Who issues a paper: acts of procedures, words of papers, officers' decisions."""

from __future__ import annotations

import pandas as pd
import pytest

from procsim.errors import InvalidValue, UnreadableInput
from procsim.marking import mark
from procsim.marking.issuers import (
    DECISION_COLUMNS,
    FAMILIES,
    SINGLE_PAPERS,
    act_of,
    issuers,
    paper_words,
    read_issuer_decisions,
    special_words,
)
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types


@pytest.mark.parametrize(
    ("name", "act"),
    [
        ("Cấp thẻ căn cước", "first"),
        ("Thủ tục đăng ký khai sinh", "first"),
        ("Đề nghị cấp giấy phép", "first"),
        ("Thủ tục cấp, cấp lại, điều chỉnh Giấy chứng nhận", "first"),
        ("Thành lập Văn phòng công chứng", "first"),
        ("Cấp lại thẻ căn cước", "change"),
        ("Cấp đổi giấy phép lái xe", "change"),
        ("Gia hạn Giấy phép khai thác", "change"),
        ("Đăng ký thay đổi nội dung đăng ký doanh nghiệp", "change"),
        ("Thủ tục đăng ký lại khai sinh", "change"),
        ("Cấp bản sao Trích lục hộ tịch", "change"),
        ("Đăng ký cấp Giấy chứng nhận hành nghề (cấp lại)", "change"),
        ("Thu hồi giấy phép", "end"),
        ("Thông báo chấm dứt hoạt động", "end"),
        ("Đề nghị thu hồi Giấy chứng nhận", "end"),
        ("Hỗ trợ dự án liên kết", "other"),
        ("", "other"),
    ],
)
def test_act_of_a_procedure(name, act):
    assert act_of(name) == act


def test_words_that_tell_a_paper_apart():
    row = "a) Bản sao Giấy chứng nhận đủ điều kiện kinh doanh thuốc thú y do Cục Thú y cấp (nếu có)"
    found = paper_words(row, "giấy chứng nhận đủ điều kiện")
    assert found == {"đủ", "điều", "kiện", "kinh", "doanh", "thuốc", "thú", "y"}
    assert paper_words("Giấy phép", "giấy phép") == set()


def test_special_variants():
    assert special_words("Đăng ký khai sinh có yếu tố nước ngoài tại khu vực biên giới") == {
        "yếu tố nước ngoài",
        "biên giới",
    }
    assert special_words("Đăng ký khai sinh") == set()


def test_single_papers_and_families_are_of_the_catalogue():
    assert set(document_types().index) >= SINGLE_PAPERS | FAMILIES
    assert not SINGLE_PAPERS & FAMILIES


def portfolio_of(*results: tuple[str, str]) -> Portfolio:
    """Return procedures by name, each with one result."""
    ids = [f"1.00000{n}" for n in range(1, len(results) + 1)]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {"id": ids, "name": [name for name, _ in results], "ministry": "Bộ Công an"}
            ),
            "results": pd.DataFrame(
                {
                    "id": [f"{key}/o1" for key in ids],
                    "procedure": ids,
                    "name": [name for _, name in results],
                }
            ),
        }
    )


def test_results_are_read_like_dossier_rows():
    marked = mark(
        portfolio_of(
            ("Cấp thẻ căn cước", "Thẻ căn cước"),
            ("Cấp lại hộ chiếu", "Hộ chiếu phổ thông"),
            ("Thủ tục khác", "Văn bản trả lời"),
        )
    )
    made = issuers(marked)
    assert made[["procedure", "document_type", "act"]].values.tolist() == [
        ["1.000001", "can_cuoc", "first"],
        ["1.000002", "ho_chieu", "change"],
    ]
    assert made["words"].tolist() == ["thẻ căn cước", "hộ chiếu phổ thông"]
    assert (made["confidence"] > 0.75).all()
    assert not made["review"].any()


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("Cấp giấy phép lái xe", "Văn bản từ chối cấp giấy phép lái xe"),
        ("Cấp giấy phép lái xe", "Quyết định thu hồi giấy phép lái xe"),
        ("Thu hồi giấy phép lái xe", "Giấy phép lái xe"),
        ("Giao kết hợp đồng", "Hợp đồng mua bán"),
    ],
)
def test_refusals_withdrawals_and_private_papers_issue_nothing(name, result):
    portfolio = portfolio_of((name, result))
    kind = "hop_dong" if "Hợp đồng" in result else "giay_phep_lai_xe"
    entered = portfolio.replace(results=portfolio.results.assign(types=kind))
    assert len(issuers(entered)) == 0


def test_a_type_that_an_officer_entered_is_certain():
    portfolio = portfolio_of(("Cấp sổ", "Sổ theo mẫu mới"))
    entered = portfolio.replace(results=portfolio.results.assign(types="so_bhxh"))
    made = issuers(entered)
    assert made[["document_type", "confidence", "words"]].values.tolist() == [["so_bhxh", 1.0, ""]]


HEAD = ",".join(DECISION_COLUMNS)


def test_decisions_are_read_with_who_when_and_why(tmp_path):
    file = tmp_path / "issuers.csv"
    file.write_text(
        f'{HEAD}\nho_chieu,,,1.001456,Trần A,2026-02-01,"Cấp tỉnh,\ntheo Luật"\n', encoding="utf-8"
    )
    made = read_issuer_decisions(file)
    assert made.columns.tolist() == list(DECISION_COLUMNS)
    assert made.loc[0, ["issuer", "procedure", "reason"]].tolist() == [
        "1.001456",
        "",
        "Cấp tỉnh,\ntheo Luật",
    ]


def test_all_wrong_cells_of_decisions_at_once(tmp_path):
    file = tmp_path / "issuers.csv"
    file.write_text(f"{HEAD}\nho_chieux,,,x,,01/02/2026,\n,,,,A,2026-02-01,lý do\n", "utf-8")
    with pytest.raises(InvalidValue) as caught:
        read_issuer_decisions(file)
    assert [(fault.code, fault.place) for fault in caught.value.faults] == [
        ("issuers.required", "issuers.csv › dòng 2 › decided_by"),
        ("issuers.required", "issuers.csv › dòng 2 › reason"),
        ("issuers.type", "issuers.csv › dòng 2 › document_type"),
        ("issuers.date", "issuers.csv › dòng 2 › decided_on"),
        ("issuers.required", "issuers.csv › dòng 3 › document_type"),
    ]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe\x00", None])
def test_files_that_are_no_decisions(tmp_path, content):
    file = tmp_path / "issuers.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UnreadableInput, match="quyết định"):
        read_issuer_decisions(file)
