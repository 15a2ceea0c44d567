"""What marking writes into a portfolio, whose decisions it keeps, how it explains itself."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from procsim import cli
from procsim.errors import UnknownName
from procsim.marking import (
    Matcher,
    VariantMatcher,
    available,
    default_matcher,
    explain,
    mark,
    mark_lines,
    replaceable,
)
from procsim.marking.rows import RULES, case_kind
from procsim.marking.spelling import BREAK, catalogue_phrases, expand, spell
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types
from tests.marking.conftest import build
from tests.shared import SHARED, needs_shared

NAMES = [
    "Đơn đề nghị cấp thẻ",
    "Bản sao thẻ căn cước",
    "Phiếu lý lịch tư pháp; bằng tốt nghiệp đại học",
    "Số lượng hồ sơ: 01 bộ",
    "Hợp đồng thuê nhà (nếu có)",
]


def test_requirements_are_filled_and_the_input_is_left_alone():
    portfolio = build(NAMES)
    before = portfolio.requirements.copy()
    made = mark(portfolio).requirements
    pd.testing.assert_frame_equal(portfolio.requirements, before)
    assert made["kind"].tolist() == ["form", "document", "document", "note", "document"]
    assert made["papers"].tolist() == [1.0, 1.0, 2.0, 0.0, 1.0]
    assert made["relation"].tolist()[2] == "all"
    assert made["conditional"].tolist() == [False, False, False, False, True]


def test_marking_gives_tables_of_the_schema_and_is_idempotent():
    marked = mark(build(NAMES))
    again = Portfolio.from_tables(
        {name: frame for name, frame in marked.tables.items() if len(frame)}
    )
    assert again.equals(marked)
    assert mark(marked).equals(marked)


def test_marks_carry_database_basis_and_words():
    marks = mark(build(["Bản sao thẻ căn cước"])).marks
    listed = marks[marks["class"] == "listed"]
    assert listed["database"].tolist() == ["csdl_dan_cu"]
    assert "Điều 4" in listed["legal_basis"].iloc[0]
    assert listed["words"].iloc[0] == "thẻ căn cước"
    assert listed["source"].iloc[0] == "rule"
    assert listed["since"].iloc[0] >= "2025-12-01"


def test_a_type_that_no_database_holds_is_marked_none():
    marks = mark(build(["Giấy ủy quyền"])).marks
    assert marks["class"].tolist() == ["none"]
    assert marks["database"].tolist() == [""]


def test_open_clause_never_counts_as_replaced():
    portfolio = mark(build(["Bằng tốt nghiệp đại học"]))
    assert set(portfolio.marks["class"]) == {"open"}
    assert replaceable(portfolio).tolist() == ["no"]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 6, 1), "no"),
        (date(2026, 6, 1), "full"),
        (date(2027, 6, 1), "no"),
        (None, "full"),
    ],
)
def test_the_resolution_holds_from_and_until_its_dates(day, expected):
    portfolio = mark(build(["Phiếu lý lịch tư pháp"]), on=day)
    assert replaceable(portfolio, on=day).tolist() == [expected]


def test_foreigners_papers_are_not_replaced_by_row_case_or_procedure():
    health = "Giấy khám sức khỏe"
    assert replaceable(mark(build([health]))).tolist() == ["full"]
    assert replaceable(mark(build([f"{health} của người nước ngoài"]))).tolist() == ["no"]
    assert replaceable(mark(build([health], case="Đối với người nước ngoài"))).tolist() == ["no"]
    about = "Cấp giấy phép lao động cho người nước ngoài"
    assert replaceable(mark(build([health], procedure=about))).tolist() == ["no"]
    firm = "Giấy chứng nhận đăng ký doanh nghiệp"
    assert replaceable(mark(build([firm], procedure=about))).tolist() == ["full"]
    assert available("phieu_lltp", ("foreigner",)) == ()


def test_rows_for_vietnamese_and_foreigners_stay_open():
    case = "Đối với người Việt Nam, người nước ngoài có thẻ thường trú"
    assert replaceable(mark(build(["Giấy phép lái xe"], case=case))).tolist() == ["full"]


def test_land_certificates_say_that_residential_land_comes_first():
    portfolio = mark(build(["Giấy chứng nhận quyền sử dụng đất"]))
    assert replaceable(portfolio).tolist() == ["full"]
    text = explain(portfolio, "1.000001/c1/r1")
    assert "đất ở" in text.vi.lower()


def officer(portfolio, requirement, document_type):
    marks = pd.DataFrame(
        [
            {
                "id": f"{requirement}/m1",
                "requirement": requirement,
                "document_type": document_type,
                "database": "csdl_lltp",
                "class": "listed",
                "source": "officer",
                "decided_by": "Nguyễn A",
                "decided_on": "2026-02-01",
            }
        ]
    )
    tables = {name: frame for name, frame in portfolio.tables.items() if len(frame)}
    requirements = portfolio.requirements.copy()
    requirements.loc[requirement, ["kind", "types", "papers"]] = ["document", document_type, 1.0]
    return Portfolio.from_tables({**tables, "requirements": requirements, "marks": marks})


def test_an_officers_decision_wins_and_stays():
    first = "1.000001/c1/r1"
    portfolio = officer(build(["Đơn đề nghị cấp thẻ", "Thẻ căn cước"]), first, "phieu_lltp")
    marked = mark(mark(portfolio))
    assert marked.requirements.at[first, "types"] == "phieu_lltp"
    assert marked.requirements.at[first, "kind"] == "document"
    own = marked.marks[marked.marks["requirement"] == first]
    assert own["decided_by"].tolist() == ["Nguyễn A"]
    assert replaceable(marked).tolist() == ["full", "full"]
    line = next(iter(mark_lines(marked)))
    assert (line["confidence"], line["review"]) == (1.0, False)
    assert "Nguyễn A" in explain(marked, first).vi
    assert "An officer has decided" in explain(marked, first).en


def test_headings_and_remarks_among_the_cases():
    assert case_kind("* Giấy tờ phải nộp:") == "section"
    assert case_kind("Giấy tờ phải xuất trình") == "section"
    assert case_kind("Bao gồm") == "section"
    assert case_kind("Thành phần hồ sơ:") == "section"
    assert case_kind("* Lưu ý :") == "note"
    assert case_kind("Trường hợp cấp lại do mất") == "case"
    assert case_kind("") == "case"


def test_rows_under_a_remark_are_notes():
    row = "Bản sao giấy tờ phải rõ nét, đầy đủ"
    portfolio = mark(build([row], case="* Lưu ý:", quantity=0))
    assert portfolio.cases["kind"].tolist() == ["note"]
    assert portfolio.requirements["kind"].tolist() == ["note"]


def test_results_get_types_from_the_same_matcher():
    results = pd.DataFrame(
        [
            {
                "id": "1.000001/o1",
                "procedure": "1.000001",
                "position": 1,
                "name": "Giấy phép lái xe",
            },
            {"id": "1.000001/o2", "procedure": "1.000001", "position": 2, "name": "Lời cảm ơn"},
        ]
    )
    marked = mark(build(["Đơn đề nghị"], results=results))
    assert marked.results["types"].tolist() == ["giay_phep_lai_xe", ""]


def test_explain_says_words_rule_and_basis_in_both_languages():
    portfolio = build(["Bản tự thuật, phiếu lý lịch tư pháp của giám đốc"])
    text = explain(portfolio, "1.000001/c1/r1")
    assert "phiếu lý lịch tư pháp" in text.vi
    assert "Điều 4 khoản 8" in text.vi
    assert "một phần" in text.vi
    assert "a part of the row" in text.en
    assert "Điều 4 khoản 8" in text.en


def test_explain_knows_no_other_row():
    with pytest.raises(UnknownName, match="Không có thành phần hồ sơ này"):
        explain(build(["Đơn đề nghị"]), "9.999999/c1/r1")


def test_another_matcher_can_take_the_place_of_the_rules():
    class Nothing:
        def match(self, names):
            return default_matcher().match(["Không quy định"] * len(names))

    assert isinstance(Nothing(), Matcher)
    assert isinstance(default_matcher(), VariantMatcher)
    assert mark(build(NAMES), matcher=Nothing()).requirements["kind"].unique().tolist() == ["note"]


def test_an_empty_portfolio_is_marked():
    empty = mark(Portfolio.from_tables({}))
    assert len(empty.marks) == 0
    assert list(mark_lines(empty)) == []


def test_phrases_of_the_room_are_written_in_the_one_spelling():
    ids = set(document_types().index)
    for phrase, document_type in catalogue_phrases(document_types()):
        assert spell(phrase).text == phrase, phrase
        assert document_type in ids | {""}


def test_choices_expand_to_plain_phrases():
    assert expand("(giấy |)chứng nhận (a|b)") == (
        "giấy chứng nhận a", "giấy chứng nhận b", "chứng nhận a", "chứng nhận b",
    )  # fmt: skip


def test_every_rule_has_its_sentence():
    seen = {m.reading.rule for m in default_matcher().match(NAMES)}
    assert seen <= set(RULES)
    assert all(text.vi and text.en for text in RULES.values())


# -- line breaks


@needs_shared
def test_case_01_through_the_command_line(capsys):
    shown = []
    for file in ("broken", "oneline"):
        path = SHARED / "cases" / "01-line-break-in-paper-name" / f"{file}.xlsx"
        assert cli.main(["plan", str(path), "--resolution", "66.7"]) == 0
        shown.append(capsys.readouterr().out)
    assert "9 thành phần hồ sơ thay bằng dữ liệu" in shown[0]
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    "name",
    [
        "Bản sao có chứng thực Giấy khai sinh của trẻ em",
        "Giấy chứng nhận đăng ký doanh nghiệp (bản sao)",
        "01 bản chính Phiếu lý lịch tư pháp số 1",
        "Giấy phép lái xe hạng B2 hoặc hộ chiếu còn thời hạn",
        "Văn bản ủy quyền theo quy định",
        "Đơn đề nghị cấp lại thẻ bảo hiểm y tế",
        "GIẤY CHỨNG NHẬN KẾT HÔN",
        "Hóa đơn bán hàng",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", " \n\n", "\u2028"])
def test_a_line_break_inside_a_name_changes_nothing(name, end):
    words = name.split(" ")
    broken = [" ".join(words[:at]) + end + " ".join(words[at:]) for at in range(1, len(words))]
    assert {spell(text) for text in broken} == {spell(name)}


@pytest.mark.parametrize(
    "lines",
    [
        ["Đơn đề nghị", "Bản sao giấy khai sinh", "Giấy khám sức khỏe"],
        ["đơn đề nghị", "giấy khám sức khỏe"],
        ["- Giấy khai sinh", "- hộ chiếu"],
        ["a) Đơn", "b) Giấy khai sinh"],
        ["Giấy khai sinh;", "bản sao hộ chiếu"],
        ["Ảnh 4x6", "02 bản sao căn cước công dân"],
        ["Giấy khai sinh", "Lưu ý: nộp bản sao"],
        ["Bản sao:", "hộ chiếu"],
    ],
)
def test_a_line_break_between_papers_parts_them(lines):
    assert spell("\n".join(lines)).text.count(BREAK) == len(lines) - 1
