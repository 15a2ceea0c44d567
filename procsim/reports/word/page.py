"""What is written into a Word document: headings, paragraphs, tables, pictures, contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table

from procsim.language.i18n import t

# What XML 1.0 cannot hold, lone surrogates included; white space becomes one space.
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile("[ \t\n\v\f\r\x85\u2028\u2029]+")  # a no-break space stays
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
_KEPT_ROWS = 9  # a table up to this long stays on one page, with the note below it
_PAGE_UNKNOWN = "…"
_LONGEST_ENTRY = 400  # characters of a heading in the contents


def plain(text: object) -> str:
    r"""Return a text as one line that a Word file can hold.

    Examples
    --------
    >>> plain("Giấy\x00 khai\n sinh ")
    'Giấy khai sinh'
    """
    return _SPACE.sub(" ", _ILLEGAL.sub("", str(text))).strip()


def _roman(number: int) -> str:
    made = ""
    for size, letters in _ROMAN:
        count, number = divmod(number, size)
        made += letters * count
    return made


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    bookmark: str


class WordPage:
    """A document that grows from top to bottom.

    Headings are numbered by their styles; the same numbers are counted here for
    the entries of the contents.
    """

    def __init__(self, title: str, language: str) -> None:
        self.language = language
        self.document = new_document(plain(title), t("word.part", language))
        self._styles = {style.name: style.style_id for style in self.document.styles}
        self._headings: list[_Heading] = []
        self._numbers = [0, 0, 0, 0]
        self._counts = {"table": 0, "figure": 0}
        self._pictures = 0
        self._contents: Any = None
        self._entries: dict[str, Any] = {}

    def paragraph(self, text: str, style: str = "Nội dung") -> Any:
        """Write a paragraph and return it."""
        paragraph = self.document.add_paragraph(plain(text))
        self._dress(paragraph, style)
        return paragraph

    def _dress(self, paragraph: Any, style: str) -> None:
        # By the id: python-docx would search all its styles for every paragraph.
        paragraph._p.style = self._styles[style]

    def bullet(self, text: str) -> None:
        """Write a line of a list, with the dash of official texts."""
        self.paragraph(f"- {plain(text)}", "Gạch đầu dòng")

    def heading(self, text: str, level: int) -> None:
        """Write a heading of level 1–4; levels 1–3 are found from the contents."""
        paragraph = self.paragraph(text, f"Heading {level}")
        self._numbers[level - 1] += 1
        self._numbers[level:] = [0] * (len(self._numbers) - level)
        if level == len(self._numbers):
            return
        bookmark = f"_Toc{len(self._headings) + 1:06d}"
        number = self._numbers[level - 1]
        label = {
            1: f"{t('word.part', self.language)} {_roman(number)}.",
            2: f"{_roman(number)}.",
            3: f"{number}.",
        }[level]
        short = plain(text)
        if len(short) > _LONGEST_ENTRY:
            short = short[: _LONGEST_ENTRY - 1] + "…"
        self._headings.append(_Heading(level, f"{label} {short}", bookmark))
        _bookmark(paragraph._p, bookmark, len(self._headings))

    def next_figure(self) -> int:
        """Return the number that the next figure will have."""
        return self._counts["figure"] + 1

    def caption(self, kind: Literal["table", "figure"], text: str) -> None:
        """Write the numbered caption of a table (above it) or a figure (below it)."""
        self._counts[kind] += 1
        paragraph = self.paragraph("", "Caption")
        name = t(f"word.{kind}", self.language)
        paragraph.add_run(f"{name} ")
        add_field(paragraph._p, f"SEQ {name} \\* ARABIC", str(self._counts[kind]))
        paragraph.add_run(f". {plain(text)}")
        paragraph.paragraph_format.keep_with_next = kind == "table"

    def table(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[float],
        numbers: Iterable[int] = (),
    ) -> None:
        """Write a table whose head stands again on every page.

        Parameters
        ----------
        widths
            Of the columns, in any unit; together they fill the text's width.
        numbers
            Columns whose cells are numbers, set to the right.
        """
        table = self.document.add_table(rows=1, cols=len(heads), style="Table Grid")
        table.autofit = False
        _cell_margins(table, 1.0)
        whole = sum(widths)
        columns = [Mm(TEXT_WIDTH_MM * width / whole) for width in widths]
        for column, width in zip(table.columns, columns, strict=True):
            column.width = width
        right = set(numbers)
        self._row(table.rows[0], heads, columns, ["Đầu bảng"] * len(heads))
        styles = ["Ô số" if place in right else "Ô chữ" for place in range(len(heads))]
        for cells in rows:
            self._row(table.add_row(), cells, columns, styles)
        if len(table.rows) <= _KEPT_ROWS:
            for paragraph in table._tbl.iter(qn("w:p")):
                paragraph.get_or_add_pPr().get_or_add_keepNext()
        head = table.rows[0]._tr.get_or_add_trPr()
        head.append(OxmlElement("w:tblHeader"))

    def _row(
        self, row: Any, texts: Sequence[str], columns: Sequence[Mm], styles: Sequence[str]
    ) -> None:
        for cell, text, width, style in zip(row.cells, texts, columns, styles, strict=True):
            cell.width = width
            self._dress(cell.paragraphs[0], style)
            cell.paragraphs[0].add_run(plain(text))
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))

    def columns(self, left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> None:
        """Write two columns without lines: (text, style) for each paragraph."""
        table = self.document.add_table(rows=1, cols=2)
        table.autofit = False
        _cell_margins(table, 0.0)
        halves = (Mm(TEXT_WIDTH_MM * 0.38), Mm(TEXT_WIDTH_MM * 0.62))
        for cell, width, lines in zip(table.rows[0].cells, halves, (left, right), strict=True):
            cell.width = width
            for place, (text, style) in enumerate(lines):
                paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
                self._dress(paragraph, style)
                paragraph.add_run(plain(text))
        for column, width in zip(table.columns, halves, strict=True):
            column.width = width

    def picture(self, png: bytes, width_mm: float, told: str) -> None:
        """Write a picture with the words that stand for it (alternative text)."""
        # python-docx would compare each picture, and each id, with all before it.
        self._pictures += 1
        name = f"image{self._pictures}.png"
        image = Image.from_blob(png)
        made = ImagePart.from_image(image, PackURI(f"/word/media/{name}"))
        link = self.document.part.relate_to(made, RELATIONSHIP_TYPE.IMAGE)
        size = image.scaled_dimensions(Mm(width_mm), None)
        inline = CT_Inline.new_pic_inline(self._pictures, link, name, *size)
        inline.docPr.set("descr", plain(told))
        self.paragraph("", "Hình ảnh").add_run()._r.add_drawing(inline)

    def contents_here(self) -> None:
        """Keep the place of the contents, which `finish` fills."""
        self.paragraph(t("word.contents", self.language), "Tên mục lục")
        self._contents = self.paragraph(t("word.contents.note", self.language), "Ghi chú")

    def finish(self, levels: int) -> None:
        """Write the contents as a field with its entries in it, headings down to `levels`."""
        place = self._contents
        entries = [heading for heading in self._headings if heading.level <= levels]
        if place is None or not entries:
            return
        for number, heading in enumerate(entries):
            paragraph = place.insert_paragraph_before()
            self._dress(paragraph, f"toc {heading.level}")
            if number == 0:
                _open_field(paragraph._p, f'TOC \\o "1-{levels}" \\h \\z \\u')
            self._entries[heading.bookmark] = _entry(paragraph._p, heading)
        end = OxmlElement("w:r")
        end.append(_mark("end"))
        place._p.append(end)

    def number_pages(self, pages: Mapping[str, int]) -> bool:
        """Write the page of each bookmark into the contents; return whether all were known."""
        if not self._entries or not self._entries.keys() <= pages.keys():
            return False
        for bookmark, shown in self._entries.items():
            shown.text = str(pages[bookmark])
        self._contents.runs[0].text = t("word.contents.counted", self.language)
        return True


def _bookmark(paragraph: Any, name: str, number: int) -> None:
    """Put the content of a paragraph between the ends of a bookmark."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    first = paragraph.find(qn("w:r"))
    if first is None:
        paragraph.append(start)
    else:
        first.addprevious(start)
    paragraph.append(end)


def _cell_margins(table: Table, mm: float) -> None:
    """Set the room between the lines of a table and its words, left and right."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(mm * 56.7)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    # The schema wants the margins before the look of the table.
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    if look is None:
        table._tbl.tblPr.append(margins)
    else:
        look.addprevious(margins)


def _mark(kind: str) -> Any:
    made = OxmlElement("w:fldChar")
    made.set(qn("w:fldCharType"), kind)
    return made


def _open_field(paragraph: Any, instruction: str) -> None:
    words = OxmlElement("w:instrText")
    words.set(qn("xml:space"), "preserve")
    words.text = f" {instruction} "
    for part in (_mark("begin"), words, _mark("separate")):
        run = OxmlElement("w:r")
        run.append(part)
        paragraph.append(run)


def _entry(paragraph: Any, heading: _Heading) -> Any:
    """Write a line of the contents and return what holds its page number."""
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), heading.bookmark)
    link.set(qn("w:history"), "1")
    for part in (heading.text, None):
        run = OxmlElement("w:r")
        if part is None:
            run.append(OxmlElement("w:tab"))
        else:
            words = OxmlElement("w:t")
            words.text = part
            run.append(words)
        link.append(run)
    paragraph.append(link)
    return add_field(link, f"PAGEREF {heading.bookmark} \\h", _PAGE_UNKNOWN)


# The empty Word document: page, styles and numbering after Nghị định 30/2020/NĐ-CP.

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
