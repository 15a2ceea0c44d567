"""A folder of CSV files sent as one ZIP file: read as the folder, hostile ones refused in words."""

from __future__ import annotations

import contextlib
import io
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

import procsim as ps
from procsim.errors import Fault, UnreadableInput
from procsim.model import Portfolio

SMALL = (
    "id,code,name,ministry\n1.000001,1.000001,Cấp thẻ,Bộ A\n1.000002,1.000002,Cấp giấy phép,Bộ A\n"
)


def packed(path: Path, members: Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = 8):
    """Write a ZIP file as a packer would; warnings about names that stand twice are expected."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def faults(path: Path) -> list[Fault]:
    """Read a file that must be refused."""
    with pytest.raises(UnreadableInput) as caught:
        ps.read(path)
    return list(caught.value.faults)


def codes(path: Path) -> list[str]:
    """Return the codes of a refusal, each said in both languages with its cure."""
    found = faults(path)
    assert all(fault.message.vi and fault.message.en and fault.cure.vi for fault in found)
    assert all(fault.place == path.name for fault in found)
    return [fault.code for fault in found]


def unflagged(path: Path, name: bytes, content: bytes, extra: bytes = b"") -> Path:
    """Write one member under raw bytes without the flag of UTF-8, as old packers do."""
    held = zipfile.ZipInfo("x" * len(name))
    held.extra = extra
    packed(path, [(held, content)])
    path.write_bytes(path.read_bytes().replace(b"x" * len(name), name))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as a folder of CSV files."""
    path = tmp_path_factory.mktemp("csv") / "danh-muc"
    ps.write_folder(ps.load_sample(), path)
    return path


@pytest.mark.parametrize("prefix", ["", "danh-muc/", "Hồ sơ/danh mục 2026/", "danh-muc\\"])
def test_a_packed_folder_is_read_as_the_folder(folder: Path, tmp_path: Path, prefix: str) -> None:
    path = packed(
        tmp_path / "danh-muc.zip",
        [(prefix + file.name, file.read_bytes()) for file in sorted(folder.iterdir())],
    )
    made = ps.read(path)
    assert made.equals(ps.load_sample())
    assert made.source == "danh-muc.zip"
    assert not [fault for fault in made.faults if fault.code.startswith("zip")]


def test_what_systems_add_is_passed_over_and_other_files_are_told(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        [
            ("dm/", b""),
            ("dm/procedures.csv", SMALL.encode()),
            ("__MACOSX/dm/._procedures.csv", b"\x00\x05\x16\x07"),
            ("dm/.DS_Store", b"x"),
            ("dm/Thumbs.db", b"x"),
            ("dm/Đọc trước.docx.txt", b"x"),
        ],
    )
    made = ps.read(path)
    assert len(made) == 2
    (note,) = [fault for fault in made.faults if fault.code == "zip.left"]
    assert (note.severity, note.value) == ("note", "dm/Đọc trước.docx.txt")


def names_of(portfolio: Portfolio) -> list[str]:
    """Return the names of the procedures."""
    return portfolio.procedures["name"].tolist()


def test_names_in_utf8_and_in_cp437(tmp_path: Path) -> None:
    title = "Thủ tục.csv"  # the Vietnamese title of the table serves as a file name
    flagged = packed(tmp_path / "a.zip", [(title, SMALL.encode())])
    assert names_of(ps.read(flagged)) == ["Cấp thẻ", "Cấp giấy phép"]
    without_flag = unflagged(tmp_path / "b.zip", title.encode(), SMALL.encode())
    assert names_of(ps.read(without_flag)) == ["Cấp thẻ", "Cấp giấy phép"]
    raw = b"Th? t?c.csv"
    body = struct.pack("<BL", 1, zlib.crc32(raw)) + title.encode()
    extra = struct.pack("<HH", 0x7075, len(body)) + body
    by_field = unflagged(tmp_path / "c.zip", raw, SMALL.encode(), extra)
    assert names_of(ps.read(by_field)) == ["Cấp thẻ", "Cấp giấy phép"]
    folder = unflagged(tmp_path / "d.zip", b"\x82t\x82/procedures.csv", SMALL.encode())  # été
    assert len(ps.read(folder)) == 2


def test_bounds_of_members_size_and_ratio(tmp_path: Path) -> None:
    many = packed(tmp_path / "a.zip", [(f"{n}.csv", b"id\n") for n in range(2_001)])
    assert codes(many) == ["file.too_many_parts"]
    bomb = packed(tmp_path / "b.zip", [("procedures.csv", b"a" * (25 << 20))])
    assert bomb.stat().st_size < 100_000
    assert codes(bomb) == ["file.zip_bomb"]


@pytest.mark.parametrize("name", ["../procedures.csv", "/etc/procedures.csv", "C:\\procedures.csv"])
def test_paths_that_lead_outside_write_nothing(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", [(name, SMALL.encode()), ("procedures.csv", SMALL.encode())])
    before = sorted(tmp_path.parent.rglob("*.csv"))
    assert codes(path) == ["file.zip_slip"]
    assert sorted(tmp_path.parent.rglob("*.csv")) == before


def test_a_path_outside_in_the_field_of_infozip_is_refused(tmp_path: Path) -> None:
    raw = b"xrocedures.csv"
    body = struct.pack("<BL", 1, zlib.crc32(raw)) + b"../procedures.csv"
    extra = struct.pack("<HH", 0x7075, len(body)) + body
    assert codes(unflagged(tmp_path / "a.zip", raw, SMALL.encode(), extra)) == ["zip.outside"]


@pytest.mark.parametrize("name", ["b.zip", "dm/b.xlsx", "b.tar.gz", "B.ZIP"])
def test_nested_archives_are_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", [("procedures.csv", SMALL.encode()), (name, b"PK")])
    assert codes(path) == ["zip.nested"]


def test_an_archive_that_calls_itself_csv_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("procedures.csv", SMALL)
    path = packed(tmp_path / "a.zip", [("procedures.csv", inner.getvalue())])
    assert codes(path) == ["zip.nested"]


def test_tables_in_two_folders_are_refused(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip", [("a/procedures.csv", SMALL.encode()), ("b/cases.csv", b"id\n")]
    )
    assert codes(path) == ["zip.folders"]
    assert faults(path)[0].value == "a, b"


def test_links_ways_of_packing_and_twins_are_refused_at_once(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("cases.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    odd = zipfile.ZipInfo("channels.csv")
    odd.compress_type = zipfile.ZIP_LZMA
    twins = [("fees.csv", b"id\n"), ("fees .csv", b"id\n")]
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("procedures.csv", SMALL)
        archive.writestr(link, "/etc/passwd")
        archive.writestr(odd, "id\n", zipfile.ZIP_LZMA)
        for name, content in twins:
            archive.writestr(name, content)
    assert codes(path) == ["zip.link", "zip.method", "zip.twice"]


def test_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", [("procedures.csv", SMALL.encode()), ("cases.csv", b"id\n")])
    content = bytearray(path.read_bytes())
    second = content.rindex(b"PK\x01\x02")
    content[second + 20 : second + 24] = struct.pack("<L", 10_000)  # packed size in the directory
    path.write_bytes(content)
    assert "zip.overlap" in codes(path)


def test_a_password_a_cut_and_a_wrong_checksum_are_told(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", [("procedures.csv", SMALL.encode())], zipfile.ZIP_STORED)
    good = path.read_bytes()
    secret = bytearray(good)
    secret[good.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(secret)
    assert codes(path) == ["file.encrypted"]
    assert "ZIP" in faults(path)[0].cure.vi
    path.write_bytes(good[:-30])
    assert codes(path) == ["file.truncated"]
    path.write_bytes(good.replace("Cấp thẻ".encode(), "Cắp thẻ".encode(), 1))
    assert codes(path) == ["file.truncated"]


def test_a_zip_without_tables_and_one_of_another_ending(tmp_path: Path) -> None:
    photos = packed(tmp_path / "a.zip", [("anh.jpg", b"x")])
    assert codes(photos) == ["file.not_supported"]
    assert "không chứa tệp .csv nào" in faults(photos)[0].message.vi
    named = packed(tmp_path / "a.xlsx", [("procedures.csv", SMALL.encode())])
    assert codes(named) == ["file.wrong_extension"]
    assert faults(named)[0].proposal == "a.zip"
    strange = packed(tmp_path / "b.zip", [("gi-do.csv", b"a,b\n1,2\n")])
    assert [fault.code for fault in faults(strange)] == ["reader.no_sheets"]


def test_random_damage_ends_in_words_and_soon(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", [("procedures.csv", SMALL.encode())])
    good = path.read_bytes()
    begin = time.monotonic()
    for at in range(0, len(good), 40):
        broken = bytearray(good)
        broken[at] ^= 0xFF
        path.write_bytes(broken)
        with contextlib.suppress(UnreadableInput):  # anything else would fail here
            assert len(ps.read(path)) <= 2
    assert time.monotonic() - begin < 60
