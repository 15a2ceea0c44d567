"""The plan that Nghị quyết 66.7/2025/NQ-CP contains, on hand-made and on real dossiers."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from procsim.errors import InvalidValue
from procsim.marking import mark
from procsim.measures.table import official_count
from procsim.model.portfolio import Portfolio
from procsim.reference import resolution_66_7 as annexes
from procsim.reforms import DropRequirement, Plan, ReplaceByData, apply, conflicts, resolution_66_7
from procsim.reforms.resolutions import DETAILS, match_annex
from tests.reforms.small import portfolio
from tests.shared import SHARED, needs_shared

ROWS = 806


def dossier(code: str, *names: str, title: str = "", **more: str) -> Portfolio:
    """Return one marked procedure with a code and dossier rows, each an original."""
    rows = [
        {"name": name, "procedure": code, "kind": "unknown", "papers": float("nan"), "originals": 1}
        for name in names
    ]
    made = portfolio(rows, procedures=[{"id": code, "code": code, "name": title or "Tên", **more}])
    return mark(made)


def title_of(code: str) -> str:
    frame = annexes()
    return str(frame.loc[frame["code"] == code, "title"].iloc[0])


def unmatched(plan: Plan, code: str) -> list[tuple[str, str]]:
    return [(u.reason_code, u.detail_code) for u in plan.unmatched if u.code == code]


def test_a_paper_of_phu_luc_1_is_replaced_with_its_whole_legal_route():
    code = "1.001686"
    base = dossier(code, "Đơn đăng ký", "Giấy chứng nhận đăng ký doanh nghiệp")
    plan = resolution_66_7(base)
    (reform,) = plan.reforms
    assert isinstance(reform, ReplaceByData)
    assert reform.requirement == f"{code}/c1/r2"
    assert reform.document_types == ("gcn_dkdn",)
    assert reform.databases == ("csdl_dkdn",)
    assert not reform.part
    assert reform.owner == "Bộ Tài chính"
    assert reform.lead == "Bộ Nông nghiệp và Môi trường"
    assert reform.legal_numbers == ("79/2015/QH13",)
    assert reform.rank == "luat"
    assert reform.signer == "Quốc hội"
    assert reform.article == "Điểm c khoản 1 Điều 97"
    assert reform.due == date(2027, 3, 1)
    assert reform.source == "NQ 66.7/2025, Phụ lục I, STT 342"
    assert reform.missing_clarities() == ()
    assert official_count(base).sum() == 2
    assert official_count(apply(base, plan)).sum() == 1


def test_every_annex_row_is_matched_or_explained():
    code = "1.001686"
    base = dossier(code, "Giấy chứng nhận đăng ký doanh nghiệp")
    matched = {r.source for r in resolution_66_7(base).reforms}
    plan = resolution_66_7(base)
    assert len(plan.unmatched) == ROWS - len(matched)
    assert {u.reason_code for u in plan.unmatched} == {"not_in_portfolio"}
    assert all(u.reason.vi and u.reason.en and u.title and u.paper for u in plan.unmatched)
    empty = resolution_66_7(Portfolio.from_tables({}))
    assert (len(empty), len(empty.unmatched)) == (0, ROWS)


def test_phu_luc_2_drops_the_paper_outright():
    code = "1.012543"
    paper = (
        "Giấy tờ, tài liệu có giá trị pháp lý chứng minh là người đại diện hợp pháp của "
        "người dưới 14 tuổi"
    )
    base = dossier(code, "Phiếu đề nghị giải quyết thủ tục về căn cước", paper)
    (reform,) = resolution_66_7(base).reforms
    assert isinstance(reform, DropRequirement)
    assert reform.requirement == f"{code}/c1/r2"
    assert "Phụ lục II" in reform.reason
    after = apply(base, Plan([reform]))
    assert after.requirements["status"].tolist() == ["required", "dropped"]


def test_papers_of_dieu_4_fall_away_in_procedures_outside_the_annexes():
    base = dossier("9.000001", "Tờ khai", "Giấy khai sinh", "Giấy phép lái xe", "Bằng tốt nghiệp")
    plan = resolution_66_7(base)
    assert [(r.document_types, r.databases, r.article) for r in plan.reforms] == [
        (("giay_khai_sinh",), ("csdl_ho_tich",), "Điều 3 khoản 2, Điều 4 khoản 2"),
        (("giay_phep_lai_xe",), ("csdl_gplx",), "Điều 3 khoản 2, Điều 4 khoản 4"),
    ]
    assert {r.legal_text for r in plan.reforms} == {"Nghị quyết 66.7/2025/NQ-CP"}
    assert all(r.missing_clarities() == () for r in plan.reforms)
    assert resolution_66_7(base, articles=False).reforms == ()
    assert official_count(apply(base, plan)).sum() == 2


def test_dieu_3_khoan_2_speaks_only_of_procedures_outside_the_annexes():
    code = "1.001686"
    base = dossier(code, "Giấy chứng nhận đăng ký doanh nghiệp", "Giấy khai sinh")
    strict = resolution_66_7(base)
    wide = resolution_66_7(base, also_listed=True)
    assert [r.document_types for r in strict.reforms] == [("gcn_dkdn",)]
    assert [r.document_types for r in wide.reforms] == [("gcn_dkdn",), ("giay_khai_sinh",)]
    assert "1 giấy tờ khác thuộc Điều 4" in strict.note
    assert "1 other papers of Điều 4" in strict.note


def test_foreigners_papers_are_not_replaced():
    base = dossier("9.000001", "Giấy khai sinh của người nước ngoài do nước ngoài cấp")
    assert resolution_66_7(base).reforms == ()


def test_before_the_resolution_is_in_force_dieu_4_replaces_nothing():
    base = dossier("9.000001", "Giấy phép lái xe")
    assert resolution_66_7(base, on=date(2025, 12, 31)).reforms == ()
    assert len(resolution_66_7(base, on=date(2026, 1, 1)).reforms) == 1
    assert resolution_66_7(base, on=date(2027, 3, 1)).reforms == ()


def test_a_code_that_stands_for_several_procedures_means_all_of_them():
    code = "1.001686"
    rows = [
        {"name": "Giấy chứng nhận đăng ký doanh nghiệp", "procedure": owner, "kind": "unknown"}
        for owner in (code, f"{code}#2")
    ]
    names = [{"id": code, "code": code}, {"id": f"{code}#2", "code": code}]
    plan = resolution_66_7(mark(portfolio(rows, procedures=names)))
    assert {r.procedure_id for r in plan.reforms} == {code, f"{code}#2"}


EXPLAINED = {
    "no_rows": ("1.001686", ()),
    "only_forms": ("1.001686", ("Đơn đăng ký",)),
    "only_in_form": ("1.001686", ("Tờ khai, ghi rõ số Giấy chứng nhận đăng ký doanh nghiệp",)),
    "other_papers": ("1.001686", ("Hợp đồng thuê đất",)),
    "amended_since": ("1.001686", ("Đơn theo mẫu của Nghị định số 32/2026/NĐ-CP", "Bản vẽ")),
    "broader_paper": ("1.001686", ("Giấy tờ pháp lý của tổ chức",)),
    "only_in_note": ("1.001686", ("Lưu ý: xem Giấy chứng nhận đăng ký doanh nghiệp tại chỗ",)),
    "foreigners_only": (
        "1.003358",
        ("Giấy tờ chứng minh thuộc diện xem xét cấp thẻ tạm trú cho người nước ngoài",),
    ),
    "already_by_data": (
        "1.001686",
        ("Thông tin về Giấy chứng nhận đăng ký doanh nghiệp được khai thác trong Cơ sở dữ liệu",),
    ),
}


@pytest.mark.parametrize("detail", EXPLAINED)
def test_a_paper_that_is_not_in_the_dossier_is_explained(detail: str):
    code, names = EXPLAINED[detail]
    plan = resolution_66_7(dossier(code, *names, title=title_of(code)))
    assert unmatched(plan, code) == [("paper_not_in_dossier", detail)]
    (row,) = (u for u in plan.unmatched if u.code == code)
    assert DETAILS[detail].vi in row.reason.vi
    assert DETAILS[detail].en in row.reason.en
    assert row.procedures == (code,)


def test_a_paper_that_was_dropped_before_is_said_so():
    code = "1.001686"
    base = dossier(code, "Giấy chứng nhận đăng ký doanh nghiệp", title=title_of(code))
    gone = apply(base, Plan([DropRequirement(f"{code}/c1/r1")]))
    assert unmatched(resolution_66_7(gone), code) == [("paper_not_in_dossier", "dropped")]


def test_a_row_that_the_annex_quotes_is_met_by_its_words():
    code = "1.014363"
    quoted = (
        "Người đại diện hợp pháp khai, ký thay và nộp kèm bản sao giấy tờ do cơ quan có thẩm "
        "quyền của Việt Nam cấp chứng minh người đại diện hợp pháp; trường hợp không có bản sao "
        "thì nộp kèm bản chụp và xuất trình bản chính để kiểm tra, đối chiếu."
    )
    base = dossier(code, "Đơn đề nghị", quoted)
    (reform,) = resolution_66_7(base).reforms
    assert reform.requirement == f"{code}/c1/r2"
    assert reform.document_types == ("giay_khai_sinh",)
    assert not reform.part
    assert official_count(apply(base, Plan([reform]))).sum() == 1


def test_a_row_that_asks_for_more_than_the_annex_quotes_keeps_counting():
    code = "1.012796"
    more = (
        "Giấy tờ chứng minh sai sót thông tin của người được cấp Giấy chứng nhận so với thông "
        "tin tại thời điểm đề nghị đính chính hoặc sai sót thông tin về thửa đất, tài sản gắn "
        "liền với đất so với thông tin trên Giấy chứng nhận đã cấp."
    )
    base = dossier(code, "Đơn đề nghị", more)
    (reform,) = resolution_66_7(base).reforms
    assert reform.part
    assert "một phần" in reform.describe().vi
    assert official_count(apply(base, Plan([reform]))).sum() == 2


def test_a_code_under_which_the_portfolio_has_another_procedure_is_named():
    base = dossier("1.012690", "Phương án sử dụng rừng", title="Phê duyệt Phương án sử dụng rừng")
    plan = resolution_66_7(base)
    assert unmatched(plan, "1.012690") == [("paper_not_in_dossier", "other_procedure")]
    (row,) = (u for u in plan.unmatched if u.code == "1.012690")
    assert "“Phê duyệt Phương án sử dụng rừng”" in row.reason.vi


def test_an_unmarked_portfolio_is_refused_with_the_cure():
    base = portfolio([{"kind": "unknown", "papers": float("nan")}])
    with pytest.raises(InvalidValue, match=r"procsim\.mark"):
        resolution_66_7(base)


@pytest.fixture(scope="module")
def listed_records(tmp_path_factory) -> Portfolio:
    """Return the shared records whose codes the annexes list, and some others, marked."""
    from procsim.readers.portal import read_portal

    codes = set(annexes()["code"])
    path: Path = tmp_path_factory.mktemp("records") / "listed.jsonl"
    with (
        gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as lines,
        path.open("w", encoding="utf-8", newline="\n") as kept,
    ):
        for number, line in enumerate(lines):
            if json.loads(line)["code"] in codes or number % 40 == 0:
                kept.write(line)
    return mark(read_portal(path))


@needs_shared
def test_the_149_codes_that_phu_luc_1_shares_with_the_records_are_all_found(listed_records):
    frame = annexes()
    matches = match_annex(listed_records, frame)
    found = {m.row.code for m in matches if m.procedures and m.row.annex == "I"}
    assert len(found) == 149
    assert len({m.row.code for m in matches if m.procedures}) == 152
    plan = resolution_66_7(listed_records)
    matched = [m for m in matches if m.hits]
    assert len(matched) + len(plan.unmatched) == ROWS == len(frame)
    held = {r.procedure_id for r in plan.reforms if "Phụ lục" in r.source}
    explained = {u.code for u in plan.unmatched if u.reason_code == "paper_not_in_dossier"}
    assert {listed_records[p].code for p in held} | explained == {
        m.row.code for m in matches if m.procedures
    }
    for row in plan.unmatched:
        if row.reason_code == "paper_not_in_dossier":
            assert row.detail_code in DETAILS
            assert row.procedures
    assert Counter(u.reason_code for u in plan.unmatched)["not_in_portfolio"] == ROWS - 164


@needs_shared
def test_the_plan_on_real_records_keeps_every_promise(listed_records):
    plan = resolution_66_7(listed_records)
    after = apply(listed_records, plan)
    frame = after.requirements
    assert (frame["replaced"] <= frame["papers"]).all()
    assert (frame["replaced"] > 0).sum() > 100
    assert frame.loc[frame["replaced"] > 0, "replaced_by"].ne("").all()
    assert (official_count(after) <= official_count(listed_records)).all()
    assert all(reform.missing_clarities() == () for reform in plan.reforms)
    assert {fault.severity for fault in conflicts(listed_records, plan)} <= {"note"}
    assert len(plan.to_frame()) == len(plan)


@needs_shared
@pytest.mark.parametrize("name", ["nq66-7.yaml", "nq66-7.xlsx"])
def test_the_plan_on_real_records_survives_its_file(name: str, listed_records, tmp_path: Path):
    plan = resolution_66_7(listed_records)
    plan.write(tmp_path / name)
    assert Plan.read(tmp_path / name) == plan
