"""Words of the command line that only matter once procsim is installed."""

from __future__ import annotations

import runpy
import sys

import pytest

import procsim
from procsim import cli


@pytest.mark.parametrize("word", ["mau", "sample"])
def test_the_sample_has_a_name(word, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cli.main(["check", word])
    assert "60 thủ tục" in capsys.readouterr().out


def test_a_file_of_that_name_comes_first(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mau").mkdir()
    assert cli.main(["check", "mau"]) == 2
    assert "mau" in capsys.readouterr().err


def test_the_sample_can_be_compared_with_itself(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cli.main(["--lang", "en", "diff", "mau", "sample"])
    assert "60 procedures before, 60 after" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["--server.port", "8600", "--server.headless", "true"], ["--server.headless=true"], []],
)
def test_the_app_hands_streamlit_its_options(words, monkeypatch):
    started = []
    monkeypatch.setattr(sys, "argv", ["procsim"])
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: started.append((name, sys.argv)))
    assert cli.main(["app", *words]) == 0
    ((name, given),) = started
    assert name == "streamlit"
    assert given[:2] == ["streamlit", "run"]
    assert given[2].endswith("main.py")
    assert given[3:] == words


def test_other_commands_refuse_unknown_options(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["check", "mau", "--server.port", "8600"])
    assert stopped.value.code == 2
    assert "--server.port 8600" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"procsim {procsim.__version__}\n"
