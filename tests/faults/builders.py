"""One small file for each of the items 1-47: what an officer could really hand in."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from tests.cli.records import RESIDENCE, changed, write_json
from tests.readers import broken

__all__ = ["listed", "own", "own_rows", "plan_file", "record_text", "tables"]

LIST_HEADINGS = ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực")
OWN_HEADINGS = ("Mã TTHC", "Tên thủ tục hành chính", "Bộ quản lý (cơ quan ban hành)")


def own_rows(*rows: Sequence[str]) -> str:
    """Return the XML of a sheet "Thủ tục" of procsim's workbook."""
    return "".join(
        broken.text_row(number, *texts) for number, texts in enumerate((OWN_HEADINGS, *rows), 1)
    )


def own(path: Path, *rows: Sequence[str], **more: object) -> Path:
    """Write a procsim workbook of one sheet."""
    return broken.workbook(path, own_rows(*rows), **more)


def listed(path: Path, rows: Sequence[Sequence[str]], **more: object) -> Path:
    """Write an official list."""
    xml = "".join(broken.text_row(n, *texts) for n, texts in enumerate((LIST_HEADINGS, *rows), 1))
    return broken.workbook(path, xml, name="Danh sách TTHC", **more)


def record_text(path: Path, field: str) -> Path:
    """Write one record as JSON text with one raw field put in front, as no encoder would."""
    text = json.dumps(RESIDENCE, ensure_ascii=False)
    path.write_text(f"{{{field}, {text[1:]}", encoding="utf-8")
    return path


def tables(folder: Path, **files: Sequence[Sequence[object]]) -> Path:
    """Write a folder of CSV, one table each; the first row of each holds the headings."""
    folder.mkdir()
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return folder


def plan_file(path: Path, percent: object) -> Path:
    """Write a plan that shortens one limit by a share."""
    path.write_text(
        "procsim_plan: 1\nname: Thử\nreforms:\n"
        "  - kind: shorten_limit\n    procedure: '1.004222'\n"
        f"    percent: {percent}\n    reason: thử\n",
        encoding="utf-8",
    )
    return path


def named(path: Path, name: str) -> Path:
    """Write a record that bears a name."""
    return write_json(path, [changed(name=name)])


def own_cells(path: Path, cells: str, *, headings: Sequence[str] = (), **more: object) -> Path:
    """Write a procsim workbook whose only data row is raw XML of cells in row 2."""
    head = broken.text_row(1, *OWN_HEADINGS, *headings)
    return broken.workbook(path, f'{head}<row r="2">{cells}</row>', **more)


CODE = broken.text_cell("A2", "1.004222")
NAME = broken.text_cell("B2", "Đăng ký thường trú")
MINISTRY = broken.text_cell("C2", "Bộ Công an")
ROW = ("1.004222", "Đăng ký thường trú", "Bộ Công an")
LIST_ROW = ("1.004222", "Đăng ký thường trú", "Bộ Công an", "Công an cấp xã", "Cư trú")


# Files (1-18) -----------------------------------------------------------------------------


def f01_empty(at: Path) -> Path:
    path = at / "trong.xlsx"
    path.write_bytes(b"")
    return path


def f02_truncated(at: Path) -> Path:
    return broken.cut(own(at / "cut.xlsx", ROW))


def f03_wrong_extension(at: Path) -> Path:
    return own(at / "so.xlsx", ROW).rename(at / "so.json")


def f04_encrypted(at: Path) -> Path:
    return broken.ole(at / "khoa.xlsx", "EncryptedPackage")


def f05_macros(at: Path) -> Path:
    return own(at / "macro.xlsm", ROW, extra={"xl/vbaProject.bin": b"x"})


def f06_old_xls(at: Path) -> Path:
    return broken.ole(at / "cu.xls", "Workbook")


def f07_zip_bomb(at: Path) -> Path:
    return broken.bomb(at / "bom.xlsx", 40)


def f08_too_many_parts(at: Path) -> Path:
    return broken.many_parts(at / "nhieu.xlsx", 2_001)


def f09_zip_slip(at: Path) -> Path:
    return own(at / "truot.xlsx", ROW, extra={"../../ngoai.txt": b"x"})


def f10_entity_bomb(at: Path) -> Path:
    return broken.entity_bomb(at / "thuc-the.xlsx")


def f11_external_entity(at: Path) -> Path:
    return broken.external_entity(at / "ngoai.xlsx")


def f12_far_cell(at: Path) -> Path:
    return broken.far_cell(at / "xa.xlsx")


def f13_false_dimension(at: Path) -> Path:
    rows = [(f"1.{n:06}", f"Thủ tục {n}", *LIST_ROW[2:]) for n in range(1, 1001)]
    return listed(at / "vung-sai.xlsx", rows, before='<dimension ref="A1:B2"/>')


def f14_many_rows(at: Path) -> Path:
    rows = [(f"d{n}", "1.004222", n, f"Điều kiện {n}") for n in range(1, 65_601)]
    head = ("id", "procedure", "position", "text")
    return tables(at / "nhieu", procedures=PROCEDURES, conditions=[head, *rows])


def f15_over_excel_limits(at: Path) -> Path:
    return broken.workbook(at / "qua.xlsx", '<row r="1048577"><c r="A1048577"><v>1</v></c></row>')


def f16_external_links(at: Path) -> Path:
    link = f"<externalLink {broken.NAMESPACE}/>"
    return own(at / "lien-ket.xlsx", ROW, extra={"xl/externalLinks/externalLink1.xml": link})


def f17_hostile_name(at: Path) -> Path:
    return write_json(at / "b\u202eảng [31m=1+1.json", [RESIDENCE, {}])


def f18_oversize(at: Path) -> Path:
    path = at / "lon.xlsx"
    with path.open("wb") as stream:
        stream.truncate(513 * 1024 * 1024)  # takes no room on the disk
    return path


# Cells (19-37) ----------------------------------------------------------------------------


def f19_uncached_formula(at: Path) -> Path:
    return own_cells(at / "a.xlsx", CODE + NAME + '<c r="C2"><f>B7</f></c>')


def f20_error_value(at: Path) -> Path:
    return own_cells(at / "a.xlsx", CODE + NAME + '<c r="C2" t="e"><v>#REF!</v></c>')


def f21_merged(at: Path) -> Path:
    merged = '<mergeCells count="1"><mergeCell ref="C2:C3"/></mergeCells>'
    rows = (ROW, ("1.000656", "Đăng ký khai tử", ""))
    return own(at / "a.xlsx", *rows, after=merged)


def f22_hidden(at: Path) -> Path:
    second = broken.text_row(3, "1.000656", "Đăng ký khai tử", "Bộ Tư pháp")
    rows = own_rows(ROW) + second.replace('<row r="3">', '<row r="3" hidden="1">')
    made = broken.parts({"Thủ tục": broken.sheet_xml(rows)}, states={"Thủ tục": "hidden"})
    return broken.pack(at / "a.xlsx", made)


def f23_duplicate_headers(at: Path) -> Path:
    cells = CODE + NAME + MINISTRY + broken.text_cell("D2", "Bộ khác")
    return own_cells(at / "a.xlsx", cells, headings=OWN_HEADINGS[2:])


def f24_columns(at: Path) -> Path:
    rows = broken.text_row(1, "Tên thủ tục hành chính", "Mã TTHC") + broken.text_row(
        2, "Đăng ký thường trú", "1.004222"
    )
    return broken.workbook(at / "a.xlsx", rows)


def f25_codes(at: Path) -> Path:
    second = broken.text_row(3, "1.004222", "Đăng ký thường trú", "001")
    cells = '<c r="A2"><v>1.01385</v></c>' + NAME + MINISTRY
    head = broken.text_row(1, *OWN_HEADINGS)
    return broken.workbook(at / "a.xlsx", f'{head}<row r="2">{cells}</row>{second}')


def f26_one_ten(at: Path) -> Path:
    head = [("code", "name", "ministry", "decision"), ("1.004222", "1.10", "Bộ A", "1.10")]
    return tables(at / "bang", procedures=head)


def f27_na(at: Path) -> Path:
    head = [("code", "name", "ministry", "decision"), ("1.004222", "NA", "None", "null")]
    return tables(at / "bang", procedures=head)


def f28_dates(at: Path) -> Path:
    heading = ("Ngày quyết định",)
    cells = CODE + NAME + MINISTRY + '<c r="D2" s="1"><v>44226</v></c>'
    rows = (
        broken.text_row(1, *OWN_HEADINGS, *heading)
        + f'<row r="2">{cells}</row>'
        + broken.text_row(3, "1.000656", "Khai tử", "Bộ Tư pháp", "31/01/2025")
        + broken.text_row(4, "1.000657", "Thử", "Bộ Tư pháp", "31/02/2025")
    )
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    return broken.workbook(at / "a.xlsx", rows, date_1904=True, styles=styles)


def _times(at: Path, *written: str) -> Path:
    rows = [
        (f"1.00000{n}", f"Thủ tục {n}", "Bộ A", text) for n, text in enumerate(written, start=1)
    ]
    return tables(
        at / "bang", procedures=[("code", "name", "ministry", "subjects_per_year"), *rows]
    )


def f29_decimal_commas(at: Path) -> Path:
    return _times(at, "1.234,5", "12,5", "1.234.567", "1.234", "1,2,3")


def f30_long_numbers(at: Path) -> Path:
    cells = CODE + NAME + MINISTRY + '<c r="D2"><v>12345678901234567</v></c>'
    return own_cells(at / "a.xlsx", cells, headings=("Quyết định công bố",))


def f31_unicode_forms(at: Path) -> Path:
    nfd = unicodedata.normalize("NFD", "Bộ Công an")
    return write_json(
        at / "a.json", [RESIDENCE, changed(code="1.000001", departmentPromulgateName=nfd)]
    )


def f32_old_fonts(at: Path) -> Path:
    path = at / "bang"
    path.mkdir()
    text = "code,name,ministry\n1.004222,Thñ tôc hµnh chÝnh,Bé C«ng an\n"
    (path / "procedures.csv").write_bytes(text.encode("cp1252"))
    return path


def f33_odd_spaces(at: Path) -> Path:
    return write_json(
        at / "a.json",
        [
            changed(
                code="\u200b1.004222\u00a0",
                name="Đăng\u00a0ký\u2003thường\u200b trú",
                departmentPromulgateName="Bộ\u00a0Công\u00a0an",
            )
        ],
    )


def f34_controls(at: Path) -> Path:
    path = at / "a.jsonl"
    good = json.dumps(changed(name="Đăng ký\u0000 thường\u0007 trú"), ensure_ascii=True)
    bad = '{"code": "1.000001", "name": "\\ud83d"}'
    path.write_text(f"{good}\n{bad}\n", encoding="utf-8")
    return path


def f35_long_text(at: Path) -> Path:
    return named(at / "a.json", "ế" * 40_000)


def f36_formulas(at: Path) -> Path:
    names = ["=1+1", "+84", "-5", "@SUM(A1)", "\t=1", '=HYPERLINK("http://a";"b")']
    return write_json(
        at / "a.json", [changed(code=f"9.00000{n}", name=name) for n, name in enumerate(names)]
    )


MARKUP = "<script>alert(1)</script> **đậm** '); DROP TABLE procedures;-- &amp; ]]>"


def f37_markup(at: Path) -> Path:
    return named(at / "a.json", MARKUP)


# JSON and model (38-47) -------------------------------------------------------------------


def f38_not_finite(at: Path) -> Path:
    return record_text(at / "a.json", '"isWard": NaN, "x": -Infinity')


def f39_duplicate_keys(at: Path) -> Path:
    return record_text(at / "a.json", '"code": "9.999999"')


def f40_deep(at: Path) -> Path:
    return record_text(at / "a.json", '"x": ' + "[" * 100_000 + "]" * 100_000)


def f41_huge_integer(at: Path) -> Path:
    return record_text(at / "a.json", '"x": ' + "9" * 5_000)


def f42_newer(at: Path) -> Path:
    guide = broken.text_row(1, "Phiên bản mẫu", "99")
    made = broken.parts(
        {"Hướng dẫn": broken.sheet_xml(guide), "Thủ tục": broken.sheet_xml(own_rows(ROW))}
    )
    return broken.pack(at / "a.xlsx", made)


PROCEDURES = (("id", "code", "name", "ministry"), ("1.004222", "1.004222", "Thử", "Bộ A"))


def f43_dangling(at: Path) -> Path:
    rows = [("id", "procedure", "case", "position", "name"), ("r1", "1.004222", "khong-co", 1, "A")]
    return tables(at / "bang", procedures=PROCEDURES, requirements=rows)


def f44_cycle(at: Path) -> Path:
    steps = [("id", "procedure", "position", "name")] + [
        (f"s{n}", "1.004222", n, f"Bước {n}") for n in (1, 2, 3)
    ]
    flow = [("id", "procedure", "before", "after")] + [
        (f"{a}-{b}", "1.004222", a, b) for a, b in (("s1", "s2"), ("s2", "s3"), ("s3", "s1"))
    ]
    return tables(at / "bang", procedures=PROCEDURES, steps=steps, flow=flow)


def f45_zeros(at: Path) -> Path:
    return write_json(at / "a.json", [changed(state="INACTIVE")])


def f46_over_replaced(at: Path) -> Path:
    cases = [("id", "procedure", "position", "name"), ("c1", "1.004222", 1, "")]
    rows = [
        ("id", "procedure", "case", "position", "name", "kind", "papers", "replaced"),
        ("r1", "1.004222", "c1", 1, "Giấy A", "document", 1, 2),
        ("r2", "1.004222", "c1", 2, "Giấy B", "document", 1, -1),
    ]
    return tables(at / "bang", procedures=PROCEDURES, cases=cases, requirements=rows)


def f47_no_procedure(at: Path) -> Path:
    return own(at / "a.xlsx")


def f32_old_font_in_a_workbook(at: Path) -> Path:
    return own(at / "a.xlsx", ("1.004222", "Thñ tôc hµnh chÝnh", "Bộ Công an"))


def f32_old_font_in_a_record(at: Path) -> Path:
    return named(at / "a.json", "Thñ tôc hµnh chÝnh cña c¬ quan")
