"""The empty Word document: page, styles and numbering after Nghị định 30/2020/NĐ-CP.

Phụ lục I of the decree: A4, 30–35 mm on the left, 15–20 mm on the right, 20–25 mm
above and below; Times New Roman 13–14, black; the page number in the middle above
the text, not on the first page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

__all__ = ["TEXT_HEIGHT_MM", "TEXT_WIDTH_MM", "add_field", "new_document"]

_FONT = "Times New Roman"
_SIZE = 13
_LEFT, _RIGHT, _EDGE = 30, 20, 20
TEXT_WIDTH_MM = 210 - _LEFT - _RIGHT
TEXT_HEIGHT_MM = 297 - 2 * _EDGE
_NUMBERS = 90  # above the numberings of the template


@dataclass(frozen=True, slots=True)
class _Look:
    """How the paragraphs of a style look; lengths in points, indents in mm."""

    size: float = _SIZE
    bold: bool = False
    italic: bool = False
    align: ALIGN = ALIGN.JUSTIFY
    before: float = 3
    after: float = 3
    first: float = 0
    left: float = 0
    right: float = 0
    next: bool = False
    line: bool = False


#: Style name → id (ASCII, for every reader) and look.
_OWN = {
    "Nội dung": ("NoiDung", _Look(first=10)),
    "Gạch đầu dòng": ("GachDauDong", _Look(first=10)),
    "Quốc hiệu": ("QuocHieu", _Look(12, bold=True, align=ALIGN.CENTER, before=0, after=0)),
    "Tiêu ngữ": ("TieuNgu", _Look(13, bold=True, align=ALIGN.CENTER, before=0, after=0)),
    "Kẻ dưới cơ quan": ("KeCoQuan", _Look(4, before=1, after=0, left=20, right=20, line=True)),
    "Kẻ dưới tiêu ngữ": ("KeTieuNgu", _Look(4, before=1, after=0, left=24, right=24, line=True)),
    "Cơ quan chủ quản": ("CoQuanChuQuan", _Look(12, align=ALIGN.CENTER, before=0, after=0)),
    "Số, ký hiệu": ("SoKyHieu", _Look(13, align=ALIGN.CENTER, before=6, after=0)),
    "Địa danh, thời gian": (
        "DiaDanh",
        _Look(13, italic=True, align=ALIGN.CENTER, before=6, after=0),
    ),
    "Tên văn bản": ("TenVanBan", _Look(14, bold=True, align=ALIGN.CENTER, before=0, after=0)),
    "Kèm theo": ("KemTheo", _Look(13, italic=True, align=ALIGN.CENTER, before=3, after=12)),
    "Tên mục lục": (
        "TenMucLuc",
        _Look(13, bold=True, align=ALIGN.CENTER, before=12, after=6, next=True),
    ),
    "Đầu bảng": ("DauBang", _Look(11, bold=True, align=ALIGN.CENTER, before=2, after=2)),
    "Ô chữ": ("OChu", _Look(11, align=ALIGN.LEFT, before=1, after=1)),
    "Ô số": ("OSo", _Look(11, align=ALIGN.RIGHT, before=1, after=1)),
    "Hình ảnh": ("HinhAnh", _Look(align=ALIGN.CENTER, before=6, after=0, next=True)),
    "Ghi chú": ("GhiChu", _Look(11, italic=True, before=3, after=6)),
    "Nơi nhận": ("NoiNhan", _Look(11, align=ALIGN.LEFT, before=0, after=0)),
    "Chức vụ người ký": (
        "ChucVu",
        _Look(13, bold=True, align=ALIGN.CENTER, before=0, after=0, next=True),
    ),
}
_TEMPLATE = {
    "Heading 1": _Look(14, bold=True, align=ALIGN.CENTER, before=18, after=6, next=True),
    "Heading 2": _Look(13, bold=True, align=ALIGN.LEFT, before=12, after=4, next=True),
    "Heading 3": _Look(13, bold=True, align=ALIGN.LEFT, before=10, after=3, next=True),
    "Heading 4": _Look(13, italic=True, before=4, after=2, first=10, next=True),
    "Caption": _Look(12, italic=True, align=ALIGN.CENTER, before=6, after=4),
    "Header": _Look(13, align=ALIGN.CENTER, before=0, after=0),
}
_CONTENTS = {
    "toc 1": _Look(12, bold=True, align=ALIGN.LEFT, before=4, after=1),
    "toc 2": _Look(12, align=ALIGN.LEFT, before=1, after=1, left=6, right=10),
    "toc 3": _Look(12, align=ALIGN.LEFT, before=0, after=0, left=12, right=10),
}
# What follows w:updateFields in the settings, by the schema.
_AFTER_UPDATE = tuple(
    f"w:{name}"
    for name in ("hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids")
)
_LEVELS = (
    ("upperRoman", "Phần %1.", "Heading1"),
    ("upperRoman", "%2.", "Heading2"),
    ("decimal", "%3.", "Heading3"),
    ("lowerLetter", "%4)", "Heading4"),
)


def new_document(title: str, part: str) -> WordDocument:
    """Return a document without content.

    Parameters
    ----------
    title
        Title in its properties.
    part
        What the first level of headings is called, such as ``"Phần"``.
    """
    document = Document()
    document.core_properties.title = title[:255]
    document.core_properties.author = "procsim"
    _page(document)
    _styles(document)
    _number_headings(document, part)
    _page_number(document)
    # The contents list pages that only a word processor knows; it asks to work them out.
    update = OxmlElement("w:updateFields")
    update.set(qn("w:val"), "true")
    document.settings.element.insert_element_before(update, *_AFTER_UPDATE)
    return document


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(_LEFT), Mm(_RIGHT)
    section.top_margin = section.bottom_margin = Mm(_EDGE)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True


def _styles(document: WordDocument) -> None:
    styles = document.styles
    for language in styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "vi-VN")
    _dress(styles["Normal"], _Look())
    for name, look in _TEMPLATE.items():
        _dress(styles[name], look)
    for name, look in _CONTENTS.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        _dress(style, look)
        style.paragraph_format.tab_stops.add_tab_stop(
            Mm(TEXT_WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )
    for name, (key, look) in _OWN.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.element.set(qn("w:styleId"), key)
        style.base_style = styles["Normal"]
        style.quick_style = True
        _dress(style, look)


def _dress(style: Any, look: _Look) -> None:
    """Give a paragraph style its letters and distances, none of them from a theme."""
    font, form = style.font, style.paragraph_format
    font.name, font.size = _FONT, Pt(look.size)
    font.bold, font.italic = look.bold, look.italic
    font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), _FONT)
    form.alignment = look.align
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.line_spacing = 1.0
    form.first_line_indent = Mm(look.first)
    form.left_indent, form.right_indent = Mm(look.left), Mm(look.right)
    form.keep_with_next = look.next
    form.widow_control = True
    if look.line:
        style.element.get_or_add_pPr().insert_element_before(
            parse_xml(
                f'<w:pBdr {nsdecls("w")}><w:top w:val="single" w:sz="6" w:space="1" '
                'w:color="000000"/></w:pBdr>'
            ),
            *("w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"),
        )


def _number_headings(document: WordDocument, part: str) -> None:
    """Number headings by their styles, so that an officer's insertions are counted too."""
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:pStyle w:val="{style}"/><w:suff w:val="space"/>'
        f'<w:lvlText w:val="{text.replace("Phần", part)}"/><w:lvlJc w:val="left"/></w:lvl>'
        for level, (kind, text, style) in enumerate(_LEVELS)
    )
    numbering = document.part.numbering_part.element
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{_NUMBERS}">'
            f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        ),
    )
    numbering.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{_NUMBERS}">'
            f'<w:abstractNumId w:val="{_NUMBERS}"/></w:num>'
        )
    )
    for level in range(len(_LEVELS)):
        properties = document.styles[f"Heading {level + 1}"].element.get_or_add_pPr()
        own = properties.get_or_add_numPr()
        own.get_or_add_ilvl().val = level
        own.get_or_add_numId().val = _NUMBERS


def _page_number(document: WordDocument) -> None:
    header = document.sections[0].header
    header.is_linked_to_previous = False
    paragraph = header.paragraphs[0]
    paragraph.style = document.styles["Header"]
    add_field(paragraph._p, "PAGE", "2")


def add_field(parent: Any, instruction: str, shown: str) -> Any:
    """Append a field to a paragraph or hyperlink; return what is shown until it is updated."""
    words = None
    for kind in ("begin", "", "separate", "shown", "end"):
        run = OxmlElement("w:r")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:t" if kind else "w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = shown if kind else f" {instruction} "
            words = mark
        run.append(mark)
        parent.append(run)
    return words
