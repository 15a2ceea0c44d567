"""The house stands on floors, and imports point only down."""

from __future__ import annotations

import ast
from pathlib import Path

import procsim

ROOT = Path(procsim.__file__).parent
FLOOR = {
    "__version__": 0,  # a literal of the package itself, no room
    "errors": 0,
    "doors": 0,
    "language": 1,
    "reference": 2,
    "model": 3,
    "readers": 4,
    "marking": 4,
    "dossier": 5,
    "measures": 6,
    "network": 7,
    "reforms": 7,
    "decisions": 8,
    "least_cost": 9,
    "reports": 10,
    "store": 10,
    "sample": 10,
    "notebook": 11,
    "workflows": 12,
    "cli": 13,
    "app": 13,
    "__main__": 14,
    "__init__": 14,
}


def room_of(path: Path) -> str:
    """Return the room that a module belongs to."""
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else path.stem


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms that a module imports, anywhere in its text."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            names = [node.module]
            if node.module == "procsim":
                names = [f"procsim.{alias.name}" for alias in node.names]
        for name in names:
            if name == "procsim":
                rooms.add("__init__")
            elif name.startswith("procsim."):
                rooms.add(name.split(".")[1])
    return rooms


def test_every_module_has_a_floor():
    unknown = {room_of(path) for path in ROOT.rglob("*.py")} - FLOOR.keys()
    assert not unknown, f"rooms without a floor: {unknown}"


def test_imports_point_only_down():
    wrong = [
        f"{path.relative_to(ROOT)} ({room}) imports {other}"
        for path in ROOT.rglob("*.py")
        for room in [room_of(path)]
        for other in imported_rooms(path)
        if other != room and not FLOOR.get(other, 99) < FLOOR[room]
    ]
    assert not wrong, "\n".join(wrong)
