"""The script that a child process runs: take one call from stdin, answer on stdout.

It is started by path, alone, so it imports the standard library only until it
knows which function it shall call.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

__all__ = ["main"]

PACKAGE = Path(__file__).resolve().parents[1]


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


def answer(stream: BinaryIO) -> tuple[str, Any]:
    """Read one call, make it, and return what became of it.

    Any other error ends the process with a traceback, whose last line the parent
    turns into a fault.
    """
    path, module, name, packed = pickle.load(stream)
    sys.path[:] = path
    place_light_packages()
    errors = importlib.import_module("procsim.errors")
    try:
        function: Any = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        return "done", function(*pickle.loads(packed))
    except errors.ProcsimError as error:
        return "faults", error
    except MemoryError:
        return "memory", None


def main() -> None:
    """Answer one call; nothing else may write to the answer's channel."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    reply = answer(sys.stdin.buffer)
    with channel:
        pickle.dump(reply, channel, protocol=pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
