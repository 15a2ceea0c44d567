"""Runs a notebook as a reader does, warnings as errors and without the network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
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
    """Run a notebook from a working folder; a cell that fails stops the test.

    A process of its own for each: sockets of one kernel never meet those of another.

    Raises
    ------
    RuntimeError
        With what the failing cell says.
    """
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.notebooks.runner", str(FOLDER / f"{name}.py"), str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Ran(nbformat.reads(done.stdout, as_version=4).cells[1:])


def main(path: str, folder: str) -> None:
    """Run the notebook at a path and print it with its outputs, as a file of Jupyter."""
    book = jupytext.read(path)
    book.cells.insert(0, nbformat.v4.new_code_cell(_ALONE))
    resources = {"metadata": {"path": folder}}
    NotebookClient(book, timeout=300, kernel_name="python3", resources=resources).execute()
    sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(nbformat.writes(book))


if __name__ == "__main__":
    main(*sys.argv[1:])
