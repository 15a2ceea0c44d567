"""What can be wrong in an edited workbook, in the words of the officer who edited it."""

from __future__ import annotations

from dataclasses import dataclass

from procsim.errors import Fault, Severity, Text, shorten

__all__ = [
    "CHANGED_FIGURE",
    "CHANGED_FORMULA",
    "CHANGED_TEXT",
    "CHANGED_UNIT",
    "LOST_FORMULA",
    "NOTHING_ENTERED",
    "NOT_READ",
    "NO_COLUMN",
    "NO_KEYS",
    "NO_ROW",
    "NO_SHEET",
    "STRANGE_ROW",
    "TWICE",
    "Words",
]


@dataclass(frozen=True, slots=True)
class Words:
    """One kind of fault; ``{old}`` in its cure stands for what the cell held."""

    code: str
    message: Text
    cure: Text
    severity: Severity = "error"

    def fault(self, place: str, value: str, old: str = "") -> Fault:
        """Return the fault at a place."""
        shown = shorten(old, 160)
        cure = Text(*(part.replace("{old}", shown) for part in self.cure))
        return Fault(
            place, shorten(value), self.message, cure, self.severity, f"readback.{self.code}"
        )


NO_SHEET = Words(
    "sheet",
    Text("Trang này đã bị xóa hoặc đổi tên.", "The sheet was deleted or renamed."),
    Text(
        "Khôi phục trang với tên cũ, hoặc xuất lại tệp.",
        "Restore it under its old name, or write the file again.",
    ),
)
NO_COLUMN = Words(
    "column",
    Text(
        "Tiêu đề cột không còn như procsim đã ghi: cột bị xóa, chèn, chuyển chỗ hoặc đổi tên.",
        "The heading is not the one that procsim wrote: a column was deleted, inserted, moved "
        "or renamed.",
    ),
    Text(
        "Khôi phục cột và tiêu đề “{old}”; ghi chú thêm thì để bên phải bảng.",
        "Restore the column with its heading “{old}”; put notes to the right of the table.",
    ),
)
NO_KEYS = Words(
    "keys",
    Text(
        "Cột ẩn đánh số dòng ở cuối bảng đã bị xóa, không biết dòng nào là dòng nào.",
        "The hidden column of row numbers behind the table was deleted; rows cannot be told apart.",
    ),
    Text("Khôi phục cột ẩn, hoặc xuất lại tệp.", "Restore it, or write the file again."),
)
NO_ROW = Words(
    "row_deleted",
    Text("Một dòng do procsim ghi đã bị xóa.", "A row that procsim wrote was deleted."),
    Text(
        "Khôi phục dòng (dòng số {old} khi xuất tệp). Muốn bỏ một đề xuất thì xóa dòng của đề "
        "xuất ở trang “Phương án”.",
        "Restore it (row {old} of the file as written). To drop a reform delete its row on the "
        "sheet “Phương án”.",
    ),
)
TWICE = Words(
    "row_twice",
    Text("Một dòng do procsim ghi có hai lần.", "A row that procsim wrote is there twice."),
    Text("Xóa các dòng chép thêm.", "Delete the copies."),
)
STRANGE_ROW = Words(
    "row_unknown",
    Text(
        "Dòng này không do procsim ghi nên không đọc lại được.",
        "procsim did not write this row; it cannot be read back.",
    ),
    Text(
        "Xóa dòng, hoặc ghi ở bên phải bảng. Đề xuất mới thì thêm ở trang “Phương án”; thủ tục "
        "mới thì thêm vào danh mục.",
        "Delete it, or write to the right of the table. New reforms go to the sheet “Phương án”, "
        "new procedures into the list.",
    ),
)
LOST_FORMULA = Words(
    "formula",
    Text(
        "Ô này là công thức, nay ghi một giá trị cố định: các tổng số không còn tính theo.",
        "The cell was a formula and now holds a constant: totals no longer follow.",
    ),
    Text(
        "Khôi phục công thức {old}; số cần đổi thì sửa ở ô nền vàng nhạt.",
        "Restore the formula {old}; change figures in the pale yellow cells.",
    ),
)
CHANGED_FORMULA = Words(
    "formula",
    Text("Công thức đã bị sửa.", "The formula was changed."),
    Text(
        "Khôi phục công thức {old}; số cần đổi thì sửa ở ô nền vàng nhạt.",
        "Restore the formula {old}; change figures in the pale yellow cells.",
    ),
)
CHANGED_FIGURE = Words(
    "figure",
    Text(
        "Số này do procsim tính từ danh mục và các đề xuất, sửa ở đây không có tác dụng.",
        "procsim works this figure out from the list and the reforms; changing it has no effect.",
    ),
    Text(
        "Ghi lại {old}; muốn đổi thì sửa đề xuất ở trang “Phương án”, hoặc sửa danh mục.",
        "Write {old} again; change the reform on the sheet “Phương án”, or the list.",
    ),
)
CHANGED_UNIT = Words(
    "unit",
    Text("Đơn vị đã bị sửa.", "The unit was changed."),
    Text("Ghi lại “{old}” và đổi số ra đơn vị đó.", "Write “{old}” again and convert the number."),
)
CHANGED_TEXT = Words(
    "text",
    Text(
        "Chữ trong dòng có số liệu đầu vào đã bị sửa; có thể chỉ một phần của bảng được sắp xếp.",
        "A text beside an input was changed; perhaps only a part of the table was sorted.",
    ),
    Text("Ghi lại “{old}”.", "Write “{old}” again."),
)
NOTHING_ENTERED = Words(
    "nothing",
    Text("Tham số phải có giá trị.", "A parameter must have a value."),
    Text("Nhập một số.", "Enter a number."),
)
NOT_READ = Words(
    "not_read",
    Text(
        "Nội dung sửa ở ô này không được đọc lại; bản xuất sau sẽ ghi lại từ phương án.",
        "What was changed in this cell is not read; the next report writes it anew.",
    ),
    Text(
        "Nội dung của đề xuất thì sửa ở trang “Phương án”.",
        "Change the wording of a reform on the sheet “Phương án”.",
    ),
    "warning",
)
