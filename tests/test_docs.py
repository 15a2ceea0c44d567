"""What the README shows runs as it stands; tests/notebooks runs the notebooks."""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

import procsim as ps
from procsim.cli import main
from procsim.reforms import KINDS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_readme_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    [code] = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert (tmp_path / "phuong-an.xlsx").stat().st_size > 5000
    assert "statutory_days" in capsys.readouterr().out


def test_the_reform_of_the_contributing_guide_works_as_written(tmp_path, monkeypatch):
    [code] = re.findall(r"```py\n(.*?)```", GUIDE, flags=re.DOTALL)
    [plan] = re.findall(r"```yaml\n(.*?)```", GUIDE, flags=re.DOTALL)
    recipe = ModuleType("one_week")
    monkeypatch.setitem(sys.modules, "one_week", recipe)
    exec(compile(textwrap.dedent(code), "one_week.py", "exec"), vars(recipe))
    monkeypatch.setitem(KINDS, "one_week", recipe.OneWeek)
    (tmp_path / "plan.yaml").write_text(textwrap.dedent(plan), encoding="utf-8")
    read = ps.Plan.read(tmp_path / "plan.yaml")
    assert read.reforms == (recipe.OneWeek("1.004222"),)
    portfolio = ps.load_sample()
    before, after = (ps.measure(each) for each in (portfolio, ps.apply(portfolio, read)))
    assert before.at["1.004222", "statutory_days"] == 7
    assert after.at["1.004222", "statutory_days"] == 5


def test_paths_that_the_contributing_guide_names_are_there():
    named = set(re.findall(r"`((?:procsim|tests|\.ci)/[\w./]+)`", GUIDE))
    assert len(named) > 15
    missing = {path for path in named if not (ROOT / path).exists()}
    assert missing == {"procsim/reforms/kinds/one_week.py"}


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
