"""What is handed over: the wheel holds all that the program reads, and runs without a checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import procsim
from tests.packaging.oldest import oldest

pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def child(*words: str, folder: Path, codes: tuple[int, ...] = (0,), **more: str) -> str:
    """Run Python in a folder, without the checkout on its path; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**kept, "PYTHONUTF8": "1", **more},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in codes, done.stderr
    return done.stdout


def built(kind: str, source: Path, into: Path) -> Path:
    """Build a wheel or an sdist of a source folder, with nothing fetched."""
    program = f"import sys, hatchling.build as b; print(b.build_{kind}(sys.argv[1]))"
    return into / child("-c", program, str(into), folder=source).split()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return built("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A folder with nothing but what the wheel holds."""
    folder = tmp_path_factory.mktemp("installed")
    with ZipFile(wheel) as held:
        held.extractall(folder)
    return folder


def files(folder: Path) -> set[str]:
    """Return the files below a folder, without what Python leaves there."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_whole_package_and_the_sample(installed):
    package = {f"procsim/{name}" for name in files(ROOT / "procsim")}
    sample = {f"procsim/data/sample/{name}" for name in files(ROOT / "data" / "sample")}
    assert package >= {
        "procsim/py.typed",
        "procsim/language/texts.csv",
        "procsim/language/texts/app.csv",
        "procsim/marking/model.npz",
        "procsim/reference/parameters.yaml",
        "procsim/reference/resolution_66_7.csv",
        "procsim/app/.streamlit/config.toml",
        "procsim/app/guide/vi.md",
        "procsim/app/overview/page.py",
    }
    assert len(sample) > 10
    about = {name for name in files(installed) if ".dist-info/" in name}
    assert files(installed) - about == package | sample


def test_the_wheel_says_what_the_project_says(installed):
    (about,) = installed.glob("procsim-*.dist-info")
    metadata = (about / "METADATA").read_text(encoding="utf-8").splitlines()
    assert f"Version: {procsim.__version__}" in metadata
    assert f"Requires-Python: {PROJECT['requires-python']}" in metadata
    extras = {line.split()[1] for line in metadata if line.startswith("Provides-Extra: ")}
    assert extras == set(PROJECT["optional-dependencies"])
    assert "procsim = procsim.cli:main" in (about / "entry_points.txt").read_text(encoding="utf-8")


def test_the_sdist_builds_the_same_wheel(wheel, tmp_path):
    packed = built("sdist", ROOT, tmp_path)
    with tarfile.open(packed) as held:
        held.extraction_filter = getattr(tarfile, "data_filter", None)  # from Python 3.11.4 on
        held.extractall(tmp_path)
    again = built("wheel", tmp_path / packed.name.removesuffix(".tar.gz"), tmp_path)
    with ZipFile(wheel) as first, ZipFile(again) as second:
        assert sorted(first.namelist()) == sorted(second.namelist())
        assert all(first.read(name) == second.read(name) for name in first.namelist())


def test_the_command_line_runs_from_the_wheel_alone(installed, tmp_path):
    def procsim(*words: str) -> str:
        return child(
            *("-m", "procsim", *words),
            folder=tmp_path,
            codes=(0, 1),  # 1: done, and the sample has figures that are missing
            PYTHONPATH=str(installed),
        )

    assert "60 thủ tục" in procsim("check", "mau")
    assert json.loads(procsim("measure", "sample", "--json"))["procedures"] == 60
    procsim("report", "sample", "--resolution", "66.7", "--excel", "a.xlsx", "--word", "a.docx",
            "--maps", "1")  # fmt: skip
    assert {name: (tmp_path / name).stat().st_size > 50_000 for name in files(tmp_path)} == {
        "a.xlsx": True,
        "a.docx": True,
    }


APP = """
import sys
from pathlib import Path
import procsim
from streamlit.testing.v1 import AppTest

package = Path(procsim.__file__).parent
app = AppTest.from_file(str(package / "app" / "shell" / "main.py"), default_timeout=90).run()
assert not app.exception and not app.error, (app.exception, app.error)
print(package.parent, *(each.value for each in app.title), sep="\\n")
"""


def test_the_app_opens_the_sample_from_the_wheel_alone(installed, tmp_path):
    where, *titles = child(
        *("-c", APP),
        folder=tmp_path,
        PYTHONPATH=str(installed),
        PROCSIM_STORE=str(tmp_path / "procsim.db"),
    ).splitlines()
    assert Path(where).samefile(installed)
    assert titles == ["Tổng quan"]
    from procsim.store import Store

    with Store(tmp_path / "procsim.db") as store:
        (project,) = store.projects().index
        portfolio = store.open(str(project)).portfolio
    assert (len(portfolio), portfolio.source) == (60, "sample")


def test_the_app_has_one_set_of_settings():
    of_checkout = (ROOT / ".streamlit" / "config.toml").read_bytes()
    assert (ROOT / "procsim" / "app" / ".streamlit" / "config.toml").read_bytes() == of_checkout


def test_every_dependency_has_a_lower_bound_that_is_met_here():
    from importlib.metadata import version

    from packaging.version import Version

    bounds = oldest((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {"numpy", "streamlit", "psycopg", "jupytext", "hypothesis"} <= set(bounds)
    for requirement in PROJECT["dependencies"]:
        name = requirement.split(">=")[0]
        assert Version(version(name)) >= Version(bounds[name])


def test_a_dependency_without_a_bound_is_refused():
    with pytest.raises(ValueError, match="numpy"):
        oldest('[project]\nname = "x"\ndependencies = ["numpy"]\noptional-dependencies = {}')
