"""The formulas of a workbook's sheets, which no parser of values tells."""

from __future__ import annotations

from procsim.readers.sheet_scan import NAMES, Handler

__all__ = ["SHARED", "FormulaHandler"]

SHARED = "="
"""Stands for a formula that Excel wrote once for several cells, and not in this one."""

_LONGEST = 8_192  # characters of a formula in Excel


class FormulaHandler(Handler):
    """Walks through the cells of one sheet and keeps the formula of each by its address."""

    def __init__(self) -> None:
        self.elements = 0
        self.formulas: dict[str, str] = {}
        self._address = ""
        self._text: list[str] | None = None
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Open a cell or its formula."""
        self.elements += 1
        tag = NAMES[tag]
        if tag == "c":
            self._address = attributes.get("r", "")
        elif tag == "f":
            self._text, self._length = [], 0

    def data(self, text: str) -> None:
        """Take a piece of a formula."""
        if self._text is not None and self._length <= _LONGEST:
            self._text.append(text)
            self._length += len(text)

    def end(self, tag: str) -> None:
        """Close a formula."""
        if self._text is not None and NAMES[tag] == "f":
            self.formulas[self._address] = "".join(self._text) or SHARED
            self._text = None
