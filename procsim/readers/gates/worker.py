"""The script that a child process runs: take one call from stdin, answer on stdout.

It is started by path, alone, so it imports the standard library only until it
knows which function it shall call. Question and answer are JSON and bytes, never
pickles: a parser that a file has taken over has no way into the caller.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from dataclasses import astuple
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

PACKAGE = Path(__file__).resolve().parents[2]


class LightPackage(ModuleType):
    """A package whose ``__init__`` runs only when one of its own names is asked for.

    The child must start in a fraction of a second; the facade of procsim brings
    pandas along, and a parser of cells needs none of it.
    """

    def __getattr__(self, name: str) -> Any:
        """Run the real ``__init__`` at the first unknown name."""
        spec = None if name.startswith("__") else self.__dict__.pop("_facade", None)
        if spec is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        spec.loader.exec_module(self)
        return getattr(self, name)


def place_light_packages() -> None:
    """Put procsim and procsim.readers into place without running their ``__init__``."""
    for name, folder in (("procsim", PACKAGE), ("procsim.readers", PACKAGE / "readers")):
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        package = LightPackage(name)
        package.__dict__.update(
            __path__=[str(folder)], __file__=str(folder / "__init__.py"), __package__=name
        )
        package.__dict__.update(__spec__=spec, _facade=spec)
        sys.modules[name] = package
    sys.modules["procsim"].__dict__["readers"] = sys.modules["procsim.readers"]


def send(channel: BinaryIO, kind: bytes, content: Any) -> None:
    """Write one frame: a letter, the length in eight bytes, JSON or bytes as they are."""
    if kind != b"B":
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        content = text.encode("utf-8", "surrogatepass")
    channel.write(kind + len(content).to_bytes(8, "little"))
    channel.write(content)
    channel.flush()


def answer(request: dict[str, Any], channel: BinaryIO) -> None:
    """Make one call and send what became of it; items of a tuple are sent one by one.

    Any other error ends the process with a traceback, whose last line the parent
    turns into a fault.
    """
    sys.path[:] = request["path"]
    place_light_packages()
    errors = importlib.import_module("procsim.errors")
    told = {"progress": lambda count: send(channel, b"P", count)} if request["reports"] else {}
    try:
        function: Any = importlib.import_module(request["module"])
        for part in request["name"].split("."):
            function = getattr(function, part)
        result = function(*request["args"], **told)
        send(channel, b"S", "done")
        for item in result if isinstance(result, tuple) else (result,):
            send(channel, b"B" if isinstance(item, bytes) else b"J", item)
    except errors.ProcsimError as error:
        send(channel, b"S", "faults")
        send(channel, b"J", [type(error).__name__, [astuple(fault) for fault in error.faults]])
    except MemoryError:
        send(channel, b"S", "memory")


def main() -> None:
    """Answer one call; nothing else may write to the answer's channel."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with channel:
        answer(json.load(sys.stdin.buffer), channel)


if __name__ == "__main__":
    main()
