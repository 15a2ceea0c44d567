"""Runs a notebook as a reader does, warnings as errors and without the network."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.py"))

# The kernel itself speaks to the test through 127.0.0.1; nothing else may be reached.
_ALONE = """\
import socket
import warnings

warnings.simplefilter("error")
warnings.filterwarnings("default", module="ipykernel")
_connect = socket.socket.connect


def _refuse(self, address):
    host = address[0] if isinstance(address, tuple) else ""
    if host not in ("", "127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"the notebook asks the network: {address}")
    return _connect(self, address)


socket.socket.connect = _refuse
"""


class Ran:
    """A notebook after it was run."""

    def __init__(self, cells: list[nbformat.NotebookNode]) -> None:
        self.cells = cells

    def outputs(self, tag: str = "") -> list[nbformat.NotebookNode]:
        """Return the outputs of the cell with this tag; of all cells without one."""
        return [
            output
            for cell in self.cells
            if not tag or tag in cell.metadata.get("tags", ())
            for output in cell.get("outputs", ())
        ]

    def shown(self, tag: str, kind: str) -> str:
        """Return the one output of the cell with this tag, in one form."""
        [output] = self.outputs(tag)
        return str(output.data[kind])

    def words(self, tag: str) -> str:
        """Return what a reader sees of the cell with this tag: Markdown, HTML or plain text."""
        [output] = self.outputs(tag)
        for kind in ("text/markdown", "text/html", "text/plain"):
            if kind in output.data:
                return re.sub(r"<[^>]+>", " ", output.data[kind])
        raise AssertionError(f"{tag}: {sorted(output.data)}")

    def rows(self, tag: str) -> list[list[str]]:
        """Return the cells of the table that the cell with this tag shows, without heads."""
        html = self.shown(tag, "text/html")
        lines = (re.findall(r"<td[^>]*>(.*?)</td>", line) for line in html.split("<tr")[1:])
        return [line for line in lines if line]


@cache
def run(name: str, folder: Path = FOLDER) -> Ran:
    """Run a notebook from a working folder; a cell that fails stops the test."""
    book = jupytext.read(FOLDER / f"{name}.py")
    book.cells.insert(0, nbformat.v4.new_code_cell(_ALONE))
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    client = NotebookClient(
        book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=environment)
    return Ran(book.cells[1:])
