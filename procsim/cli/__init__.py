"""The command line: a thin door to the same verbs as the library.

Exit codes: 0 done, 1 done with faults that block a figure, 2 unreadable input or not
enough memory;
130 stopped by the user, 141 the program that reads the output has closed it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from procsim.cli.output import CLOSED, STOPPED, UNREADABLE, emit
from procsim.cli.parser import make_parser
from procsim.errors import Fault, ProcsimError, Text
from procsim.language.i18n import bilingual, fault_of, t

__all__ = ["main"]


def _language(arguments: Sequence[str]) -> str:
    """Return the language of the help texts, before the arguments are parsed."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            return "en" if arguments[place + 1] == "en" else "vi"
        if argument.startswith("--lang="):
            return "en" if argument.endswith("=en") else "vi"
    return "en" if os.environ.get("PROCSIM_LANG") == "en" else "vi"


def _let_go_of_output() -> None:
    """Send what is still buffered nowhere: `head`, or a pager, has seen enough."""
    with contextlib.suppress(OSError, ValueError):  # a stream without a descriptor
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


_NO_MEMORY = fault_of("cli.memory", "procsim", "")
# What compiled parts say when they cannot load, or cannot begin a thread, for lack of memory.
_STARVED = (
    "memory",
    "failed to map segment",
    "can't start new thread",
    "resource temporarily unavailable",
)


def _run(args: argparse.Namespace) -> int:
    """Run a command; where the memory does not reach, say so like any other fault."""
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except MemoryError as error:
        raise ProcsimError(_NO_MEMORY) from error
    except (ImportError, RuntimeError, SystemError) as error:
        if any(words in str(error).casefold() for words in _STARVED):
            raise ProcsimError(_NO_MEMORY) from error
        raise
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        The words after ``procsim``; those of the process when not given.

    Returns
    -------
    int
        0 done, 1 done with faults that block a figure, 2 unreadable input or not enough
        memory;
        130 stopped by the user, 141 the reader of the output has closed it.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # Windows consoles default to a code page
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    language = _language(arguments)
    parser = make_parser(language)
    args, unknown = parser.parse_known_args(arguments)
    if args.command == "app":
        args.options = unknown  # these belong to Streamlit
    elif unknown:
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        return _run(args)
    except KeyboardInterrupt:
        stopped = bilingual("cli.stopped_request")
        print(stopped.in_language(language), file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        _let_go_of_output()
        return CLOSED
    except ProcsimError as error:
        if getattr(args, "json", False):
            emit({"faults": [fault.as_dict(language) for fault in error.faults]})
        print(error.in_language(language), file=sys.stderr)
        return UNREADABLE
    except OSError as error:
        place = str(error.filename or "")
        message = t("cli.error.file", language, path=place, reason=error.strerror or str(error))
        if getattr(args, "json", False):
            fault = Fault(place, "", Text(message, message), code="cli.file")
            emit({"faults": [fault.as_dict(language)]})
        print(message, file=sys.stderr)
        return UNREADABLE
