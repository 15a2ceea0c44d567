"""Document types, databases and holdings: facts of Điều 4, and the shape of the tables."""

from __future__ import annotations

import csv
import gzip
import json
import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim import reference
from procsim.reference.tables import MARKS, fold, split_list
from tests.shared import SHARED, needs_shared

GUIDE_IDS = [
    "can_cuoc",
    "ho_chieu",
    "xac_nhan_cu_tru",
    "giay_khai_sinh",
    "giay_cn_ket_hon",
    "xac_nhan_tinh_trang_hon_nhan",
    "giay_chung_tu",
    "the_bhyt",
    "so_bhxh",
    "giay_phep_lai_xe",
    "gcn_dang_ky_xe",
    "gcn_dkdn",
    "gcn_dk_ho_kinh_doanh",
    "gcn_dk_htx",
    "gcn_qsdd",
    "phieu_lltp",
    "giay_kham_suc_khoe",
    "van_bang",
    "chung_chi",
    "anh_the",
    "van_ban_uy_quyen",
    "quyet_dinh_thanh_lap",
    "gcn_dau_tu",
    "xac_nhan_thue",
    "giay_ly_hon",
    "bao_cao_tai_chinh",
]

# Alone they stand in legal text, or fold to the same letters as another word.
AMBIGUOUS = [
    "hợp đồng",
    "đăng ký",
    "giấy phép",
    "giấy chứng nhận",
    "quyết định",
    "nghị quyết",
    "điều lệ",
    "bảo hiểm xã hội",
    "chứng tử",
    "sổ đỏ",
    "bản vẽ",
    "thị thực",
]

# Điều 4 khoản 1–9, read from the resolution.
LISTED = {
    "k1": ("csdl_dan_cu", {"can_cuoc", "xac_nhan_cu_tru"}),
    "k2": (
        "csdl_ho_tich",
        {"giay_khai_sinh", "giay_cn_ket_hon", "xac_nhan_tinh_trang_hon_nhan", "giay_chung_tu"},
    ),
    "k3": ("csdl_bao_hiem", {"the_bhyt", "so_bhxh"}),
    "k4": ("csdl_gplx", {"giay_phep_lai_xe"}),
    "k5": ("csdl_dkdn", {"gcn_dkdn", "gcn_dk_ho_kinh_doanh", "gcn_dk_htx"}),
    "k6": ("csdl_dk_phuong_tien", {"gcn_dang_ky_xe"}),
    "k7": ("csdl_dat_dai", {"gcn_qsdd"}),
    "k8": ("csdl_lltp", {"phieu_lltp"}),
    "k9": ("csdl_suc_khoe", {"giay_kham_suc_khoe"}),
}


def variants() -> dict[str, str]:
    types = reference.document_types()
    return {
        fold(variant): key
        for key, cell in types["variants"].items()
        for variant in split_list(cell)
    }


def matches(name: str, table: dict[str, str]) -> set[str]:
    """Types named in a text: word boundaries, the longer of two that nest."""
    words = fold(name).split()
    longest = max(len(key.split()) for key in table)
    spans = [
        (start, end)
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + longest) + 1)
        if " ".join(words[start:end]) in table
    ]
    outer = [
        (a, b)
        for a, b in spans
        if not any((c, d) != (a, b) and c <= a and b <= d for c, d in spans)
    ]
    return {table[" ".join(words[a:b])] for a, b in outer}


def test_all_26_types_of_the_labelling_guide_are_there():
    assert len(GUIDE_IDS) == 26
    assert set(GUIDE_IDS) <= set(reference.document_types().index)


def test_catalogue_is_extended_and_complete():
    types = reference.document_types()
    assert len(types) == 77
    assert types.index.is_unique
    assert set(types["mark"]) <= set(MARKS)
    assert not (types[["name_vi", "name_en", "variants", "source"]] == "").any(axis=None)


def test_no_two_types_share_a_folded_variant():
    types = reference.document_types()
    folded = [fold(v) for cell in types["variants"] for v in split_list(cell)]
    assert len(folded) == len(set(folded))


def test_variants_are_no_single_words_of_legal_text():
    short = {key for key in variants() if len(key.split()) == 1}
    assert short <= {
        "cccd",
        "cmnd",
        "gplx",
        "dkkd",
        "gcndkdn",
        "bctc",
        "passport",
        "catalogue",
        "ct07",
    }
    for word in AMBIGUOUS:
        assert fold(word) not in variants(), word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bản sao trích lục khai tử", {"giay_chung_tu"}),
        ("Giấy báo tử hoặc giấy tờ thay thế Giấy báo tử", {"giay_bao_tu"}),
        ("Bản sao Giấy chứng nhận đăng ký hộ kinh doanh", {"gcn_dk_ho_kinh_doanh"}),
        ("Giấy chứng nhận quyền sử dụng đất, quyền sở hữu nhà ở", {"gcn_qsdd"}),
        ("Sơ đồ vị trí khu đất", {"ban_ve"}),
        ("Văn bản về việc số hóa", set()),
        ("Chứng từ kế toán theo quy định", set()),
        ("Hợp đồng ủy quyền cho tổ chức", {"van_ban_uy_quyen"}),
        ("Báo cáo đánh giá tác động môi trường", {"dtm"}),
        ("Cơ quan bảo hiểm xã hội thì thực hiện việc chi trả", set()),
    ],
)
def test_variants_name_the_right_type(text, expected):
    assert matches(text, variants()) == expected


@given(st.text())
def test_fold_is_stable(text):
    once = fold(text)
    assert fold(once) == once
    assert re.fullmatch(r"([a-z0-9]+( [a-z0-9]+)*)?", once)


@given(st.text("ăâđêôơưĂÂĐÊÔƠƯáàảãạếềểễệ abc"))
def test_composed_and_decomposed_letters_fold_alike(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_27_databases_with_owner_and_dates():
    bases = reference.databases()
    assert len(bases) == 27
    assert bases.loc["csdl_ho_tich", "published"] == "2025-12-10"
    assert (bases["published"] != "").sum() == 1  # no other day of publication was read
    assert bases.loc["csdl_van_bang", "deadline"] == "2026-03-31"
    assert bases.loc["csdl_dat_dai", ["status", "deadline"]].tolist() == ["building", "2025-12-31"]
    assert bases.loc["csdl_dkdn", "owner"] == "Bộ Tài chính"


def test_listed_holdings_are_those_of_article_4():
    listed = reference.holdings().query("`class` == 'listed'")
    for clause, (base, papers) in LISTED.items():
        rows = listed[listed["clause"] == clause]
        assert set(rows["database"]) == {base}
        assert set(rows["document_type"]) == papers
        assert set(rows["legal_basis"]) == {
            f"Nghị quyết 66.7/2025/NQ-CP, Điều 4 khoản {clause[1:]}"
        }
    assert set(listed["clause"]) == set(LISTED)
    assert set(listed["listed"]) == {"2026-01-01"}
    assert set(listed["until"]) == {"2027-02-28"}
    assert set(listed["mark"]) == {"luật"}


def test_only_civil_status_is_known_as_published():
    holdings = reference.holdings()
    published = holdings[holdings["published"] != ""]
    assert set(published["database"]) == {"csdl_ho_tich"}
    assert set(published["published"]) == {"2025-12-10"}
    assert set(published["document_type"]) == LISTED["k2"][1]


def test_unknown_coverage_stays_missing():
    coverage = reference.holdings()["coverage"]
    assert coverage.dtype == float
    assert coverage.isna().all()


def test_open_holdings_are_assumptions_and_no_law_lists_them():
    opened = reference.holdings().query("`class` == 'open'")
    assert {"van_bang", "chung_chi", "ho_chieu", "xac_nhan_thue"} <= set(opened["document_type"])
    assert set(opened["mark"]) == {"giả định"}
    assert set(opened["listed"]) == {""}
    assert set(opened["clause"]) == {"k10", "annex"}


def test_no_holding_for_foreigners():
    assert set(reference.holdings()["applicant_group"]) == set(reference.APPLICANT_GROUPS)
    assert not any("foreign" in group for group in reference.APPLICANT_GROUPS)


def test_land_starts_with_residential_land():
    land = reference.holdings().query("document_type == 'gcn_qsdd'")
    assert set(land["scope_note"]) == {"Đất ở trước"}


@pytest.mark.parametrize(
    "load",
    [
        reference.document_types,
        reference.databases,
        reference.holdings,
        reference.legal_texts,
        reference.resolution_66_7,
    ],
)
def test_loaders_return_copies(load):
    first = load()
    untouched = load()
    first.iloc[0, 0] = "đổi"
    pd.testing.assert_frame_equal(load(), untouched)


def test_every_public_name_resolves():
    for name in reference.__all__:
        assert getattr(reference, name) is not None
    assert len(set(reference.__all__)) == len(reference.__all__)


@needs_shared
def test_shared_catalogues_are_contained():
    for name, ours in (
        ("document_types.csv", reference.document_types()),
        ("databases.csv", reference.databases()),
    ):
        with (SHARED / name).open(encoding="utf-8", newline="") as stream:
            ids = {row["id"] for row in csv.DictReader(stream)}
        assert ids <= set(ours.index)


@needs_shared
def test_types_beyond_the_guide_are_frequent_in_the_real_rows():
    with gzip.open(SHARED / "portal" / "procedures.jsonl.gz", "rt", encoding="utf-8") as stream:
        names = [
            part["name"]
            for line in stream
            for case in json.loads(line)["executionCases"]
            for part in case["profileComponents"]
        ]
    assert len(names) == 11_059
    text = "\n".join(f" {fold(name)} " for name in names)
    types = reference.document_types().drop(GUIDE_IDS)
    seen = {
        key: sum(text.count(f" {fold(variant)} ") for variant in split_list(cell))
        for key, cell in types["variants"].items()
    }
    assert {key: count for key, count in seen.items() if count < 15} == {}


@needs_shared
def test_variants_find_nearly_all_labelled_types():
    """Recall only: whether a named paper is also required is for marking to decide."""
    with (SHARED / "labelled" / "document_rows.jsonl").open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    table = variants()
    pairs = [(key in matches(row["name"], table)) for row in rows for key in row["types"]]
    assert len(pairs) == 274
    assert sum(pairs) / len(pairs) >= 0.97
