"""Print the oldest supported version of everything that pyproject.toml names.

``python -m tests.packaging.oldest > oldest.txt`` writes a constraints file for pip;
``.ci/oldest`` installs what it says and runs the tests there.
"""

from __future__ import annotations

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

__all__ = ["oldest"]

ROOT = Path(__file__).resolve().parents[2]
_BOUNDED = re.compile(r"(?P<name>[\w-]+)(?:\[\w+\])?>=(?P<version>[\d.]+),<\d+(?:,!=[\d.]+)*")


def oldest(pyproject: str) -> dict[str, str]:
    """Return the lower bound of each dependency, those of the extras included."""
    project = tomllib.loads(pyproject)["project"]
    named = chain(project["dependencies"], *project["optional-dependencies"].values())
    bounds = {}
    for requirement in named:
        if requirement.startswith(f"{project['name']}["):
            continue  # the extra of all extras: its members are read themselves
        found = _BOUNDED.fullmatch(requirement)
        if found is None:
            raise ValueError(f"{requirement!r}: a lower and an upper bound are needed")
        bounds[found["name"]] = found["version"]
    return bounds


if __name__ == "__main__":
    bounds = oldest((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    sys.stdout.writelines(f"{name}=={version}\n" for name, version in sorted(bounds.items()))
