"""Results kept by the content they were computed from, for all sessions of the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from cachetools import LRUCache, cached

Result = TypeVar("Result")
_MOST = 256
_CACHE: LRUCache[Hashable, object] = LRUCache(_MOST)


@cached(_CACHE, key=lambda key, _: key, condition=threading.Condition())
def _kept(_: Hashable, make: Callable[[], object]) -> object:
    return make()


def kept(name: str, digest: Hashable, make: Callable[[], Result]) -> Result:
    """Return what `make` gives, computed once for a name and a digest.

    Sessions that ask for the same result at once wait for one computation. The
    result is shared: nobody may change it in place. Works in any thread.

    Parameters
    ----------
    name
        What is computed, such as ``"before"``.
    digest
        Hash of everything it depends on.
    make
        Computes it; what it raises is raised to each caller and not kept.

    Examples
    --------
    >>> kept("sum", (1, 2), lambda: 3), kept("sum", (1, 2), lambda: 4)
    (3, 3)
    """
    return cast("Result", _kept((name, digest), make))


def forget() -> None:
    """Let go of every result."""
    _CACHE.clear()
