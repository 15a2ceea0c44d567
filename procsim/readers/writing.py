"""Write files so that nothing half-written ever stands under the name asked for."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from procsim.errors import Fault, InvalidValue, ProcsimError, Text, shorten
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.cells import without_controls
from procsim.readers.limits import DEFAULT
from procsim.readers.words import TITLES
from procsim.reference.schema import table

__all__ = ["carriable", "check_size", "replace_file"]


def replace_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside `path` and move it there when it is complete.

    Parameters
    ----------
    path
        The file wanted. One that stands there stays untouched until the new
        one is complete on disk.
    write
        Writes the content to the path that it is given.

    Raises
    ------
    ProcsimError
        When the folder is absent or read-only, the disk full, or the file open
        in a program that locks it; what stood there still stands.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        write(beside)
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.replace(path)
    except OSError as error:
        raise ProcsimError(_write_fault(path, error)) from error
    finally:
        beside.unlink(missing_ok=True)


def check_size(path: Path, sheets: Iterable[tuple[str, int, int]]) -> None:
    """Refuse to write a workbook that would be refused when it is read back.

    Parameters
    ----------
    path
        The file to write.
    sheets
        Name, rows and columns of each sheet.

    Raises
    ------
    InvalidValue
        ``write.too_many_cells``; nothing is written.
    """
    cells = sum(rows * columns for _, rows, columns in sheets)
    most = DEFAULT.cells
    if cells > most:
        raise InvalidValue(
            Fault(
                shorten(path.name),
                f"{cells:,}",
                Text(
                    f"Sổ tính sẽ có {cells:,} ô; procsim chỉ đọc lại được {most:,}. Chưa ghi gì.",
                    f"The workbook would have {cells:,} cells; procsim reads back {most:,} at "
                    "most. Nothing was written.",
                ),
                Text(
                    "Ghi từng phần danh mục (theo bộ, lĩnh vực), hoặc ghi ra thư mục CSV.",
                    "Write the list in parts (by ministry, by field), or a folder of CSV.",
                ),
                code="write.too_many_cells",
            )
        )


def _write_fault(path: Path, error: OSError) -> Fault:
    full = error.errno == errno.ENOSPC
    absent = isinstance(error, FileNotFoundError)
    if full:
        message = Text("Ổ đĩa đã đầy; chưa ghi gì.", "The disk is full; nothing was written.")
        cure = Text("Dọn bớt tệp rồi ghi lại.", "Free some space, then write again.")
    elif absent:
        message = Text(
            "Thư mục không có; chưa ghi gì.", "The folder does not exist; nothing was written."
        )
        cure = Text("Tạo thư mục hoặc chọn thư mục khác.", "Create it or choose another folder.")
    else:
        message = Text(
            "Không ghi được tệp; tệp cũ, nếu có, còn nguyên.",
            "The file could not be written; the old one, if any, is untouched.",
        )
        cure = Text(
            "Đóng tệp trong Excel, hoặc chọn thư mục mà bạn có quyền ghi.",
            "Close the file in Excel, or choose a folder that you may write to.",
        )
    return Fault(
        shorten(path.name),
        shorten(error.strerror or str(error)),
        message,
        cure,
        code="write.failed",
    )


def carriable(portfolio: Portfolio) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the tables without characters that no file can carry.

    Returns
    -------
    dict of str to pandas.DataFrame
        Every table, ids in a column ``id``.
    list of Fault
        A note for each text that lost invisible control characters.
    """
    frames: dict[str, pd.DataFrame] = {}
    notes: list[Fault] = []
    for name in TABLES:
        frame = getattr(portfolio, name).reset_index()
        for column in table(name).columns:
            if not column.is_text:
                continue
            texts = frame[column.name].tolist()
            clean = [without_controls(text) for text in texts]
            if clean == texts:
                continue
            frame[column.name] = clean
            notes += [
                Fault(
                    f"{TITLES[name].vi} › {shorten(frame.at[row, 'id'])} › {column.label.vi}",
                    shorten(text),
                    Text(
                        "Đã bỏ các ký tự điều khiển mà tệp không chứa được.",
                        "Control characters that the file cannot carry were removed.",
                    ),
                    severity="note",
                    code="write.control_characters",
                )
                for row, text in enumerate(texts)
                if clean[row] != text
            ]
        frames[name] = frame
    return frames, notes
