"""Changes of business conditions (yêu cầu, điều kiện)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from procsim.errors import Fault, Text
from procsim.reforms.base import Reform

__all__ = ["CutCondition", "SimplifyCondition"]


@dataclass(frozen=True)
class CutCondition(Reform):
    """Cut a condition (bãi bỏ yêu cầu, điều kiện).

    Parameters
    ----------
    condition
        Id of the condition.

    Examples
    --------
    >>> CutCondition("1.004222/d1").describe().en
    'Cut condition 1.004222/d1.'
    """

    condition: str = ""

    kind: ClassVar[str] = "cut_condition"
    title: ClassVar[Text] = Text("Bãi bỏ yêu cầu, điều kiện", "Cut a condition")
    target_field: ClassVar[str] = "condition"
    refers: ClassVar[Mapping[str, str]] = {"condition": "conditions"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            f"Bãi bỏ yêu cầu, điều kiện {self.condition}.", f"Cut condition {self.condition}."
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class SimplifyCondition(Reform):
    """Make a condition easier to meet (đơn giản hóa yêu cầu, điều kiện).

    Parameters
    ----------
    condition
        Id of the condition.
    text
        Its new wording; empty while it is not drafted yet.

    Examples
    --------
    >>> SimplifyCondition("1.004222/d1", text="Có chỗ ở hợp pháp").describe().vi
    'Đơn giản hóa yêu cầu, điều kiện 1.004222/d1 thành “Có chỗ ở hợp pháp”.'
    """

    condition: str = ""
    text: str = ""

    kind: ClassVar[str] = "simplify_condition"
    title: ClassVar[Text] = Text("Đơn giản hóa yêu cầu, điều kiện", "Simplify a condition")
    target_field: ClassVar[str] = "condition"
    refers: ClassVar[Mapping[str, str]] = {"condition": "conditions"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        text = " ".join(self.text.split())
        vi, en = (f" thành “{text}”", f" to read “{text}”") if text else ("", "")
        return Text(
            f"Đơn giản hóa yêu cầu, điều kiện {self.condition}{vi}.",
            f"Simplify condition {self.condition}{en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()
