"""Fees: the amount as written, and everything that speaks against it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.language.money import currency_of
from procsim.language.vietnamese import amounts_in, format_number, read_money


@pytest.mark.parametrize(
    ("written", "value", "per"),
    [
        ("50.000đ/trang", 50_000, "trang"),
        ("1,200,000 Việt Nam Đồng", 1_200_000, ""),
        ("1.200.000", 1_200_000, ""),
        ("200.000 vnđ / tờ khai", 200_000, "tờ khai"),
        ("02 triệu đồng/Giấy chứng nhận", 2_000_000, "giấy chứng nhận"),
        ("1,5 triệu đồng", 1_500_000, ""),
        ("1 triệu 500 nghìn đồng/lần", 1_500_000, "lần"),
        ("50 nghìn đồng", 50_000, ""),
        ("5000đ", 5_000, ""),
        ("6'898'783 đồng", 6_898_783, ""),
        ("6’898’783", 6_898_783, ""),
        ("1 200 000 đồng", 1_200_000, ""),
        ("1 triệu rưỡi", 1_500_000, ""),
        ("50k", 50_000, ""),
        ("2,5tr đồng/lần", 2_500_000, "lần"),
        ("500.000 đồng (Bằng chữ: Năm trăm nghìn đồng chẵn)", 500_000, ""),
        ("40.000đồng/lần", 40_000, "lần"),
        ("10.000 đồng/người/lần đăng ký;", 10_000, "người/lần đăng ký"),
        ("30.000 đồng/hồ sơ (Thông tư số 61/2023/TT-BTC)", 30_000, "hồ sơ"),
        ("Lệ phí: 4.500.000 Đồng (bốn triệu năm trăm nghìn Việt Nam đồng)", 4_500_000, ""),
        ("0 đồng", 0, ""),
        ("Không", 0, ""),
        ("Không có", 0, ""),
        ("Miễn lệ phí", 0, ""),
        ("Không thu phí", 0, ""),
    ],
)
def test_clear_amounts_are_read(written: str, value: float, per: str) -> None:
    reading = read_money(written)
    if written == "0 đồng":
        assert (reading.value, reading.flag) == (0, "fee.zero_unexplained")
    else:
        assert (reading.value, reading.unit, reading.per, reading.flag) == (value, "VND", per, "")


PERIOD = "kể từ ngày 01/7/2025 đến hết ngày 31/12/2026"


@pytest.mark.parametrize(
    ("arguments", "value", "flag", "proposal"),
    [
        # stored as a thousandth
        ((135, "VNĐ", "Lệ phí cấp giấy phép lái xe: 135.000 đồng/lần."),
         135, "fee.thousandth", 135000),
        (("135 VNĐ (Lệ phí: 135.000 đồng/lần)",), 135, "fee.thousandth", 135000),
        ((200,), 200, "fee.thousandth", 200000),
        ((200, "VNĐ", "Căn cứ pháp lý: Thông tư 269/2016/TT-BTC"), 200, "fee.thousandth", 200000),
        ((50, "VNĐ", f"áp dụng mức phí 25.000 đồng/hồ sơ {PERIOD}"),
         50, "fee.thousandth", 50000),
        ((1750,), 1750, "fee.thousandth", 1750000),
        ((120,), 120, "fee.digit_in_front", None),
        # the note names another amount
        ((1100, "VNĐ", "Phí công bố: 100.000 đồng/lần"), 1100, "fee.differs_from_note", 100000),
        ((120, "VNĐ", "20.000 vnđ /tờ khai"), 120, "fee.differs_from_note", 20000),
        ((1500000, None, "150.000 đồng/1 giấy."), 1500000, "fee.differs_from_note", 150000),
        ((25, "VNĐ", "25.000.000đ/giấy thông hành"), 25, "fee.differs_from_note", None),
        ((50000, None, "0.000đ/giấy thông hành"), 50000, "fee.note_unclear", None),
        # several amounts, several cases
        ((200000, None, "200.000 đồng/hộ chiếu. Cấp lại do mất: 400.000đ/hộ chiếu"),
         200000, "fee.one_of_several", None),
        ((800000, None, f"áp dụng mức phí 400.000 đồng/hồ sơ {PERIOD}"),
         800000, "fee.temporary_rate", 400000),
        ((400000, None, "400.000đ/trường hợp. Miễn lệ phí đối với cha dượng, mẹ kế"),
         400000, "fee.exemptions", None),
        ((70000, None, "70.000 đồng/thẻ. Nộp trực tuyến bằng 50% mức thu"),
         70000, "fee.percentage", None),
        ((100000, None, "Không được quy định tại Biểu phí, lệ phí"),
         100000, "fee.free_but_value", None),
        ((1, None, "Được miễn lệ phí đăng ký hoạt động"), 1, "fee.free_but_value", 0),
        ((150000, None, "Mức lệ phí cụ thể do Hội đồng nhân dân tỉnh quyết định"),
         150000, "fee.provincial", None),
        # currencies
        ((10, "USD", "10USD/giấy"), 10, "fee.foreign_currency", None),
        ((155, "VNĐ", "Thẻ tạm trú: 155 USD/thẻ."), 155, "fee.currency_differs", 155),
        ((20, "USD", "10 USD/giấy"), 20, "fee.differs_from_note", 10),
        # a zero
        ((0,), 0, "fee.zero_unexplained", None),
        ((0, None, "a"), 0, "fee.zero_unexplained", None),
        ((0, None, "20.000.000 đồng/lần"), 0, "fee.zero_but_note", 20000000),
        ((0, None, "cấp mới 40.000đồng/lần; cấp lại 20.000 đồng/lần."),
         0, "fee.zero_but_note", None),
        ((0, None, "Lệ phí cấp mới 200 USD/lần"), 0, "fee.zero_but_note", 200),
        (("Miễn phí (Lệ phí cấp: 135.000 đồng/lần)",), 0, "fee.zero_but_note", 135000),
        (("0 Đồng (- Miễn lệ phí. - Phí công bố: 100.000 đồng/lần)",),
         0, "fee.zero_but_note", 100000),
        ((0, None, "Miễn lệ phí đối với người thuộc hộ nghèo"), 0, "fee.exempt_group", None),
        ((0, None, "Miễn phí cho hộ nghèo"), 0, "fee.exempt_group", None),
        ((0, None, "Không quy định"), 0, "fee.not_prescribed", None),
        # no value at all
        ((0, None, "theo quy định tại Thông tư số 10/2024/TT-BTC"), None, "fee.elsewhere", None),
        ((0, None, "Mức thu, miễn, quản lý phí theo Biểu mức thu tại Thông tư số 47/2024"),
         None, "fee.elsewhere", None),
        ((0, None, "Mức lệ phí do HĐND tỉnh quyết định"), None, "fee.provincial", None),
        ((0, None, "Mức lệ phí do HĐND tỉnh quyết định. Miễn cho người có công."), None,
         "fee.provincial", None),
        ((0, None, "Phí thẩm định"), None, "fee.note_without_amount", None),
        ((0, None, "0,1 % giá trị hợp đồng"), None, "fee.percentage", None),
        (("0,1% giá trị",), None, "fee.percentage", None),
        (("10.000đ đến 50.000đ",), None, "fee.several", None),
        (("10.000 - 50.000 đồng",), None, "fee.several", None),
        (("25.000 đồng và 30.000 đồng",), None, "fee.several", None),
        (("80.000 đồng/hồ sơ, trường hợp gấp 160.000 đồng/hồ sơ",), None, "fee.several", None),
        (("tối đa 700.000 đồng/lần",), None, "fee.only_in_note", 700000),
        ((None, None, "150.000 đồng/lần"), None, "fee.only_in_note", 150000),
        ((None,), None, "fee.missing", None),
        (("",), None, "fee.missing", None),
        (("NA",), None, "fee.missing", None),
        *(((text,), None, "fee.expression", None) for text in (
            "50.000 đồng x 2", "50.000/100.000 đồng",
            "50.000 đồng/2", "50.000 đồng + VAT", "50.000 (x 2) đồng", "Mức 3: 50.000 đồng",
        )),
        *(((text,), None, "fee.several", None) for text in (
            "100.000 + 50.000 đồng", "2 x 50.000 đồng", "50.000 hoặc 100.000 đồng",
            "1 triệu 500 đồng", "50% của 100.000 đồng", "50.000 đồng/lần + 20.000 đồng/bản",
        )),
        (("giảm 50.000 đồng",), None, "fee.only_in_note", None),
        (("khoảng 50.000 đồng",), None, "fee.only_in_note", None),
        (("(50.000 đồng)",), None, "fee.negative", None),
        (("500.000 đồng (Năm mươi nghìn đồng)",), None, "fee.words_differ", None),
        ((100_000, None, "2 x 50.000 đồng"), 100_000, "fee.note_unclear", None),
        (("abc",), None, "fee.unreadable", None),
        (("500.000 JPY",), None, "fee.unknown_currency", None),
        (("1100,000 VNĐ",), None, "number.ambiguous", 1100),
        ((-5,), None, "fee.negative", None),
        (("-5.000đ",), None, "fee.negative", None),
        ((math.nan,), None, "number.not_finite", None),
        (("NaN",), None, "number.not_finite", None),
        ((True,), None, "number.not_a_number", None),
        ((2e12,), None, "fee.absurd", None),
        ((1234.5,), 1234.5, "fee.fraction", None),
    ],
)  # fmt: skip
def test_doubtful_fees_are_flagged_and_kept_as_written(
    arguments: tuple, value: float | None, flag: str, proposal: float | None
) -> None:
    reading = read_money(*arguments)
    assert (reading.flag, reading.value, reading.proposal) == (flag, value, proposal)
    assert reading.reason is not None
    assert reading.reason.vi
    assert reading.reason.en


@pytest.mark.parametrize(
    ("value", "note", "per"),
    [
        (500_000, "", ""),
        (500_000, "/hồ sơ", "hồ sơ"),
        (12_000_000, "đồng/lần (Khảo nghiệm diện rộng", "lần"),
        (10_000_000, "+ Dưới 50 tỷ: 10 triệu đồng/ Giấy chứng nhận", "giấy chứng nhận"),
        (1_800_000, "/Lần. Giá trị giao dịch dưới 2,1 tỷ đồng", "lần"),
        (230_000, "Kiểm tra điều kiện cơ sở buôn bán: 230.000/lần", "lần"),
        (150_000, "150.000 đồng/1 giấy.", "giấy"),
        (4_500_000, "gồm 3.000.000 đồng thẩm định; 1.500.000 đồng hoạt động", ""),
        (4_000_000, "theo quy định tại Thông tư số 10/2024/TT-BTC ngày 05/02/2024", ""),
        (0, "Không thu lệ phí", ""),
        (0, "Miễn lệ phí (Thông tư số 47/2019/TT-BTC).", ""),
        (0, "- Không có", ""),
    ],
)
def test_amounts_that_their_note_confirms_are_clean(value: float, note: str, per: str) -> None:
    reading = read_money(value, "Việt Nam Đồng", note, "FEE")
    assert (reading.value, reading.per, reading.flag) == (value, per, "")


def test_amounts_in_free_text_know_thresholds_and_caps() -> None:
    text = (
        "Dự án dưới 50 tỷ đồng: 10 triệu đồng/giấy; 2.000 đồng/trang, từ trang thứ 3 thu 1.000 "
        "đồng/trang, tối đa 200.000 đồng/bản; 5 USD; Thông tư số 25/2021/TT-BTC ngày 07/4/2021."
    )
    assert [(r.value, r.unit, r.per, r.flag) for r in amounts_in(text)] == [
        (5e10, "VND", "", "amount.threshold"),
        (1e7, "VND", "giấy", ""),
        (2000.0, "VND", "trang", ""),
        (1000.0, "VND", "trang", ""),
        (200_000.0, "VND", "bản", "amount.cap"),
        (5.0, "USD", "", ""),
    ]


@given(st.integers(min_value=0, max_value=10**11), st.sampled_from(["", "đ", " đồng", " VNĐ"]))
def test_money_never_silently_changes_by_a_thousand(amount: int, currency: str) -> None:
    forms = (f"{format_number(amount)}{currency}", f"{amount:,}{currency}", f"{amount}{currency}")
    for reading in (*map(read_money, forms), read_money(amount), read_money(float(amount))):
        assert reading.value == amount
        assert reading.flag or amount >= 1000


@given(st.integers(min_value=1, max_value=10**8), st.integers(min_value=1, max_value=10**8))
def test_a_clean_amount_never_contradicts_its_note(amount: int, noted: int) -> None:
    reading = read_money(amount, "VNĐ", f"Lệ phí: {format_number(noted)} đồng/lần")
    assert reading.value == amount
    assert bool(reading.flag) == (amount != noted)
    if amount * 1000 == noted:
        assert (reading.flag, reading.proposal) == ("fee.thousandth", noted)


pieces = st.sampled_from(
    ["miễn", "phí", "đ", "đồng", "/", "(", ")", "1.200", "5", "USD", "%", "triệu", "-", ".", ";"]
)


@given(
    st.text() | st.lists(pieces, max_size=12).map(" ".join) | st.floats() | st.integers(),
    st.sampled_from([None, "VNĐ", "USD", "?"]),
    st.text() | st.lists(pieces, max_size=12).map(" ".join),
)
def test_reading_money_never_raises(value: object, currency: str | None, note: str) -> None:
    reading = read_money(value, currency, note)
    assert not reading.is_missing or reading.flag
    assert reading.value is None or 0 <= reading.value <= 1e12
    for amount in amounts_in(note):
        assert amount.value is None or amount.value >= 0


def test_the_note_tells_per_what_before_the_amount_does():
    reading = read_money("20.000 đồng/hồ sơ", None, "20.000 đồng/lần")
    assert (reading.value, reading.per) == (20000, "lần")
    assert read_money("20.000 đồng/hồ sơ").per == "hồ sơ"


@pytest.mark.parametrize(
    "written",
    [
        "10.000; 20.000",
        "10.000 ; 20.000; 30.000",
        "100.000 - 200.000",
        "100.000 đồng; 200.000 đồng",
        "100.000 đồng/lần, 200.000 đồng/hồ sơ",
    ],
)
def test_several_amounts_in_one_field_are_never_read_as_the_first(written):
    reading = read_money(written)
    assert (reading.value, reading.flag, reading.unit) == (None, "fee.several", "VND")


@pytest.mark.parametrize(
    ("note", "flag"), [("Miễn phí", ""), ("Không quy định phí", "fee.not_prescribed")]
)
def test_an_empty_field_beside_a_note_of_no_fee_is_nought(note, flag):
    reading = read_money("", None, note)
    assert (reading.value, reading.unit, reading.flag) == (0, "VND", flag)


@pytest.mark.parametrize(
    "note",
    [
        "Miễn phí cho hộ nghèo",
        "Miễn phí hộ nghèo",
        "Miễn phí với hộ nghèo, hộ cận nghèo",
        "Hộ nghèo miễn phí",
        "Hộ nghèo được miễn",
        "Miễn lệ phí trẻ em dưới 6 tuổi",
        "Trẻ em dưới 6 tuổi không thu phí",
        "Miễn phí gia đình có công với cách mạng",
        "Miễn lệ phí: hộ nghèo; người khuyết tật",
        "Miễn lệ phí (hộ nghèo, người khuyết tật)",
        "Miễn lệ phí (theo Điều 4 đối với hộ nghèo)",
        "Miễn lệ phí theo Điều 4 đối với hộ nghèo",
        "Miễn phí; chỉ áp dụng đối với hộ nghèo",
        "Tất cả trẻ em được miễn phí",
        # cases and channels
        "Không thu phí cấp lần đầu",
        "Miễn lệ phí khi nộp trực tuyến",
        "Không thu phí (đối với cấp lại)",
        # from the portal's records
        "Miễn lệ phí cho người thuộc gia đình có công với cách mạng; người thuộc hộ nghèo",
        "Không thu lệ phí đăng ký đối với tổ hợp tác theo quy định",
        "Miễn phí đối với: người di cư từ Lào được phép cư trú",
        "Trường hợp nhận trẻ em bị khuyết tật thì được miễn chi phí",
    ],
)
def test_what_some_are_spared_is_not_free_for_everybody(note):
    """The others pay something that is not written: no clean nought, and none at all unwritten."""
    entered = read_money(0, "VNĐ", note)
    assert (entered.value, entered.flag) == (0, "fee.exempt_group")
    for reading in (read_money(note), read_money(None, None, note), read_money("", None, note)):
        assert (reading.value, reading.flag) == (None, "fee.exempt_group")
    assert read_money(135_000, "VNĐ", note).flag == "fee.exemptions"
    # 50 may be 50.000 stored as thousandths: the exemption does not make it nought
    assert read_money(50, "VNĐ", note).proposal == 50_000


@pytest.mark.parametrize(
    "note",
    [
        "Miễn phí",
        "Miễn phí cho mọi đối tượng",
        "Miễn lệ phí đối với tất cả các trường hợp",
        "Mọi tổ chức, cá nhân không phải nộp phí",
        "Thủ tục này không thu phí",
        "Không thu phí, lệ phí",
        "Không thu phí thẩm định hồ sơ",
        "Miễn lệ phí đăng ký doanh nghiệp",
        "Miễn lệ phí theo Thông tư số 64/2025/TT-BTC",
        "Miễn lệ phí (Thông tư số 64/2025/TT-BTC hỗ trợ cho doanh nghiệp, người dân)",
        "Không (0 đồng)",
    ],
)
def test_what_nobody_pays_is_clean(note):
    assert (read_money(0, "VNĐ", note).value, read_money(0, "VNĐ", note).flag) == (0, "")
    assert (read_money(note).value, read_money(note).flag) == (0, "")


@pytest.mark.parametrize(
    ("name", "currency"),
    [
        (None, ""),
        ("", ""),
        (" (đ) ", "VND"),
        ("VN đồng", "VND"),
        ("Việt Nam Đồng", "VND"),
        ("đồng/lần", "VND"),
        ("Đô la Mỹ", "USD"),
        ("Euro", "EUR"),
        ("bảng Anh", "BẢNG ANH"),
    ],
)
def test_currencies_by_their_names(name: str | None, currency: str) -> None:
    assert currency_of(name) == currency


def test_a_field_left_empty_keeps_the_currency_beside_it() -> None:
    assert read_money("NA", "USD").unit == "USD"
    assert read_money("NA").unit == "VND"
