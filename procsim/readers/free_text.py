"""Steps and conditions out of the free text of a published procedure.

The National Public Service Portal keeps the steps (trình tự thực hiện) and the
conditions (yêu cầu, điều kiện) as text. What the text does not say stays missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from procsim.language.vietnamese import durations_in, fold
from procsim.reference import Parameters, working_days_per_unit

__all__ = ["ConditionText", "StepText", "split_conditions", "split_steps"]

_STEP = re.compile(
    r"(?im)^[^\w\n]{0,6}(?:[a-zđ0-9]{1,3}[).][^\w\n]{0,3})?bước\s*(\d{1,2})\b[\s.:\-–—)]*"
)
_SENTENCE_END = re.compile(r"(?<=[.;:])\s|\n")
_MARKER = re.compile(
    r"^\s*(?:(?P<number>\(?\d{1,2}[.)/]\)?(?:\d{1,2}\.)*\s)"
    r"|(?P<letter>\(?[a-zđ][.)]\s?)"
    r"|(?P<roman>\(?[IVX]{1,4}[.)]\s)"
    r"|(?P<dash>[-–—−•])"
    r"|(?P<plus>\++)"
    r"|(?P<star>\*+))"
)
_NONE = re.compile(
    r"^\W*(?:yeu cau,? dieu kien:?\s*)?"
    r"(?:khong|khog|ko)?\s*(?:co|quy dinh|yeu cau|dieu kien|ap dung|thong tin|[,:/.-]|\s)*$"
)
# Who acts: the first of these words to appear names the actor of the step.
_OFFICE = (
    "co quan|can bo|cong chuc|uy ban nhan dan|ubnd|so|bo|cuc|chi cuc|tong cuc|phong|trung tam|"
    "cong an|thu truong|giam doc|chu tich|hoi dong|bo phan|van phong|vien|kho bac|hai quan|"
    "thanh tra|toa an|bo truong|bao hiem|ngan hang nha nuoc|don vi tiep nhan|thue|ubcknn|"
    # "tổ chức" before a verb means to organise: the office does it
    "to chuc (?:danh gia|tham dinh|kiem tra|hop|thi|lay y kien|xac minh|khao sat|doi thoai)|"
    "tra ket qua|tham dinh|phe duyet|cap giay|phat chung chi|thong quan"
)
_APPLICANT = (
    "to chuc,? ca nhan|ca nhan|cong dan|nguoi|doanh nghiep|hop tac xa|to chuc|thuong nhan|chu|"
    "nha dau tu|cong ty|ho gia dinh|ho kinh doanh|co so|dai ly|quy|ben|hoc vien|luat su|"
    "nop ho so|chuan bi ho so|nhan ket qua|nop le phi|nop phi"
)
_ACTOR = re.compile(rf"\b(?:(?P<office>{_OFFICE})|(?P<applicant>{_APPLICANT}))\b")


@dataclass(frozen=True, slots=True)
class StepText:
    """One step: its track, what it says, who acts, and the one duration stated.

    `track` counts restarts of the numbering: a text that says "Bước 1" twice
    describes two ways, and steps follow each other only within one way.
    """

    track: int
    name: str
    text: str
    actor: str
    days: float
    days_text: str


@dataclass(frozen=True, slots=True)
class ConditionText:
    """One condition and how it was found: numbered, bulleted or paragraph."""

    text: str
    split: str


def _headline(text: str, length: int = 160) -> str:
    line = next((part.strip() for part in text.splitlines() if part.strip()), "")
    sentence = _SENTENCE_END.split(line, maxsplit=1)[0].strip(" .:;-–")
    if len(sentence) <= length:
        return sentence
    return sentence[:length].rsplit(" ", 1)[0] + "…"


def _actor(text: str) -> str:
    found = None
    for length in (120, 400):  # mostly one of the first words
        start = fold(text[:length])
        found = _ACTOR.search(start)
        if found and found.end() < len(start) - 40:  # no longer word is cut off behind it
            break
    if found is None:
        return "unknown"
    return "office" if found.lastgroup == "office" else "applicant"


def _duration(text: str, parameters: Parameters) -> tuple[float, str]:
    # "20 năm" is the age of something; a range or a sum leaves the step undecided.
    found = [reading for reading in durations_in(text) if reading.flag != "limit.absurd"]
    written = "; ".join(dict.fromkeys(reading.text for reading in found))
    distinct = {(reading.value, reading.unit) for reading in found}
    if len(distinct) != 1 or all(reading.flag for reading in found):
        return float("nan"), written
    value, unit = distinct.pop()
    days = working_days_per_unit(parameters).get(unit, float("nan"))
    return float(value or 0) * days, written


def split_steps(text: str, parameters: Parameters) -> list[StepText]:
    """Return the ordered steps that a text announces by "Bước n".

    Parameters
    ----------
    text
        Trình tự thực hiện as published.
    parameters
        Rules of conversion, see `procsim.reference.working_days_per_unit`.

    Returns
    -------
    list of StepText
        Empty when the text announces no step. `days` is NaN unless the step
        states exactly one duration as a limit (a minimum, an extension or time before an
        event is none); `days_text` holds all that it states.
    """
    heads = list(_STEP.finditer(text))
    steps: list[StepText] = []
    track, last = 0, 0
    for place, head in enumerate(heads):
        number = int(head.group(1))
        if number <= last:
            track += 1
        last = number
        end = heads[place + 1].start() if place + 1 < len(heads) else len(text)
        body = text[head.end() : end].strip()
        days, written = _duration(body, parameters)
        steps.append(StepText(track, _headline(body), body, _actor(body), days, written))
    return steps


def _marker(line: str) -> str:
    found = _MARKER.match(line)
    if found is None or found.lastgroup is None:
        return ""
    if found.lastgroup in {"plus", "star"}:  # "+" and "++" are two levels
        return found.lastgroup + str(len(found.group(found.lastgroup)))
    return found.lastgroup


def split_conditions(text: str) -> list[ConditionText]:
    """Return the conditions of a text: the items of its outermost list.

    The first marker that appears (1. / a) / - / + …) is the outermost level;
    lines of deeper levels belong to the item above them. A lead-in that ends
    with a colon is no condition. A text without markers counts one condition
    for each paragraph. "Không", "Không có", "Không quy định" count none.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or _NONE.match(fold(" ".join(lines))):
        return []
    top = next((marker for line in lines if (marker := _marker(line))), "")
    items: list[list[str]] = []
    kinds: list[str] = []
    for line in lines:
        marker = _marker(line)
        if marker == top and top:
            items.append([line])
            kinds.append("numbered" if top in {"number", "letter", "roman"} else "bulleted")
        elif marker or (items and top and kinds[-1] != "paragraph"):
            items[-1].append(line)  # a deeper level, or the rest of the item above
        elif items and not top and line[:1].islower():
            items[-1].append(line)
        elif not line.endswith(":"):
            items.append([line])
            kinds.append("paragraph")
    return [ConditionText("\n".join(item), kind) for item, kind in zip(items, kinds, strict=True)]
