"""One spelling for comparing: Unicode forms, spaces, dashes, tone placement, diacritics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from procsim.errors import UnknownName
from procsim.language.i18n import fault_of

_SPACES = (*range(0x2000, 0x200B), 0x00A0, 0x1680, 0x202F, 0x205F, 0x3000, 0x0009)
_LINE_ENDS = (0x000B, 0x000C, 0x000D, 0x0085, 0x2028, 0x2029)
_INVISIBLE = (
    *range(0x0009),
    *range(0x000E, 0x0020),
    *range(0x007F, 0x0085),
    *range(0x0086, 0x00A0),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0xD800, 0xE000),
    0x00AD,
    0x034F,
    0x061C,
    0x115F,
    0x1160,
    0x180E,
    0x3164,
    0xFEFF,
    0xFFFE,
    0xFFFF,
)
_PLAIN: dict[int, int | None] = {
    **dict.fromkeys(_SPACES, 0x20),
    **dict.fromkeys(_LINE_ENDS, 0x0A),
    **dict.fromkeys(_INVISIBLE),
}
_PLAIN_LEGACY = {point: to for point, to in _PLAIN.items() if point != 0x00AD}
_ODD = re.compile("[" + "".join(re.escape(chr(point)) for point in _PLAIN if point != 0x0D) + "]")

# A tone typed before the circumflex or breve does not compose by itself: "é" + "̂" for "ế".
_MISPLACED = re.compile("([\u0300\u0301\u0303\u0309])([\u0302\u0306])")
_MARK = re.compile("[\u0300-\u036f]")
_UNUSUAL = re.compile(f"{_ODD.pattern[:-1]}\r\u0300-\u036f]")  # in one pass over a long text

_DASHES = frozenset("‐‑‒–—―−﹘﹣－⁃")
_DASH_OR_LOOK_ALIKE = re.compile(f"[{''.join(_DASHES)}ðɖ]")
_MARKS = frozenset(
    map(chr, (*range(0x0300, 0x0370), *range(0x1AB0, 0x1B00), *range(0x1DC0, 0x1E00)))
)


class _Table(dict[int, str]):
    """A translation table that fills itself: `str.translate` is slow on absent keys."""

    def __init__(self, keeps_diacritics: bool) -> None:
        super().__init__()
        self.keeps_diacritics = keeps_diacritics

    def __missing__(self, point: int) -> str:
        letter = chr(point)
        if letter in _DASHES:
            letter = "-"
        elif letter in "ðɖ":  # look-alikes that old keyboards typed
            letter = "đ"
        if not self.keeps_diacritics:
            apart = unicodedata.normalize("NFD", letter)
            letter = "".join(c for c in apart if c not in _MARKS).replace("đ", "d")
            letter = unicodedata.normalize("NFC", letter)
        if point < 0x3000:
            self[point] = letter
        return letter


_WITH_DIACRITICS = _Table(keeps_diacritics=True)
_BARE = _Table(keeps_diacritics=False)

_NEW_STYLE = {
    **{"o" + new: old + "a" for new, old in zip("àáảãạ", "òóỏõọ", strict=True)},
    **{"o" + new: old + "e" for new, old in zip("èéẻẽẹ", "òóỏõọ", strict=True)},
    **{"u" + new: old + "y" for new, old in zip("ỳýỷỹỵ", "ùúủũụ", strict=True)},
    **{"q" + old + "y": "qu" + new for new, old in zip("ỳýỷỹỵ", "ùúủũụ", strict=True)},
}
# Each alternative begins with a letter, so the engine runs from one to the next.
_TONE_PLACE = re.compile(r"o[àáảãạèéẻẽẹ](?!\w)|u(?<!qu)[ỳýỷỹỵ](?!\w)|q[ùúủũụ]y")


@lru_cache(maxsize=1024)  # a text is cleaned again by each parser that it passes
def nfc(text: str) -> str:
    """Return `text` in NFC, with plain spaces and without invisible characters.

    Non-breaking and odd spaces and tabs become plain spaces, every kind of line
    end becomes a newline; zero-width and control characters, NUL and lone
    surrogates are removed. Letters are never lost: a tone typed before its
    circumflex is put right, and the soft hyphen stays where the text is in
    TCVN3, because there it is the letter ư.

    Examples
    --------
    >>> nfc("Ho\u0300a\u00a0Bi\u0300nh\u200b")
    'Hòa Bình'
    """
    if not _UNUSUAL.search(text):
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _ODD.search(text) or "\r" in text:
        is_tcvn3 = "\u00ad" in text and looks_like_legacy_encoding(text) == "TCVN3"
        text = text.translate(_PLAIN_LEGACY if is_tcvn3 else _PLAIN)
    text = unicodedata.normalize("NFC", text)
    if _MARK.search(text):
        apart = unicodedata.normalize("NFD", text)
        while _MISPLACED.search(apart):
            apart = _MISPLACED.sub(r"\2\1", apart)
        text = unicodedata.normalize("NFC", apart)
    return text


def fold(text: str, diacritics: bool = False) -> str:
    """Return `text` in the one spelling that is used for comparing.

    NFC, lower case, every dash as ``-``, white space collapsed, and one place
    for the tone (``hoà`` and ``hòa`` are the same word).

    Parameters
    ----------
    text
        Any text.
    diacritics
        Whether the diacritics stay; by default they go too (``đ`` → ``d``).

    Examples
    --------
    >>> fold("Giấy  phép – HOÀ giải")
    'giay phep - hoa giai'
    >>> fold("HOÀ giải", diacritics=True)
    'hòa giải'
    """
    text = nfc(text).lower()
    if text.isascii():
        return _one_line(text)
    if diacritics:
        if _DASH_OR_LOOK_ALIKE.search(text):
            text = text.translate(_WITH_DIACRITICS)
        text = _one_line(text)
        if "\u0307" in text:  # the dotted capital İ is the one letter that lower() takes apart
            text = unicodedata.normalize("NFC", text)
        return _TONE_PLACE.sub(lambda found: _NEW_STYLE[found.group()], text)
    text = _one_line(text.translate(_BARE))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    """Collapse white space; after `nfc` only spaces and line feeds are left of it."""
    text = text.replace("\n", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


# Text typed with the fonts of the 1990s: TCVN3 (.VnTime) and VNI (VNI-Times).


def _table(places: str, letters: str) -> dict[str, str]:
    return dict(zip(bytes.fromhex(places).decode("latin-1"), letters, strict=True))


_TCVN3 = {
    **_table("A1A2A3A4A5A6A7", "ĂÂÊÔƠƯĐ"),
    **_table("A8A9AAABACADAE", "ăâêôơưđ"),
    **_table("B5B6B7B8B9", "àảãáạ"),
    **_table("BBBCBDBEC6", "ằẳẵắặ"),
    **_table("C7C8C9CACB", "ầẩẫấậ"),
    **_table("CCCECFD0D1", "èẻẽéẹ"),
    **_table("D2D3D4D5D6", "ềểễếệ"),
    **_table("D7D8DCDDDE", "ìỉĩíị"),
    **_table("DFE1E2E3E4", "òỏõóọ"),
    **_table("E5E6E7E8E9", "ồổỗốộ"),
    **_table("EAEBECEDEE", "ờởỡớợ"),
    **_table("EFF1F2F3F4", "ùủũúụ"),
    **_table("F5F6F7F8F9", "ừửữứự"),
    **_table("FAFBFCFDFE", "ỳỷỹýỵ"),
}
_TONES = ("\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
# After a or e the marks for circumflex with tone and for breve with tone are letters of their own.
_VNI_PAIRS = {
    **dict(zip("øùûõï", _TONES, strict=True)),
    **{mark: "\u0302" + tone for mark, tone in zip("àáåãä", _TONES, strict=True)},
    **{mark: "\u0306" + tone for mark, tone in zip("èéúüë", _TONES, strict=True)},
    "â": "\u0302",
    "ê": "\u0306",
}
_VNI_SINGLE = {**dict(zip("ôöñ", "ơưđ", strict=True)), **dict(zip("ìíæóòî", "ìíỉĩịỵ", strict=True))}
_VNI_PAIR = re.compile("([aeouyôö])([øùûõïàáåãäèéúüëâê])", re.IGNORECASE)

_ONLY_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯưẠ-ỹ\u0300-\u036f]")
_WORD = re.compile(r"[^\s\x00-\x40\x5b-\x60\x7b-\x7f…–—“”‘’]+")

_ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|th|tr|qu|[bcdđghklmnpqrstvx])?"
_OPEN = (
    "a ai ao au ay âu ây e eo ê êu i ia iu iêu o oa oai oao oay oe oeo oi ô ôi ơ ơi u ua uây "
    "uê ui uơ uy uya uyu uôi ư ưa ưi ưu ươi ươu y yêu"
)
_NASAL = (
    "am an ang anh ăm ăn ăng âm ân âng em en eng êm ên ênh im in inh iêm iên iêng oam oan oang "
    "oanh oăm oăn oăng oen om on ong oong ôm ôn ông ơm ơn uân uâng uên uênh um un ung uyên uyn "
    "uynh uôm uôn uông ưm ưn ưng ươm ươn ương yêm yên yêng yn ynh"
)
_STOPPED = (
    "ac ach ap at ăc ăp ăt âc âp ât ec ep et êch êp êt ich ip it iêc iêp iêt oac oach oap oat "
    "oăc oăt oc oet ooc op ot ôc ôp ôt ơp ơt uât uc uêch up ut uych uyêt uyt uôc uôt ưc ưt ươc "
    "ươp ươt yêt"
)
_SYLLABLE_OPEN = re.compile(f"{_ONSET}(?:{'|'.join((_OPEN + ' ' + _NASAL).split())})")
_SYLLABLE_STOPPED = re.compile(f"{_ONSET}(?:{'|'.join(_STOPPED.split())})")
_HARD_BEFORE_E = re.compile("(?:c|g|ng)[eêiy]|(?:k|gh|ngh)(?![eêiyh])")


def _is_syllable(word: str) -> bool:
    """Tell whether `word` can be one written Vietnamese syllable."""
    apart = unicodedata.normalize("NFD", word.lower())
    tones = [c for c in apart if c in _TONES]
    plain = unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES))
    if len(tones) > 1 or (_HARD_BEFORE_E.match(plain) and not plain.startswith("gi")):
        return False
    if _SYLLABLE_OPEN.fullmatch(plain):
        return True
    # Syllables that end in a stop carry the acute or the dot, no other tone.
    return bool(_SYLLABLE_STOPPED.fullmatch(plain)) and tones in (["\u0301"], ["\u0323"])


def _tcvn3_word(word: str) -> str:
    letters = "".join(_TCVN3.get(c, c) for c in word)
    base = [c for c in word if c.isascii() and c.isalpha()]
    # Capitals had a font of their own (.VnTimeH) at the places of the small letters.
    is_capitals = len(base) > 1 and all(c.isupper() for c in base)
    return letters.upper() if is_capitals else letters


def _vni_word(word: str) -> str:
    def compose(found: re.Match[str]) -> str:
        base, mark = found.groups()
        shape = _VNI_SINGLE.get(base.lower(), base.lower())
        letter = unicodedata.normalize("NFC", shape + _VNI_PAIRS[mark.lower()])
        return letter.upper() if base.isupper() else letter

    parts, start = [], 0
    for found in _VNI_PAIR.finditer(word):
        parts += [_vni_single(word[start : found.start()]), compose(found)]
        start = found.end()
    parts.append(_vni_single(word[start:]))
    return "".join(parts)


def _vni_single(letters: str) -> str:
    return "".join(
        _VNI_SINGLE[c]
        if c in _VNI_SINGLE
        else _VNI_SINGLE.get(c.lower(), c).upper()
        if c.lower() in _VNI_SINGLE
        else c
        for c in letters
    )


_CONVERTERS: dict[str, Callable[[str], str]] = {"TCVN3": _tcvn3_word, "VNI": _vni_word}


def looks_like_legacy_encoding(text: str) -> str | None:
    """Return ``"TCVN3"`` or ``"VNI"`` when `text` is very probably in such a font.

    The words with West European letters must not be Vietnamese as they stand
    and must become Vietnamese by the mapping; two such words are needed, so a
    foreign name alone is not taken for it. Call this on text before `nfc`.

    Examples
    --------
    >>> looks_like_legacy_encoding("Céng hßa x· héi chñ nghÜa ViÖt Nam")
    'TCVN3'
    >>> looks_like_legacy_encoding("Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam")
    'VNI'
    """
    if text.isascii() or _ONLY_UNICODE.search(text):
        return None
    words = [word for word in _WORD.findall(text) if not word.isascii()][:200]
    if len(words) < 2 or sum(map(_is_syllable, words)) > len(words) / 2:
        return None
    for name, convert in _CONVERTERS.items():
        if sum(_is_syllable(convert(word)) for word in words) >= 0.85 * len(words):
            return name
    return None


def from_legacy(text: str, encoding: str) -> str:
    """Return `text` converted from ``"TCVN3"`` or ``"VNI"``, as a proposal.

    Raises
    ------
    UnknownName
        For any other encoding.
    """
    if encoding not in _CONVERTERS:
        raise UnknownName(fault_of("text.legacy_unknown", "from_legacy", encoding))
    convert = _CONVERTERS[encoding]
    return _WORD.sub(lambda found: convert(found.group()), text)
