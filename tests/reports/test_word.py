"""The Word annex: what an officer reads in it is what the measures say."""

from __future__ import annotations

import datetime as dt
import math
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

import procsim as ps
from procsim.cli import main
from procsim.errors import InvalidValue, ProcsimError, UnknownName
from procsim.language.formatting import format_number
from procsim.measures import measure, rate
from procsim.model.portfolio import Portfolio
from procsim.reforms import (
    AbolishProcedure,
    DropRequirement,
    MergeProcedures,
    Plan,
    ShortenLimit,
    apply,
)
from procsim.reports.word.annex import write_annex
from procsim.reports.word.page import plain
from procsim.reports.word.words import day, percent
from procsim.sample import load_sample, sample_path
from tests.reports.libreoffice import needs_writer

ON = dt.date(2026, 1, 15)
EMPTY = docx.Document()


def portfolio(**procedure: Any) -> Portfolio:
    """Return two procedures of two ministries; the first has a second case and a fee."""
    ids = ["1.000001", "1.000002"]
    head = {
        "id": ids,
        "code": ids,
        "name": ["Cấp giấy phép", "Đăng ký thường trú"],
        "ministry": ["Bộ Y tế", "Bộ Công an"],
        "audience": "business",
    }
    papers = ["1.000001/c1/r1", "1.000001/c1/r2", "1.000001/c2/r1", "1.000002/c1/r1"]
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame({**head, **procedure}),
            "cases": pd.DataFrame(
                {
                    "id": ["1.000001/c1", "1.000001/c2", "1.000002/c1"],
                    "procedure": ["1.000001", "1.000001", "1.000002"],
                    "position": [1, 2, 1],
                }
            ),
            "requirements": pd.DataFrame(
                {
                    "id": papers,
                    "procedure": [paper.split("/")[0] for paper in papers],
                    "case": [paper.rpartition("/")[0] for paper in papers],
                    "name": ["Giấy khai sinh;", "- Sơ yếu lý lịch", "Bản vẽ", "Tờ khai"],
                    "kind": "document",
                    "papers": 1.0,
                }
            ),
            "channels": pd.DataFrame(
                {
                    "id": [f"{i}/k1" for i in ids],
                    "procedure": ids,
                    "method": "counter",
                    "limit_value": [30.0, 10.0],
                    "limit_unit": "working_day",
                }
            ),
        }
    )


PLAN = Plan(
    [
        DropRequirement(
            "1.000001/c1/r2",
            reason="Thông tin đã có trong giấy khai sinh.",
            legal_text="Nghị định số 15/2020/NĐ-CP",
            legal_numbers=("15/2020/NĐ-CP",),
            article="Điểm b khoản 2 Điều 7",
            rank="nghi_dinh",
            signer="Chính phủ",
            owner="Vụ Pháp chế",
            lead="Bộ Y tế",
            due=dt.date(2026, 3, 1),
            product="Nghị định sửa đổi",
        ),
        ShortenLimit("1.000001", days=15, reason="Rút gọn khâu thẩm định."),
        ShortenLimit("1.000002", days=8),
    ],
    name="Đợt 1",
)


def written(path: Path, base: Portfolio | None = None, plan: Plan = PLAN, **options: Any) -> Any:
    """Write the annex and read it back."""
    made = portfolio() if base is None else base
    options = {"maps": 0, "charts": False, **options}
    return docx.Document(str(write_annex(made, plan, path / "a.docx", **options)))


@pytest.fixture(scope="module")
def annex(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the plan of this file, written without a date, maps or charts."""
    return written(tmp_path_factory.mktemp("annex"))


def texts(document: Any, style: str = "") -> list[str]:
    return [p.text for p in document.paragraphs if not style or p.style.name == style]


def block(document: Any, code: str) -> list[str]:
    """Return the paragraphs of one procedure, from its heading to the next."""
    found: list[str] = []
    inside = False
    for paragraph in document.paragraphs:
        if paragraph.style.name in ("Heading 1", "Heading 2", "Heading 3"):
            inside = paragraph.style.name == "Heading 3" and f"(mã số {code})" in paragraph.text
        if inside:
            found.append(paragraph.text)
    return found


# layout ----------------------------------------------------------------------------------------


def test_the_page_is_that_of_the_decree(annex):
    section = annex.sections[0]
    assert [round(x.mm) for x in (section.page_width, section.page_height)] == [210, 297]
    assert 30 <= round(section.left_margin.mm) <= 35
    assert 15 <= round(section.right_margin.mm) <= 20
    assert 20 <= round(section.top_margin.mm) <= 25
    assert 20 <= round(section.bottom_margin.mm) <= 25
    assert section.different_first_page_header_footer
    assert " PAGE " in section.header._element.xml
    assert section.header.paragraphs[0].style.paragraph_format.alignment == 1  # centre
    assert " PAGE " not in section.first_page_header._element.xml


def test_letters_are_times_new_roman_of_the_decrees_sizes(annex):
    for name in ("Normal", "Nội dung", "Heading 1", "Heading 3", "toc 2", "Ô chữ", "Quốc hiệu"):
        style = annex.styles[name]
        fonts = style.element.rPr.rFonts
        assert {fonts.get(qn(f"w:{s}")) for s in ("ascii", "hAnsi", "eastAsia", "cs")} == {
            "Times New Roman"
        }
        assert not [key for key in fonts.attrib if "Theme" in key]
    assert annex.styles["Nội dung"].font.size.pt == 13
    assert annex.styles["Tên văn bản"].font.size.pt == 14


def test_nothing_is_dressed_by_hand(annex):
    # Every look comes from a style, so that an officer changes it in one place.
    for paragraph in annex.paragraphs:
        assert paragraph.style.name != "Normal", paragraph.text
        for run in paragraph.runs:
            assert run.font.size is None
            assert run.font.bold is None
            assert run.font.name is None


def test_the_heading_leaves_open_what_the_officer_fills_in(annex, tmp_path):
    cells = [cell.text for cell in annex.tables[0].rows[0].cells]
    assert "Số: ……/……-……" in cells[0]
    assert cells[1].startswith("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc")
    assert "ngày …… tháng …… năm ……" in cells[1]
    assert texts(annex, "Tên văn bản")[0] == "PHƯƠNG ÁN"
    dated = written(tmp_path, on=dt.date(2026, 2, 3)).tables[0].rows[0].cells[1].text
    assert "ngày 03 tháng 02 năm 2026" in dated


def test_headings_are_numbered_by_their_styles_and_kept_with_what_follows(annex):
    for level in range(1, 5):
        style = annex.styles[f"Heading {level}"]
        number = style.element.pPr.numPr
        assert number.ilvl.val == level - 1
        assert style.paragraph_format.keep_with_next
    numbering = annex.part.numbering_part.element
    (own,) = (n for n in numbering if n.get(qn("w:abstractNumId")) == "90")
    assert [e.get(qn("w:val")) for e in own.iter(qn("w:lvlText"))] == [
        "Phần %1.",
        "%2.",
        "%3.",
        "%4)",
    ]
    assert [e.get(qn("w:val")) for e in own.iter(qn("w:numFmt"))] == [
        "upperRoman",
        "upperRoman",
        "decimal",
        "lowerLetter",
    ]


def test_the_contents_stand_there_without_an_update(annex):
    entries = [p for p in annex.paragraphs if p.style.name.startswith("toc ")]
    shown = ["".join(t.text for t in p._p.iter(qn("w:t"))).rstrip("…") for p in entries]
    assert shown == [
        "Phần I. Kết quả chung",
        "I. Phạm vi",
        "II. Kết quả cắt giảm",
        "III. Đối chiếu với chỉ tiêu được giao",
        "Phần II. Nội dung phương án",
        "I. LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ Y TẾ (1 TTHC)",
        "1. Cấp giấy phép (mã số 1.000001)",
        "II. LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ CÔNG AN (1 TTHC)",
        "1. Đăng ký thường trú (mã số 1.000002)",
    ]
    xml = annex.element.xml
    assert ' TOC \\o "1-3" \\h \\z \\u ' in xml
    links = set(re.findall(r'w:anchor="(_Toc\d+)"', xml))
    assert links == set(re.findall(r'<w:bookmarkStart [^>]*w:name="(_Toc\d+)"', xml))
    assert xml.count('fldCharType="begin"') == xml.count('fldCharType="end"')
    assert "w:updateFields" in annex.settings.element.xml


def test_tables_repeat_their_heads_and_rows_are_not_torn(annex):
    tables = annex.tables[1:-1]  # between the letterhead and the signature
    assert len(tables) == 3
    for table in tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    captions = texts(annex, "Caption")
    assert [c.split(".")[0] for c in captions] == ["Bảng 1", "Bảng 2", "Bảng 3"]


# content ---------------------------------------------------------------------------------------


def test_a_block_has_its_three_parts_in_the_words_of_the_plan(annex):
    found = block(annex, "1.000001")
    assert found[:14] == [
        "Cấp giấy phép (mã số 1.000001)",
        "Nội dung đơn giản hóa, lý do",
        "- Bãi bỏ thành phần hồ sơ “Sơ yếu lý lịch”.",
        "- Rút ngắn thời hạn giải quyết của thủ tục 1.000001 xuống còn 15 ngày làm việc.",
        "Lý do: Thông tin đã có trong giấy khai sinh.",
        "Lý do: Rút gọn khâu thẩm định.",
        "Kiến nghị thực thi",
        "- Sửa đổi, bổ sung quy định tại điểm b khoản 2 Điều 7 Nghị định số 15/2020/NĐ-CP.",
        "- Chưa ghi điểm, khoản, điều, văn bản phải sửa đổi.",
        (
            "- Cơ quan chịu trách nhiệm: Bộ Y tế; người, đơn vị thực hiện: Vụ Pháp chế; sản phẩm: "
            "Nghị định sửa đổi; thẩm quyền ban hành: Chính phủ; thời hạn hoàn thành: 01/3/2026."
        ),
        (
            "- Cơ quan chịu trách nhiệm: chưa ghi; người, đơn vị thực hiện: chưa ghi; sản phẩm: "
            "chưa ghi; thẩm quyền ban hành: chưa ghi; thời hạn hoàn thành: chưa ghi."
        ),
        "Lợi ích phương án đơn giản hóa",
        found[12],
        found[13],
    ]
    assert "- Thời hạn giải quyết: từ 30 xuống còn 15 ngày làm việc (giảm 15 ngày, 50\u00a0%)." in (
        found
    )
    assert "- Thành phần hồ sơ: từ 2 xuống còn 1 (giảm 1, 50\u00a0%)." in found
    other = block(annex, "1.000002")
    assert "Lý do: chưa ghi" in other
    assert not any("Thành phần hồ sơ: từ" in line for line in other)  # it does not change


@pytest.mark.parametrize("yearly", [False, True])
def test_the_four_figures_are_those_of_the_measures(tmp_path, yearly):
    volumes = {"times_per_year": 2.0, "subjects_per_year": 50.0} if yearly else {}
    base = portfolio(**volumes)
    before, after = measure(base), measure(apply(base, PLAN))
    document = written(tmp_path, base)
    column, unit = ("cost_year_vnd", "đồng/năm") if yearly else ("cost_vnd", "đồng")
    for code in base.procedures.index:
        old, new = (frame.at[code, column] for frame in (before, after))
        assert not math.isnan(old)
        lines = block(document, code)
        assert (
            f"- Chi phí tuân thủ TTHC trước khi đơn giản hóa: {format_number(old, 0)} {unit}."
            in (lines)
        )
        assert f"- Chi phí tuân thủ TTHC sau khi đơn giản hóa: {format_number(new, 0)} {unit}." in (
            lines
        )
        assert f"- Chi phí tiết kiệm: {format_number(old - new, 0)} {unit}." in lines
        assert f"- Tỷ lệ cắt giảm chi phí: {percent(rate(old, new), 'vi')}." in lines
        assert any("dựa trên giả định" in line for line in lines)
        assert any("tính cho một lần thực hiện" in line for line in lines) is not yearly


def test_what_is_missing_is_said_with_its_reason(tmp_path):
    base = portfolio()
    base = base.replace(channels=base.channels.iloc[:0])
    lines = block(written(tmp_path, base, Plan([DropRequirement("1.000001/c1/r2")])), "1.000001")
    assert (
        "- Chi phí tuân thủ TTHC trước khi đơn giản hóa: chưa có số liệu "
        "(chưa có cách thức nộp hồ sơ)."
    ) in lines
    assert "- Chi phí tiết kiệm: chưa có số liệu." in lines
    assert "- Tỷ lệ cắt giảm chi phí: chưa có số liệu." in lines
    assert "- Thời hạn giải quyết: chưa có số liệu (chưa có cách thức nộp hồ sơ)." in lines


def test_the_summary_is_that_of_the_comparison(annex):
    table = annex.tables[1]
    rows = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in table.rows}
    # 30 + 10 days become 15 + 8.
    assert rows["Thời hạn giải quyết"] == [
        *("ngày làm việc", "40", "23", "17", "42,5\u00a0%", "2/2")
    ]
    assert rows["Thành phần hồ sơ"] == ["giấy tờ", "3", "2", "1", "33,33\u00a0%", "2/2"]
    assert rows["Chi phí tuân thủ một năm"][1:] == ["chưa có số liệu", "–", "–", "–", "0/2"]


def test_a_change_outside_the_base_case_is_told_and_drawn(annex, tmp_path):
    plan = Plan([DropRequirement("1.000001/c2/r1")])
    document = written(tmp_path, plan=plan, maps="all")
    assert any("ngoài trường hợp cơ sở" in line for line in block(document, "1.000001"))
    assert len(document.inline_shapes) == 1
    assert not any("ngoài trường hợp cơ sở" in line for line in block(annex, "1.000001"))


def test_the_roadmap_gives_its_dates_only_from_a_given_day(tmp_path):
    plan = Plan([ShortenLimit("1.000001", percent=50, rank="thong_tu")])
    assert not any("Lộ trình" in line for line in block(written(tmp_path, plan=plan), "1.000001"))
    lines = block(written(tmp_path, plan=plan, on=ON), "1.000001")
    assert any(
        line.startswith("- Lộ trình: dự kiến thực hiện từ ngày 15/4/2026.") for line in lines
    )
    unknown = Plan([ShortenLimit("1.000001", percent=50)])
    lines = block(written(tmp_path, plan=unknown, on=ON), "1.000001")
    assert any("chưa xác định được ngày thực hiện" in line for line in lines)


def test_a_reform_of_several_procedures_stands_in_the_block_of_each(tmp_path):
    plan = Plan([MergeProcedures("1.000001", merged=("1.000002",))])
    document = written(tmp_path, plan=plan)
    for code in ("1.000001", "1.000002"):
        (line,) = (x for x in block(document, code) if x.startswith("- Gộp"))
        assert "1.000002 (Đăng ký thường trú)" in line


def test_maps_are_drawn_for_as_many_procedures_as_asked(tmp_path):
    for maps, count in ((0, 0), (1, 1), ("all", 2)):
        document = written(tmp_path, maps=maps)
        assert len(document.inline_shapes) == count
        told = list(document._element.iter(qn("wp:docPr")))
        assert [p.get("descr").split(" (mã")[0] for p in told] == [
            "Sơ đồ thủ tục Cấp giấy phép",
            "Sơ đồ thủ tục Đăng ký thường trú",
        ][:count]
        assert sum(text.startswith("Sơ đồ thủ tục: Hình") for text in texts(document)) == count
        said = "\n".join(texts(document))
        assert ("1 thủ tục đầu tiên trên tổng số 2" in said) == (count == 1)
        for shape in document.inline_shapes:
            assert shape.width <= Mm(160.1)
            assert shape.height <= Mm(257)


def test_charts_of_the_results_are_pictures_with_words(tmp_path):
    document = written(tmp_path, charts=True, maps=1)
    captions = [c for c in texts(document, "Caption") if c.startswith("Hình")]
    assert [c.split(".")[0] for c in captions] == ["Hình 1", "Hình 2", "Hình 3"]
    assert "Sơ đồ thủ tục: Hình 3." in texts(document)
    with zipfile.ZipFile(tmp_path / "a.docx") as parts:
        images = [parts.read(n) for n in parts.namelist() if n.startswith("word/media/")]
    assert len(images) == 3
    assert all(image.startswith(b"\x89PNG") for image in images)


# hard input ------------------------------------------------------------------------------------


def test_a_plan_without_reforms_and_a_portfolio_without_procedures(tmp_path):
    document = written(tmp_path, plan=Plan(), charts=True, maps="all", on=ON)
    assert "Phương án chưa có nội dung cắt giảm, đơn giản hóa nào." in texts(document)
    empty = portfolio().select([])
    document = written(tmp_path, empty, Plan(), charts=True)
    assert document.tables[1].rows[1].cells[2].text == "chưa có số liệu"


def test_control_characters_and_very_long_cells_survive(tmp_path):
    name = "\x00\x0b=HYPERLINK(1) <b>&\uffff " + "Thủ tục rất dài " * 500
    base = portfolio(name=[name, "\x07"], ministry=["\x01", "Bộ\x07 Công an"])
    plan = Plan(
        [
            DropRequirement("1.000001/c1/r2", reason="x" * 20_000, article="Điều\x01 7"),
            AbolishProcedure("1.000002"),
        ],
        name="\x02" + "y" * 400,
    )
    document = written(tmp_path, base, plan, maps="all")
    heads = texts(document, "Heading 3")
    assert heads[0].startswith("=HYPERLINK(1) <b>& Thủ tục rất dài")
    assert heads[1] == "(không có tên) (mã số 1.000002)"
    assert texts(document, "Heading 2")[-2:] == [
        "LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ, CƠ QUAN CHƯA GHI (1 TTHC)",
        "LĨNH VỰC QUẢN LÝ NHÀ NƯỚC CỦA BỘ CÔNG AN (1 TTHC)",
    ]
    assert any(text == "Lý do: " + "x" * 20_000 for text in texts(document))
    assert len(document.core_properties.title) <= 255


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_plain_text_is_one_line_that_xml_can_hold(words):
    made = plain(words)
    assert "\n" not in made
    assert made == made.strip(" ")
    assert plain(f"\ud800{words}\x07") == made
    assert plain(made) == made
    EMPTY.add_paragraph(made)  # lxml refuses what XML cannot hold


def test_dates_follow_the_decree():
    assert day(dt.date(2026, 2, 3), "vi") == "03/02/2026"
    assert day(dt.date(2026, 12, 31), "vi") == "31/12/2026"
    assert day(dt.date(2027, 3, 1), "vi") == "01/3/2027"
    assert day(None, "vi") == "chưa ghi"


def test_what_cannot_be_written_is_refused_before_anything_is(tmp_path):
    with pytest.raises(InvalidValue) as caught:
        write_annex(portfolio(), PLAN, tmp_path / "a.doc", maps=-1)
    assert {fault.code for fault in caught.value.faults} == {"reports.ending", "word.maps"}
    with pytest.raises(InvalidValue):
        write_annex(portfolio(), Plan([DropRequirement("không có")]), tmp_path / "a.docx")
    with pytest.raises(UnknownName, match="hai ngôn ngữ"):
        write_annex(portfolio(), PLAN, tmp_path / "a.docx", language="fr")
    with pytest.raises(ProcsimError, match="Thư mục không có"):
        write_annex(portfolio(), PLAN, tmp_path / "b" / "a.docx", maps=0, charts=False)
    assert not list(tmp_path.iterdir())


def test_write_report_chooses_by_the_ending(tmp_path):
    made = ps.write_report(portfolio(), PLAN, tmp_path / "a.DOCX", on=ON)
    assert "PHƯƠNG ÁN" in texts(docx.Document(str(made)))
    with pytest.raises(InvalidValue, match=r"Excel \(\.xlsx\) hoặc Word \(\.docx\)"):
        ps.write_report(portfolio(), PLAN, tmp_path / "a.pdf")


def test_an_english_annex_has_no_vietnamese_sentences(tmp_path):
    found = texts(written(tmp_path, language="en", on=ON))
    assert "Compliance cost before" in " ".join(found)
    assert not any("Lý do" in text or "Chi phí" in text for text in found)


def test_equal_input_gives_an_equal_document(tmp_path):
    first = written(tmp_path, on=ON).element.xml
    assert written(tmp_path, on=ON).element.xml == first


# the command -----------------------------------------------------------------------------------


def test_the_command_writes_both_files_and_says_where(tmp_path, capsys):
    plan, excel, word = (str(tmp_path / name) for name in ("p.yaml", "a.xlsx", "a.docx"))
    first = load_sample().procedures.index[0]
    Plan([AbolishProcedure(first)]).write(plan)
    shared = ["report", str(sample_path()), "--plan", plan, "--on", "2026-01-15"]
    main([*shared, "--excel", excel, "--word", word, "--maps", "0"])
    told = capsys.readouterr().out
    assert excel in told
    assert word in told
    document = docx.Document(word)
    assert len(texts(document, "Heading 3")) == 1
    assert "Tài liệu không kèm sơ đồ thủ tục." in texts(document)


def test_the_command_refuses_files_that_it_cannot_write(tmp_path, capsys):
    shared = ["report", str(sample_path()), "--plan", "66.7"]
    assert main(shared) == 2
    assert "--word phuong-an.docx" in capsys.readouterr().err
    assert main([*shared, "--word", "a.doc", "--excel", "a.xls"]) == 2
    told = capsys.readouterr().err
    assert "kết thúc bằng .docx" in told
    assert "kết thúc bằng .xlsx" in told


# other programs --------------------------------------------------------------------------------


def pages(path: Path) -> int:
    """Return how many pages LibreOffice makes of a document."""
    office = shutil.which("soffice") or ""
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", path.parent, path],
        check=True,
        capture_output=True,
        timeout=180,
    )
    printed = path.with_suffix(".pdf")
    return len(re.findall(rb"/Type\s*/Page\b", printed.read_bytes())) if printed.exists() else 0


@pytest.fixture(scope="module")
def real() -> tuple[Portfolio, Plan]:
    base = ps.mark(load_sample())
    return base, ps.resolution_66_7(base)


@needs_writer
def test_libreoffice_makes_pages_of_it(tmp_path, real):
    base, plan = real
    path = write_annex(base, plan, tmp_path / "a.docx", maps=1, on=ON)
    assert pages(path) >= 3 + len(plan.reforms) // 4


def test_the_plan_of_the_resolution_reads_without_ids(tmp_path, real):
    base, plan = real
    document = written(tmp_path, base, plan, on=ON)
    touched = {code for reform in plan.reforms for code in reform.procedure_ids}
    assert len(texts(document, "Heading 3")) == len(touched) > 10
    costs = [x for x in texts(document) if x.startswith("- Chi phí tuân thủ TTHC trước khi")]
    assert len(costs) == len(touched)
    assert not [x for x in texts(document) if re.search(r"\d/c\d+/r\d", x)]
