"""Unicode forms, folding and the legacy fonts."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import UnknownName
from procsim.language.vietnamese import fold, from_legacy, looks_like_legacy_encoding, nfc

LETTERS = (
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
)
vietnamese = st.text(alphabet=LETTERS + LETTERS.upper() + " -–—.,;:/()0123456789\n\t\u00a0")

TCVN3 = (
    "Céng hßa x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc. Ng\u00adêi n\u00adíc ngoµi"
)
VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc. COÄNG HOØA"


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Hà\u00a0Nội", "Hà Nội"),
        ("Hà\u202fNội\u200b\ufeff", "Hà Nội"),
        ("dòng 1\r\ndòng 2\rdòng 3\u2028dòng 4", "dòng 1\ndòng 2\ndòng 3\ndòng 4"),
        ("a\x00b\x07c\ud800d\x1be", "abcde"),
        ("cột\tcột", "cột cột"),
        ("hồ\u00ad sơ", "hồ sơ"),
        (unicodedata.normalize("NFD", "Giấy chứng nhận kết hôn"), "Giấy chứng nhận kết hôn"),
        ("ti\u00e9\u0302ng", "tiếng"),
    ],
)
def test_text_is_made_plain(written: str, plain: str) -> None:
    assert nfc(written) == plain


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("hoà", "hòa"),
        ("KHOẺ", "khỏe"),
        ("uỷ ban", "ủy ban"),
        ("thuỷ sản", "thủy sản"),
        ("quý", "quý"),
        ("qúy", "quý"),
        ("hoàn toàn", "hoàn toàn"),
        ("hoạch", "hoạch"),
        ("khoái", "khoái"),
        ("huỳnh", "huỳnh"),
        ("Ðơn  đề\u00a0nghị", "đơn đề nghị"),
        ("Quyết định – số 5 — A", "quyết định - số 5 - a"),
    ],
)
def test_folding_keeps_diacritics_when_asked(written: str, folded: str) -> None:
    assert fold(written, diacritics=True) == folded


def test_folding_drops_diacritics_and_places_no_tone() -> None:
    assert fold("Đường HOÀ bình, khoẻ, Ủy ban – ƠƯăâêô") == "duong hoa binh, khoe, uy ban - ouaaeo"
    assert fold("hoà") == fold("hòa") == fold("HÒA")


@given(vietnamese)
def test_folding_does_not_depend_on_the_unicode_form(text: str) -> None:
    apart = unicodedata.normalize("NFD", text)
    assert nfc(apart) == nfc(text)
    assert fold(apart) == fold(text)
    assert fold(apart, diacritics=True) == fold(text, diacritics=True)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)
    assert fold(fold(text)) == fold(text)
    assert fold(fold(text, diacritics=True), diacritics=True) == fold(text, diacritics=True)


@given(vietnamese)
def test_no_vietnamese_letter_is_lost(text: str) -> None:
    letters = [c for c in unicodedata.normalize("NFC", text) if c.isalpha()]
    assert [c for c in nfc(text) if c.isalpha()] == letters
    assert len([c for c in fold(text) if c.isalpha()]) == len(letters)


def test_folding_is_fast() -> None:
    texts = [f"Giấy chứng nhận đăng ký hoạt động số {n} của Uỷ ban " * 3 for n in range(5000)]
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            fold(text)
        best = min(best, time.process_time() - start)
    assert best < 0.3  # 50,000 strings of 150 characters in 1.5 s, in processor time


def test_legacy_fonts_are_recognised_and_converted() -> None:
    assert looks_like_legacy_encoding(TCVN3) == "TCVN3"
    assert from_legacy(TCVN3, "TCVN3") == (
        "Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc. Người nước ngoài"
    )
    assert looks_like_legacy_encoding(VNI) == "VNI"
    assert from_legacy(VNI, "VNI") == (
        "Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc. CỘNG HÒA"
    )
    assert nfc(TCVN3).count("\u00ad") == 2  # there the soft hyphen is the letter ư


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Khánh Hòa",
        "Hà Tĩnh, Bình Thuận, Cà Mau",
        "Giấy chứng nhận đăng ký doanh nghiệp",
        "Café Crème à Paris",
        "Société Générale, Nestlé",
        "São Paulo, Bogotá",
        "Çelik Müller Straße",
        "plain ASCII",
    ],
)
def test_other_texts_are_not_taken_for_legacy(text: str) -> None:
    assert looks_like_legacy_encoding(text) is None


def test_legacy_needs_seventeen_words_of_twenty() -> None:
    """Foreign names may stand in a TCVN3 text, but at most 15 % of its words."""
    assert looks_like_legacy_encoding("ViÖt " * 17 + "Müller " * 3) == "TCVN3"
    assert looks_like_legacy_encoding("ViÖt " * 16 + "Müller " * 4) is None
    assert looks_like_legacy_encoding("Céng Müller") is None


@given(st.text())
def test_legacy_functions_never_raise(text: str) -> None:
    encoding = looks_like_legacy_encoding(text)
    assert encoding in (None, "TCVN3", "VNI")
    assert isinstance(from_legacy(text, "VNI"), str)
    assert isinstance(from_legacy(text, "TCVN3"), str)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(UnknownName, match="TCVN3"):
        from_legacy("x", "VISCII")


def test_every_odd_space_line_end_and_invisible_sign_is_read_as_what_it_stands_for():
    spaces = [*range(0x2000, 0x200B), 0x00A0, 0x1680, 0x202F, 0x205F, 0x3000, 0x0009]
    assert {nfc(f"a{chr(point)}b") for point in spaces} == {"a b"}
    ends = [0x000B, 0x000C, 0x000D, 0x0085, 0x2028, 0x2029]
    assert {nfc(f"a{chr(point)}b") for point in ends} == {"a\nb"}
    gone = [0, 8, 0x0E, 0x1F, 0x7F, 0x86, 0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x206F]
    gone += [0xFFF9, 0xFFFB, 0xD800, 0xDFFF, 0x00AD, 0x034F, 0x061C, 0x115F, 0x180E, 0xFEFF, 0xFFFF]
    assert {nfc(f"a{chr(point)}b") for point in gone} == {"ab"}
    assert {nfc(f"a{chr(point)}b") for point in (0x2010, 0x2030, 0x2070)} == {"a‐b", "a‰b", "a⁰b"}
