"""One record of the portal while it is read: typed access, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from procsim.errors import Fault, Severity, Text, shorten
from procsim.language.vietnamese import from_legacy, looks_like_legacy_encoding, nfc
from procsim.readers.cells import without_escapes

__all__ = ["Record", "Row"]

Row = dict[str, Any]


class Record:
    """One record while it is read: typed access, and a list of what is wrong."""

    def __init__(self, place: str, data: dict[str, Any]) -> None:
        self.place = place
        self.data = data
        self.faults: list[Fault] = []

    def fault(
        self,
        field: str,
        value: object,
        message: Text,
        cure: Text,
        severity: Severity,
        code: str,
        proposal: float | str | None = None,
        row: str = "",
    ) -> None:
        """Note one thing that is wrong with a field of this record."""
        self.faults.append(
            Fault(
                f"{self.place} › {field}" if field else self.place,
                shorten(value),
                message,
                cure,
                severity,
                code,
                f"{proposal:.15g}" if isinstance(proposal, int | float) else proposal or "",
                row,
            )
        )

    def wrong_type(self, field: str, value: object, accepted: Text) -> None:
        """Note a field whose type is not the accepted one."""
        self.fault(
            field,
            value,
            Text(f"Trường này phải là {accepted.vi}.", f"This field must be {accepted.en}."),
            Text("Xuất lại bản ghi từ Cổng.", "Export the record from the portal again."),
            "error",
            "portal.type",
        )

    def text(self, source: dict[str, Any], key: str, field: str = "") -> str:
        """Return a text field, cleaned; ``""`` where it is missing."""
        value = source.get(key)
        if isinstance(value, str):
            return nfc(without_escapes(value)).strip() if value else ""
        if value is None:
            return ""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return nfc(str(value)).strip()
        self.wrong_type(field or key, value, Text("văn bản", "text"))
        return ""

    def unicode_doubts(self, field: str, text: str) -> None:
        """Note a text that was typed in an old Vietnamese encoding; it is kept as written."""
        encoding = looks_like_legacy_encoding(text)
        if not encoding:
            return
        meant = nfc(from_legacy(text, encoding))
        self.fault(
            field,
            text,
            Text(
                f"Chữ gõ bằng bảng mã cũ {encoding}, không phải Unicode; giữ nguyên như đã ghi.",
                f"Typed in the old {encoding} encoding, not Unicode; kept as written.",
            ),
            Text(
                f"Có lẽ là: “{shorten(meant, 80)}”. Chuyển bảng mã sang Unicode rồi nạp lại.",
                f"Probably: “{shorten(meant, 80)}”. Convert to Unicode and read again.",
            ),
            "warning",
            "cell.legacy_encoding",
            meant,
        )

    def flag(self, key: str) -> bool | None:
        """Return a yes-or-no field; None where the record does not say."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong_type(key, value, Text("true hoặc false", "true or false"))
        return None

    def entries(self, source: dict[str, Any], key: str, field: str = "") -> list[dict[str, Any]]:
        """Return the objects of a list field; anything else in it is noted."""
        value = source.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong_type(field or key, value, Text("một danh sách", "a list"))
            return []
        kept = [entry for entry in value if isinstance(entry, dict)]
        for number, entry in enumerate(value, start=1):
            if not isinstance(entry, dict):
                self.wrong_type(f"{field or key}[{number}]", entry, Text("một mục", "an object"))
        return kept

    def quantity(self, source: dict[str, Any], key: str, field: str) -> int:
        """Return a number of copies, 0 to 1000."""
        value = source.get(key)
        if value is None:
            return 0
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            whole = float(value)
            if whole.is_integer() and 0 <= whole <= 1000:
                return int(whole)
        self.wrong_type(f"{field}.{key}", value, Text("số từ 0 đến 1000", "a number 0 to 1000"))
        return 0

    def names(self, key: str) -> str:
        """Return the names in a list field, joined by ``;``."""
        found = [self.text(entry, "name", key) for entry in self.entries(self.data, key)]
        # The list columns are joined by ";", so one inside a name becomes a comma.
        return ";".join(dict.fromkeys(name.replace(";", ",") for name in found if name))
