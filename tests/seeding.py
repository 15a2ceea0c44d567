"""Seed faults and count those that the tests of their room do not notice.

``python -m tests.seeding --mutants 150 --seconds 1800`` copies the checkout to a temporary
folder, changes one operator, constant or return value of ``procsim/language`` or
``procsim/measures`` at a time, and runs that room's tests and doctests. What survives is
printed with file, line and change: a test that matters is lacking, or the change means
the same.
"""

from __future__ import annotations

import argparse
import ast
import copy
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("language", "measures")
COMPARED = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
WORKED_OUT = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}


def changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a node could be by a slip of the pen."""
    made = copy.deepcopy(node)
    match made:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            made.ops = [COMPARED[type(op)]()]
            yield made
        case ast.BinOp(op=op) if type(op) in WORKED_OUT:
            made.op = WORKED_OUT[type(op)]()
            yield made
        case ast.BoolOp():
            made.op = ast.Or() if isinstance(made.op, ast.And) else ast.And()
            yield made
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield made.operand
        case ast.Constant(value=bool()):
            yield ast.Constant(not made.value)
        case ast.Constant(value=int() | float()):
            yield ast.Constant(made.value + 1)
        case ast.Return(value=ast.expr()):
            yield ast.Return(ast.Constant(None))
        case ast.If():
            made.test = ast.UnaryOp(ast.Not(), made.test)
            yield made


def places(source: str) -> list[tuple[int, str, str]]:
    """Return for every change its line, what it is, and the whole source after it."""
    tree = ast.parse(source)
    hidden = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign | ast.arg | ast.FunctionDef)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if annotation is not None
        for child in ast.walk(annotation)
    }
    made = []
    for node in ast.walk(tree):
        if id(node) in hidden:  # an annotation does nothing when the program runs
            continue
        for field, value in ast.iter_fields(node):
            for at, child in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(child, ast.AST) or id(child) in hidden:
                    continue
                for changed in changes(child):
                    line = getattr(child, "lineno", 0)
                    what = f"{_short(child)}  →  {_short(changed)}"
                    made.append((line, what, _with(tree, node, field, at, changed)))
    return made


def _with(tree: ast.Module, node: ast.AST, field: str, at: int, changed: ast.AST) -> str:
    value = getattr(node, field)
    if isinstance(value, list):
        kept, value[at] = value[at], changed
        source = ast.unparse(ast.fix_missing_locations(tree))
        value[at] = kept
    else:
        setattr(node, field, changed)
        source = ast.unparse(ast.fix_missing_locations(tree))
        setattr(node, field, value)
    return source


def _short(node: ast.AST) -> str:
    shown = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return shown if len(shown) <= 60 else shown[:59] + "…"


def noticed(folder: Path, room: str, module: Path) -> bool:
    """Return whether the tests of a room fail, or do not end; those of the module come first."""
    own = [
        path.relative_to(folder).as_posix()
        for path in sorted((folder / "tests" / room).glob("test_*.py"))
        if module.stem in path.stem or f"{room}.{module.stem} import" in path.read_text("utf-8")
    ]
    first = [module.relative_to(folder).as_posix(), *own]
    return _fails(folder, first) or _fails(folder, [f"tests/{room}"])


def _fails(folder: Path, chosen: list[str]) -> bool:
    plain = ("-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider")
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", *plain, *chosen],
            cwd=folder,
            capture_output=True,
            timeout=900,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    return ran.returncode not in (0, 5)  # 5: a module without doctests and tests of its own


def main() -> None:
    """Seed faults one after the other and print what survives."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--mutants", type=int, default=150)
    options.add_argument("--seconds", type=float, default=1800.0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", choices=ROOMS, default=None)
    asked = options.parse_args()
    rooms = (asked.only,) if asked.only else ROOMS
    counts: Counter[tuple[str, bool]] = Counter()
    end = time.monotonic() + asked.seconds
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("procsim", "tests", "data"):
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        shutil.copy(ROOT / "pyproject.toml", folder)
        seeded = [
            (room, path, *one)
            for room in rooms
            for path in sorted((folder / "procsim" / room).rglob("*.py"))
            for one in places(path.read_text("utf-8"))
        ]
        print(f"{len(seeded):,} changes to draw from", flush=True)
        for room in rooms:
            if not noticed_sound(folder, room):
                raise SystemExit(f"the tests of {room} fail before anything was changed")
        drawn = Random(asked.seed).sample(seeded, min(asked.mutants, len(seeded)))
        for room, path, line, what, source in drawn:
            if time.monotonic() > end:
                break
            sound = path.read_text("utf-8")
            path.write_text(source, "utf-8")
            killed = noticed(folder, room, path)
            path.write_text(sound, "utf-8")
            counts[room, killed] += 1
            if not killed:
                print(f"SURVIVED {path.relative_to(folder).as_posix()}:{line}  {what}", flush=True)
    for room in rooms:
        print(f"{room}: {counts[room, True]} noticed, {counts[room, False]} survived")


def noticed_sound(folder: Path, room: str) -> bool:
    """Return whether the tests of a room pass as they are."""
    return not noticed(folder, room, folder / "procsim" / room / "__init__.py")


if __name__ == "__main__":
    main()
