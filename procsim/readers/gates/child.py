"""Run a parser in a child process that may crash, swell or hang without harm.

A parser written in a compiled language can abort the whole process on a hostile
file, and no ``try`` catches that. So it runs in a child; a watcher in the parent
ends the child when its memory or its time goes over the bound. Everything here
works alike on Linux and Windows, from a script without a ``__main__`` guard,
from pytest and from a thread of a web server: the child runs ``worker.py`` and
never imports the caller's main module.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from procsim.errors import Fault, InvalidValue, ProcsimError, Text, UnknownName, UnreadableInput
from procsim.language.i18n import bilingual
from procsim.readers.gates.limits import DEFAULT, refusal, size_text

ERRORS = {
    each.__name__: each for each in (ProcsimError, UnreadableInput, InvalidValue, UnknownName)
}

WORKER = Path(__file__).with_name("worker.py")
POLL_SECONDS = 0.02
PYTHON_ERROR = 1


class _Watch(threading.Thread):
    """Ends a process whose memory or time goes over its bound, and says which."""

    def __init__(self, pid: int, memory_bytes: int, seconds: float) -> None:
        super().__init__(name="procsim-watch", daemon=True)
        self.pid = pid
        self.memory_bytes = memory_bytes
        self.seconds = seconds
        self.finished = threading.Event()
        self.reason = ""
        self.seen_bytes = 0

    def run(self) -> None:
        """Look every few hundredths of a second until `finished` is set."""
        end = time.monotonic() + self.seconds
        try:
            process = psutil.Process(self.pid)
            while not self.finished.wait(POLL_SECONDS):
                self.seen_bytes = max(self.seen_bytes, _memory(process))
                if self.seen_bytes > self.memory_bytes:
                    self.reason = "memory"
                elif time.monotonic() > end:
                    self.reason = "time"
                if self.reason:
                    _end(process)
                    return
        except psutil.NoSuchProcess:
            return  # it ended by itself, which is what was waited for


def _memory(process: psutil.Process) -> int:
    """Return the bytes in use by a process."""
    used = int(process.memory_info().rss)
    if os.name == "nt":  # a virtual environment's python.exe only starts the real one
        used += sum(child.memory_info().rss for child in process.children(recursive=True))
    return used


def _end(process: psutil.Process) -> None:
    """End a process and whatever it started."""
    for one in [*process.children(recursive=True), process]:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


def fault_from_cells(cells: Sequence[Any]) -> Fault:
    """Return a fault from its fields in order, as `dataclasses.astuple` gives them."""
    place, value, message, cure, *more = cells
    return Fault(place, value, Text(*message), Text(*cure), *more)


def _frames(stream: IO[bytes], most: int) -> Iterator[tuple[bytes, Any]]:
    """Yield the frames of a child's answer that came whole, as `worker.send` writes them."""
    while len(head := stream.read(9)) == 9:
        length = int.from_bytes(head[1:], "little")
        if length > most or len(content := stream.read(length)) < length:
            return
        is_json = head[:1] != b"B"
        yield head[:1], json.loads(content.decode("utf-8", "surrogatepass")) if is_json else content


def run_in_child(
    function: Callable[..., Any],
    *args: Any,
    memory_bytes: int = DEFAULT.child_bytes,
    seconds: float = DEFAULT.child_seconds,
    place: str = "",
    progress: Callable[[int], None] | None = None,
) -> Any:
    """Call ``function(*args)`` in a child process and return what it returned.

    Parameters
    ----------
    function
        A function at the top level of an importable module.
    *args
        Its arguments, plain values of JSON. So is the result, or a tuple of such values
        and of bytes. Nothing is pickled: a file that takes the parser over gains nothing.
    memory_bytes
        Resident memory (bytes) beyond which the child is ended.
    seconds
        Wall-clock seconds after which the child is ended.
    place
        The file that is read, named in the faults.
    progress
        Handed to the function under this name, and called here with the counts that it
        tells; an error that it raises ends the child.

    Returns
    -------
    object
        The result of the call.

    Raises
    ------
    ProcsimError
        Unchanged, when the function raised one.
    UnreadableInput
        When the child crashed (``file.parser_crashed``), took too much memory
        (``file.parser_memory``) or time (``file.parser_time``), raised another
        error (``file.parser_failed``) or could not start (``file.parser_not_started``).
    TypeError
        When `function` cannot be found by its name in another process.
    """
    if "<" in function.__qualname__ or function.__module__ == "__main__":
        raise TypeError(f"{function!r} must stand at the top level of an importable module")
    request = {"path": sys.path, "module": function.__module__, "name": function.__qualname__}
    question = json.dumps({**request, "args": args, "reports": progress is not None}).encode()
    with tempfile.TemporaryFile() as last_words:
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", str(WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=last_words,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise _not_started(place, error) from error
        watch = _Watch(process.pid, memory_bytes, seconds)
        with process:
            try:
                watch.start()
                status, items = _answer(process, question, memory_bytes, progress)
                process.wait()
            finally:
                watch.finished.set()
                if process.poll() is None:
                    _end(psutil.Process(process.pid))
                watch.join()
        last_words.seek(0)
        words = last_words.read().decode("utf-8", errors="replace").strip().splitlines() or [""]
    if watch.reason or status == "memory":
        raise _over_bound(place, watch.reason or "memory", watch)
    if process.returncode == PYTHON_ERROR and words[0].startswith("Traceback"):
        raise _failed(place, words[-1])
    if process.returncode != 0 or not items:
        raise _crashed(place, process.returncode, words[0])
    if status == "faults":
        raise ERRORS[items[0][0]](map(fault_from_cells, items[0][1]))
    return items[0] if len(items) == 1 else tuple(items)


def _answer(
    process: subprocess.Popen[bytes],
    question: bytes,
    most: int,
    progress: Callable[[int], None] | None,
) -> tuple[str, list[Any]]:
    """Ask a child, pass on what it tells on the way; return its status and its result."""
    status = ""
    items: list[Any] = []
    if process.stdin is None or process.stdout is None:
        return status, items
    # A child that is gone already says why by its end.
    with contextlib.suppress(OSError):
        process.stdin.write(question)
    with contextlib.suppress(OSError):
        process.stdin.close()
    for kind, content in _frames(process.stdout, most):
        if kind == b"P" and progress is not None:
            progress(content)
        elif kind == b"S":
            status = content
        else:
            items.append(content)
    return status, items


def _not_started(place: str, error: OSError) -> UnreadableInput:
    return refusal(
        place,
        "file.parser_not_started",
        bilingual("readers.no_process_reads_file"),
        bilingual("readers.close_other_programs_free"),
        str(error),
    )


def _over_bound(place: str, reason: str, watch: _Watch) -> UnreadableInput:
    if reason == "memory":
        bound = size_text(watch.memory_bytes)
        return refusal(
            place,
            "file.parser_memory",
            bilingual("readers.reading_file_takes_too", bound=bound),
            bilingual("readers.split_file_delete_spare"),
            f"> {size_text(watch.seen_bytes)}",
        )
    return refusal(
        place,
        "file.parser_time",
        bilingual("readers.reading_file_takes_too_long_limit", seconds=watch.seconds),
        bilingual("readers.split_file_into_smaller"),
        f"> {watch.seconds:g} s",
    )


def _crashed(place: str, returncode: int, words: str) -> UnreadableInput:
    return refusal(
        place,
        "file.parser_crashed",
        bilingual("readers.file_content_made_parser"),
        bilingual("readers.open_file_excel_copy"),
        f"mã thoát / exit code {returncode}: {words}",
    )


def _failed(place: str, words: str) -> UnreadableInput:
    return refusal(
        place,
        "file.parser_failed",
        bilingual("readers.no_parser_could_make"),
        bilingual("readers.open_file_excel_save"),
        words,
    )
