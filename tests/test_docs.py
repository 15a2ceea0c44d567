"""What the README shows runs as it stands; tests/notebooks runs the notebooks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from procsim.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


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


def test_the_top_level_is_what_the_user_fixed():
    allowed = {"pyproject.toml", "procsim", "app.py", "data", "notebooks", "tests", "README.md"}
    present = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    # Building and testing leave these behind; git ignores them.
    assert present - {"build", "dist", "procsim.egg-info", "__pycache__"} == allowed
