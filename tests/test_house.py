"""The house stays one that a newcomer can read: no giant file, hooks that need no network."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.conftest import SLOW, TESTS

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 1_500


def test_no_file_is_a_giant():
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in ROOT.glob("procsim/**/*.py")
    }
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_hooks_before_a_commit_are_our_own():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [one["repo"] for one in hooks["repos"]] == ["local"]
    entries = [hook["entry"] for one in hooks["repos"] for hook in one["hooks"]]
    assert {entry.split()[2] for entry in entries} == {"ruff", "mypy"}
    assert all(hook["language"] == "system" for one in hooks["repos"] for hook in one["hooks"])


def test_every_slow_place_is_there():
    assert [place for place in SLOW if not (TESTS / place).exists()] == []
