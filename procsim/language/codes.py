"""The one function that repairs codes of administrative procedures (mã TTHC).

A code is one digit, a point and six digits, such as ``1.004222``. Printed
annexes and spreadsheets damage it: the point becomes a comma, and a program
that takes it for a number loses the zeros at the end.
"""

from __future__ import annotations

import math
import re

from procsim.language.numerals import ascii_digits
from procsim.language.text import nfc

__all__ = ["canonical_code", "repair_code"]

_CODE = re.compile(r"(\d)\.(\d{6})")
_SHORT = re.compile(r"(\d)([.,])(\d{1,6})")
_SUFFIXED = re.compile(r"(\d)[.,](\d{6})((?:[.,-][A-Z0-9]+)+)", re.IGNORECASE)
_SPLIT = re.compile(r"(\d)[.,]?(\d{3})[.,]?(\d{3})")


def repair_code(text: str | float | None) -> tuple[str, str]:
    """Return the code in the form ``d.dddddd`` and what was done to it.

    Parameters
    ----------
    text
        The code as written, or as a number that a spreadsheet made of it.

    Returns
    -------
    tuple of str
        The code and a flag: ``""`` when it was right but for white space;
        ``"code.comma"`` (a comma for the point); ``"code.zeros_restored"``
        (zeros at the end were lost; also when the point was a comma);
        ``"code.separators"`` (the point missing or thousands separators put
        in); ``"code.suffix"`` (what follows the code, a case or an agency, was
        left out); ``"code.unrepairable"`` with the text as it is.

    Examples
    --------
    >>> repair_code("1,010826")
    ('1.010826', 'code.comma')
    >>> repair_code("1.01385")
    ('1.013850', 'code.zeros_restored')
    """
    if text is None:
        return "", "code.unrepairable"
    if isinstance(text, bool):
        return str(text), "code.unrepairable"
    if isinstance(text, int | float):
        if not math.isfinite(text) or not 0 <= text < 10**7:
            return "10^30…" if abs(text) >= 10**30 else repr(text), "code.unrepairable"
        text = f"{text:.6f}".rstrip("0") if isinstance(text, float) and text < 10 else f"{text:.0f}"
        text = text + "0" if text.endswith(".") else text
    as_is = nfc(text).strip()
    code = ascii_digits("".join(as_is.split())).strip(".,;:'\"`’")
    if _CODE.fullmatch(code):
        return code, ""
    found = _SHORT.fullmatch(code)
    if found:
        first, separator, rest = found.groups()
        restored = f"{first}.{rest.ljust(6, '0')}"
        return restored, "code.zeros_restored" if len(rest) < 6 else (
            "code.comma" if separator == "," else ""
        )
    found = _SPLIT.fullmatch(code)
    if found:
        return f"{found[1]}.{found[2]}{found[3]}", "code.separators"
    found = _SUFFIXED.fullmatch(code)
    if found:
        return f"{found[1]}.{found[2]}", "code.suffix"
    return as_is, "code.unrepairable"


def canonical_code(text: str | float | None) -> str:
    """Return the repaired code alone, for joining tables; hopeless text stays as it is."""
    return repair_code(text)[0]
