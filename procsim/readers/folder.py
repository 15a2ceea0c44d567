"""A folder of CSV files, one for each table: for analysts, version control and other programs."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd

from procsim.errors import Fault, InvalidValue, ProcsimError, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.model.portfolio import TABLES, Portfolio
from procsim.readers.assemble import Loose, assemble, loose_table
from procsim.readers.cells import UNKNOWN, Value, plain_number
from procsim.readers.gates.limits import DEFAULT, Limits, cell_name, place_of
from procsim.readers.gates.packages import files_in
from procsim.readers.tables import read_csv_text
from procsim.readers.words import TITLES, table_of_title
from procsim.readers.writing import carriable, replace_file
from procsim.reference.schema import Column, table

# Excel opens CSV too, and takes such a text for a formula. An apostrophe goes before
# it; texts that already look quoted in this way get one more, so that nothing is lost.
_QUOTED = re.compile(r"'*(?:\s*[=+\-@]|[\t\r\n])")


def guarded(text: str) -> str:
    """Return `text` so that a spreadsheet that opens the CSV takes it for text."""
    return f"'{text}" if _QUOTED.match(text) else text


def _bare(text: str) -> str:
    return text[1:] if text.startswith("'") and _QUOTED.match(text) else text


def write_folder(portfolio: Portfolio, path: str | Path) -> tuple[Fault, ...]:
    """Write each table as ``<table>.csv``; `read_folder` gives an equal portfolio back.

    UTF-8 with its mark, so that Excel opens Vietnamese; the machine column
    names as headings; numbers with a decimal point and nothing else. A text
    that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line break gets an
    apostrophe before it, which reading takes away.

    Parameters
    ----------
    portfolio
        What to write.
    path
        The folder, made where there is none.

    Returns
    -------
    tuple of Fault
        Notes on control characters that were left out.

    Raises
    ------
    InvalidValue
        When a text is too long for one field; nothing is written.
    ProcsimError
        When the folder or a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notes = write_folder(ps.load_sample(), Path(folder) / "danh-muc")
    ...     len(ps.read(Path(folder) / "danh-muc")) == len(ps.load_sample())
    True
    """
    path = Path(path)
    frames, notes = carriable(portfolio)
    limit = csv.field_size_limit() - 2
    too_long = [
        fault_of(
            "write.text_too_long",
            f"{name}.csv › {shorten(frame.at[row, 'id'])} › {column.name}",
            shorten(text),
            says="write.text_too_long.text_characters_field_holds",
            text=len(text),
            limit=limit,
        )
        for name, frame in frames.items()
        for column in table(name).columns
        if column.is_text
        for row, text in enumerate(frame[column.name].tolist())
        if len(text) > limit
    ]
    if too_long:
        raise InvalidValue(too_long)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProcsimError(
            fault_of(
                "write.failed",
                shorten(path.name),
                shorten(error.strerror or str(error)),
                says="write.failed.no_folder_could_made",
            )
        ) from error
    for name in TABLES:
        write_table(name, frames[name], path / f"{name}.csv")
    return tuple(notes)


def write_table(name: str, frame: pd.DataFrame, path: Path) -> None:
    """Write one table, ids in a column ``id``, in the way of `write_folder`."""
    columns = table(name).columns
    texts = [[_as_csv(column, value) for value in frame[column.name]] for column in columns]
    rows = [[column.name for column in columns], *zip(*texts, strict=True)]

    def write(target: Path) -> None:
        with target.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream, lineterminator="\r\n").writerows(rows)

    replace_file(path, write)


def _as_csv(column: Column, value: Value) -> str:
    if column.kind == "flag":
        return "yes" if value else "no"
    if column.kind in {"number", "integer"}:
        if value != value:
            return UNKNOWN if column.default else ""
        return plain_number(float(value))
    return guarded(str(value))


def read_folder(path: str | Path, limits: Limits = DEFAULT) -> Portfolio:
    """Read a folder of CSV files, one for each table.

    Parameters
    ----------
    path
        Folder with ``procedures.csv`` and, where there are such tables, ``cases.csv``,
        ``channels.csv`` …; Vietnamese or English titles serve as file names too.
    limits
        The bounds of the reading.

    Returns
    -------
    Portfolio
        With everything that is wrong or doubtful in ``faults``.

    Raises
    ------
    UnreadableInput
        When the folder is not there or holds no table; or when files of it
        cannot be read, with the faults of all of them.

    Examples
    --------
    >>> import tempfile
    >>> import procsim as ps
    >>> portfolio = ps.load_sample().select(["1.004222"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     notes = ps.write_folder(portfolio, Path(folder) / "danh-muc")
    ...     read_folder(Path(folder) / "danh-muc").equals(portfolio)
    True
    """
    path = Path(path)
    if not path.is_dir():
        raise UnreadableInput(fault_of("file.missing", shorten(path.name), ""))
    loose: dict[str, Loose] = {}
    faults: list[Fault] = []
    broken: list[Fault] = []
    known: set[str] = set()
    for file in files_in(path):
        if file.stem.upper() == "README":
            continue  # tells what the tables are, holds no data
        name = table_of_title(file.stem)
        if file.parent != path or file.suffix.lower() != ".csv":
            faults.append(left_out(file.relative_to(path).as_posix()))
            continue
        if not name or name in known:
            faults.append(_not_read(file, name))
            continue
        known.add(name)
        try:
            made, found = read_table(file, name, limits)
        except UnreadableInput as error:
            broken += error.faults
            continue
        faults += found
        if made is not None:
            loose[name] = made
    if broken:
        raise UnreadableInput(broken)
    if not known:
        raise UnreadableInput(_no_tables(path))
    if "procedures" not in known:
        faults.append(
            fault_of(
                "reader.missing_sheet",
                place_of(path),
                "",
                says="reader.missing_sheet.procedures_csv_missing_other",
            )
        )
    return assemble(loose, source=path.name, faults=faults)


def read_table(file: Path, name: str, limits: Limits = DEFAULT) -> tuple[Loose | None, list[Fault]]:
    """Read one CSV file as a table, references not yet looked up."""
    sheet = read_csv_text(file, limits)
    rows = [[_bare(text) for text in row] for row in sheet.rows]
    made, found = loose_table(
        name, rows, lambda row, at: place_of(file, "", cell_name(row + 1, at + 1)), place_of(file)
    )
    return made, [*sheet.faults, *found]


def left_out(name: str) -> Fault:
    """Return what to say of a file of a folder, or of one below it, that was not read."""
    endings = (".csv", ".json", ".jsonl", ".ndjson", ".gz", ".xlsx", ".xlsm", ".xls", ".zip")
    return fault_of(
        "reader.left_out",
        shorten(name),
        "",
        severity="warning" if name.lower().endswith(endings) else "note",
    )


def _not_read(file: Path, name: str) -> Fault:
    if name:
        message = bilingual("readers.no_two_files_hold", titles=TITLES[name])
        return Fault(
            place_of(file),
            shorten(file.name),
            message,
            bilingual("readers.put_both_into_file"),
            code="reader.duplicate_sheet",
        )
    return fault_of(
        "reader.unknown_sheet",
        place_of(file),
        shorten(file.name),
        severity="note",
        says="reader.unknown_sheet.no_file_table_procsim",
        tables=", ".join(f"{n}.csv" for n in TABLES),
    )


def _no_tables(path: Path) -> Fault:
    return fault_of(
        "reader.no_sheets", place_of(path), "", says="reader.no_sheets.folder_holds_none_procsim"
    )


# Officers' decisions as one CSV file, so that they can be shared.


def write_decisions(portfolio: Portfolio, path: str | Path) -> tuple[Fault, ...]:
    """Write the table ``decisions`` as CSV, in the way of `write_folder`.

    Raises
    ------
    ProcsimError
        When the file cannot be written there.
    """
    frames, notes = carriable(portfolio.select([]).replace(decisions=portfolio.decisions))
    write_table("decisions", frames["decisions"], Path(path))
    return tuple(notes)


def read_decisions(path: str | Path) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV file of decisions, as written by `write_decisions` or by hand.

    Returns
    -------
    pandas.DataFrame
        In the shape of the table ``decisions``; `procsim.marking.take_decisions`
        finds the rows that they are meant for.
    list of Fault
        Everything that is wrong or doubtful in the file.

    Raises
    ------
    UnreadableInput
        When the file cannot be read, or holds no row of headings.
    """
    loose, faults = read_table(Path(path), "decisions")
    if loose is None:
        broken = [fault for fault in faults if fault.severity == "error"]
        if broken:
            raise UnreadableInput(broken)
        return Portfolio.from_tables({}).decisions, faults
    made = assemble({"decisions": loose}, source=Path(path).name, faults=faults)
    # Rows and procedures are looked for later, by code and words.
    found = [fault for fault in made.faults if fault.code != "reader.dangling"]
    return made.decisions, found
