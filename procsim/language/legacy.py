"""Text typed with the fonts of the 1990s: TCVN3 (.VnTime) and VNI (VNI-Times).

Such a font draws Vietnamese letters in the places of West European ones, so
a file copied without its font reads "Céng hßa x· héi" for "Cộng hòa xã hội".
The mappings are those of the standard TCVN 5712:1993 (VN3) and of VNI Windows.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from procsim.errors import Fault, Text, UnknownName

__all__ = ["from_legacy", "looks_like_legacy_encoding"]


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
_VNI_SINGLE = {
    **dict(zip("ôöñ", "ơưđ", strict=True)),
    **dict(zip("ìíæóòî", "ìíỉĩịỵ", strict=True)),
}
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
        raise UnknownName(
            Fault(
                "from_legacy",
                encoding,
                Text(
                    "Chỉ chuyển được từ TCVN3 hoặc VNI.",
                    "Only TCVN3 and VNI can be converted.",
                ),
                code="text.legacy_unknown",
            )
        )
    convert = _CONVERTERS[encoding]
    return _WORD.sub(lambda found: convert(found.group()), text)
