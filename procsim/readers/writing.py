"""Write files so that nothing half-written ever stands under the name asked for."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from procsim.errors import Fault, InvalidValue, ProcsimError, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.cells import without_controls
from procsim.readers.gates.limits import DEFAULT
from procsim.readers.words import TITLES
from procsim.reference.schema import table


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
            fault_of("write.too_many_cells", shorten(path.name), f"{cells}", cells=cells, most=most)
        )


def _write_fault(path: Path, error: OSError) -> Fault:
    full = error.errno == errno.ENOSPC
    absent = isinstance(error, FileNotFoundError)
    if full:
        message = bilingual("readers.disk_full_nothing_written")
        cure = bilingual("readers.free_some_space_write")
    elif absent:
        message = bilingual("readers.no_folder_exist_nothing")
        cure = bilingual("readers.create_choose_another_folder")
    else:
        message = bilingual("readers.no_file_could_written")
        cure = bilingual("readers.close_file_excel_choose")
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
                fault_of(
                    "write.control_characters",
                    f"{TITLES[name].vi} › {shorten(frame.at[row, 'id'])} › {column.label.vi}",
                    shorten(text),
                    severity="note",
                )
                for row, text in enumerate(texts)
                if clean[row] != text
            ]
        frames[name] = frame
    return frames, notes
