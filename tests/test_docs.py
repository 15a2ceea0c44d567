"""What the README and the notebooks show runs as it stands."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from procsim.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))


def test_the_readme_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "phuong-an.xlsx").stat().st_size > 5000
    assert "statutory_days" in capsys.readouterr().out


def test_every_command_is_in_the_readme_and_has_help(capsys):
    [shown] = re.findall(r"```sh\n(procsim .*?)```", README, flags=re.DOTALL)
    named = set(re.findall(r"^procsim (\w+)", shown, flags=re.MULTILINE))
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    listed = set(re.findall(r"^    (\w+) ", capsys.readouterr().out, flags=re.MULTILINE))
    assert stop.value.code == 0
    assert named == listed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    made = runpy.run_path(str(path))
    assert made["portfolio"] is not None


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_the_top_level_is_what_the_user_fixed():
    allowed = {"pyproject.toml", "procsim", "app.py", "data", "notebooks", "tests", "README.md"}
    present = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    # Building and testing leave these behind; git ignores them.
    assert present - {"build", "dist", "procsim.egg-info", "__pycache__"} == allowed
