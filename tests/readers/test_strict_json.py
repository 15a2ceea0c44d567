"""JSON that Python's own parser would take without a word."""

from __future__ import annotations

import gzip
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procsim.errors import Fault, UnreadableInput
from procsim.readers.gates.limits import DEFAULT, Limits
from procsim.readers.gates.strict_json import CHUNK, iter_json, iter_json_lines, loads
from tests.readers import broken
from tests.shared import SHARED, needs_shared


def fault_from_cells(text: str) -> Fault:
    with pytest.raises(UnreadableInput) as caught:
        loads(text, "tệp.json")
    (fault,) = caught.value.faults
    assert fault.place.startswith("tệp.json")
    assert fault.cure.vi
    assert fault.cure.en
    return fault


def outcome(text: str) -> tuple[object, str]:
    """Return the value of a text, or the code of its fault."""
    try:
        return loads(text, "x"), ""
    except UnreadableInput as error:
        return None, error.faults[0].code


def says(fault: Fault, code: str, *words: str) -> None:
    assert fault.code == code
    text = f"{fault.in_language('vi')} / {fault.in_language('en')}"
    for word in words:
        assert word in text, f"{word!r} is missing in {text!r}"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1E400"])
def test_38_numbers_that_are_not_finite(value):
    fault = fault_from_cells(f'{{"tên": "NaN Infinity 1e999",\n "a": [1, {value}]}}')
    says(fault, "json.not_finite", value, "hữu hạn hoặc null", "finite", "dòng 2, cột 11")


def test_39_duplicate_keys():
    fault = fault_from_cells('{"a": {"mã": 1, "b": 2, "mã": 3}}')
    says(fault, "json.duplicate_key", "'mã'", "hai lần", "stands twice", "Sửa chỗ này")
    assert loads('[{"a": 1}, {"a": 1}]', "") == [{"a": 1}, {"a": 1}]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 1_000_000 + "]" * 1_000_000,
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        '[{"a":' * 40 + "1" + "}]" * 40,
        '["]]]", ' * 100 + "1" + "]" * 100,
        '["\\"]",' * 100 + "1" + "]" * 100,
        "[" * 65 + "]" * 65,
    ],
)
def test_40_nesting_is_bounded_without_recursion(text):
    says(fault_from_cells(text), "json.too_deep", "lồng nhau quá 64 cấp", "deeper than 64 levels")


def test_40_what_is_wide_and_not_deep_is_read():
    for text in (
        "[" * 64 + "]" * 64,
        json.dumps([{"a": [1, {"b": []}]}] * 5_000),
        json.dumps(["[[[[{{{{" * 100, '"[' * 100, "\\" * 99 + '"[']),
    ):
        assert loads(text, "") == json.loads(text)


@given(
    st.recursive(
        st.none() | st.text('[]{}"\\a,:', max_size=8),
        lambda x: (
            st.lists(x, max_size=3) | st.dictionaries(st.text('[{"\\', max_size=3), x, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_40_depth_agrees_with_a_count_by_hand(value):
    def depth(one: object) -> int:
        if isinstance(one, dict):
            one = list(one.values())
        return 1 + max(map(depth, one), default=0) if isinstance(one, list) else 0

    text = json.dumps(value, ensure_ascii=False)
    for limit in range(1, 6):
        limits = replace(DEFAULT, json_depth=limit)
        if depth(value) <= limit:
            assert loads(text, "", limits) == value
        else:
            with pytest.raises(UnreadableInput):
                loads(text, "", limits)


@pytest.mark.parametrize("digits", [16, 19, 5_000, 1_000_000])
def test_41_huge_integers(digits):
    fault = fault_from_cells('{"a": -' + "9" * digits + "}")
    says(
        fault,
        "json.huge_integer",
        f"{digits:,}".replace(",", ".") + " chữ số",
        "giới hạn là 15",
        "the limit is 15",
    )
    assert loads("-" + "9" * 15, "") == -999_999_999_999_999


@pytest.mark.parametrize(
    "text", ['"\\ud83d"', '"\\ude00"', '"\\ud83d\\ud83d\\ude00"', '"a\\\\\\ud83d"', '"\ud83d"']
)
def test_lone_surrogates(text):
    says(fault_from_cells(text), "json.surrogate", "cắt đôi", "lone surrogate")


def test_surrogates_in_pairs_and_written_backslashes_are_read():
    assert loads('"\\ud83d\\ude00"', "") == "😀"
    assert loads('"\\\\ud83d"', "") == "\\ud83d"


def test_broken_text_names_line_and_column():
    says(fault_from_cells('{"a": 1,\n "b" 2}'), "json.broken", "dòng 2, cột 6", "line 2, column 6")
    says(fault_from_cells('{"a": 1,\n "b": '), "json.truncated", "cắt cụt", "truncated", "dòng 2")
    says(fault_from_cells('{"a": "mở'), "json.truncated", "kết thúc giữa chừng")
    says(fault_from_cells("{'a': 1}"), "json.broken", "cột 2")


def whole(path: Path, limits: Limits = DEFAULT) -> list[object]:
    return [value for _, value in iter_json(path, limits)]


def test_whole_files_plain_and_packed(tmp_path):
    value = {"tên": "Cấp thẻ", "số": [1, 2.5, None, True]}
    content = ("\ufeff" + json.dumps(value, ensure_ascii=False)).encode("utf-8")
    plain = tmp_path / "a.json"
    plain.write_bytes(content)
    packed = broken.gz(tmp_path / "a.json.gz", content)
    assert whole(plain) == whole(packed) == [value]
    with pytest.raises(UnreadableInput, match="cắt cụt"):
        whole(broken.cut(packed, 0.7))
    for codec in ("utf-16", "utf-16-le", "utf-16-be"):
        plain.write_bytes(json.dumps(value, ensure_ascii=False).encode(codec))
        assert whole(plain) == [value]
    plain.write_bytes("Cấp thẻ".encode("utf-16"))
    with pytest.raises(UnreadableInput, match="JSON sai cú pháp"):
        whole(plain)
    plain.write_bytes('{"tên": "Cấp thẻ"}'.encode("cp1258", "replace"))
    with pytest.raises(UnreadableInput, match="không phải UTF-8"):
        whole(plain)


@pytest.mark.parametrize("before", ["", " \n\t", " " * (CHUNK - 3)])
@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("[]", []),
        ("{}", [{}]),
        ("5", [5]),
        ("[1, 23 ,[], {}]", [1, 23, [], {}]),
        ('{"data": [ 1 , {"a": 2}], "n": 3}', [1, {"a": 2}]),
        ('{"n": 3, "data": {"a": 1}}', [{"a": 1}]),
        ('{"data": [], "data2": 1}', []),
        ('{"data": 5}', [{"data": 5}]),
        (json.dumps([{"chữ": "Việt" * 900, "n": n} for n in range(400)], ensure_ascii=False), None),
    ],
)
def test_records_come_one_by_one_from_whatever_holds_them(tmp_path, before, text, items):
    path = tmp_path / "a.json"
    path.write_text(before + text + "\n", encoding="utf-8")
    assert whole(path) == (json.loads(text) if items is None else items)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[1, 2", "json.truncated", "dòng 1"),
        ("[1,\n 2 3]", "json.broken", "dòng 2, cột 4"),
        ("[1]\n[2]", "json.broken", "dòng 2, cột 1"),
        ("{1: 2}", "json.broken", "dòng 1, cột 2"),
        ('{"a" 1}', "json.broken", "dòng 1, cột 6"),
        ('[{"a": 1},\n\n {"a": NaN}]', "json.not_finite", "dòng 3, cột 8"),
        ('{"a": 1, "a": 2}', "json.duplicate_key", "'a'"),
        ("[" * 100_000, "json.too_deep", "64"),
        ("[" * 70 + "]" * 70, "json.too_deep", "64"),
        ("[[" + "1," * 100_001 + "1]]", "json.too_many_values", "100,000"),
        ("[[" + "[]," * 9_000_000 + "1]]", "json.too_many_values", "100,000"),
        ("{" + ",".join(f'"{n}": 1' for n in range(100_002)) + "}", "json.too_many_values", ""),
        ('["' + "a" * (17 << 20) + '"]', "json.line_too_long", "16 MB"),
    ],
)
def test_a_document_that_is_wrong_says_where(tmp_path, text, code, words):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput) as caught:
        whole(path)
    (fault,) = caught.value.faults
    says(fault, code, words)
    assert fault.place.startswith("a.json")


def test_good_lines_come_and_each_bad_line_is_a_fault(tmp_path):
    lines = [
        b'\xef\xbb\xbf{"a": 1}',
        b"",
        b'{"a": NaN}',
        b'{"a": 2}',
        b'{"a": 1, "a": 2}',
        b'{"a": "\xff"}',
        b"[" * 5_000,
        b'{"a": 12345678901234567890}',
        b'{"a": ',
        b"   ",
        b'{"a": 3}',
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\r\n".join(lines))
    packed = broken.gz(tmp_path / "a.jsonl.gz", b"\n".join(lines))
    for one in (path, packed):
        found = list(iter_json_lines(one))
        good = [(n, value) for n, value in found if not isinstance(value, Fault)]
        assert good == [(1, {"a": 1}), (4, {"a": 2}), (11, {"a": 3})]
        bad = {n: value for n, value in found if isinstance(value, Fault)}
        assert {n: fault.code for n, fault in bad.items()} == {
            3: "json.not_finite",
            5: "json.duplicate_key",
            6: "json.encoding",
            7: "json.too_deep",
            8: "json.huge_integer",
            9: "json.truncated",
        }
        assert bad[3].place.startswith(f"{one.name} › dòng 3")


def test_a_line_that_is_too_long_is_passed_over(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n"' + "x" * 5_000 + '"\n{"a": 2}\n', encoding="utf-8")
    found = list(iter_json_lines(path, replace(DEFAULT, json_line_bytes=1_000)))
    assert [n for n, _ in found] == [1, 2, 3]
    says(found[1][1], "json.line_too_long", "dòng 2", "dài hơn", "limit")
    assert found[2][1] == {"a": 2}


def test_a_packed_file_that_breaks_off_gives_its_good_lines(tmp_path):
    content = b"".join(b'{"a": %d, "b": "%d"}\n' % (n, n * 7919) for n in range(5_000))
    path = broken.cut(broken.gz(tmp_path / "a.jsonl.gz", content))
    found = list(iter_json_lines(path))
    assert len(found) > 1_000
    assert found[0] == (1, {"a": 0, "b": "0"})
    says(found[-1][1], "file.truncated", "cắt cụt", "truncated", "Tải")
    assert not any(isinstance(value, Fault) for _, value in found[:-1])


def test_a_packed_bomb_is_stopped(tmp_path):
    path = broken.gz(tmp_path / "a.jsonl.gz", b'{"a": 1}\n' * 100_000)
    seen: list[int] = []
    strict = replace(DEFAULT, ratio_from_bytes=100_000, ratio=100)
    with pytest.raises(UnreadableInput, match="bung ra"):
        seen.extend(number for number, _ in iter_json_lines(path, strict))
    assert path.stat().st_size < 5_000


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**15) + 1, 10**15 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda x: (
            st.lists(x, max_size=4)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), x, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_every_sound_value_comes_back(value):
    for ascii_only in (True, False):
        assert loads(json.dumps(value, ensure_ascii=ascii_only), "") == value


@given(st.text('{}[]",:\\ud8eE+-0123456789.NaInfinity \n', max_size=60))
def test_any_text_is_a_value_or_a_fault(text):
    value, code = outcome(text)
    if code:
        assert code.startswith("json.")
    else:
        assert json.loads(text) == value


def test_deep_callers_do_not_matter():
    def call(levels: int) -> object:
        return call(levels - 1) if levels else loads("[" * 60 + "]" * 60, "x")

    assert call(sys.getrecursionlimit() // 2) is not None


@needs_shared
def test_real_records_are_read_alike_and_fast_enough():
    path = SHARED / "portal" / "procedures.jsonl.gz"
    begun = time.process_time()
    strict = [value for _, value in iter_json_lines(path)]
    took = time.process_time() - begun
    begun = time.process_time()
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        plain = [json.loads(line) for line in stream]
    extra = took - (time.process_time() - begun)
    assert strict == plain
    assert len(strict) == 1_836
    assert extra < 1.0
