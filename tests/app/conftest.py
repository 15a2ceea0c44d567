"""A store with the sample project, made once, and a copy of it for each test."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

import procsim as ps
from procsim.app.shell.kept import forget
from procsim.model import Portfolio
from procsim.store import PutPlan, Store
from tests.app.pages import copy_store

AT = dt.datetime(2026, 3, 2, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one project: the sample, marked, with the plan of Resolution 66.7."""
    path = tmp_path_factory.mktemp("template") / "procsim.db"
    portfolio = ps.tag(ps.mark(ps.load_sample()))
    with Store(path) as store:
        project = store.create("Danh mục mẫu", portfolio, who="Lan", at=AT)
        law = PutPlan("Nghị quyết 66.7/2025/NQ-CP", ps.resolution_66_7(portfolio))
        project.act(law, who="Lan", at=AT)
    return path


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one project that holds no procedure and no plan."""
    path = tmp_path_factory.mktemp("template") / "procsim.db"
    with Store(path) as store:
        store.create(
            "Dự án trống",
            Portfolio.from_tables(
                {"procedures": pd.DataFrame({"id": [], "name": [], "ministry": []}, dtype=str)}
            ),
            who="Lan",
            at=AT,
        )
    return path


def _use(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = copy_store(template, tmp_path)
    monkeypatch.setenv("PROCSIM_STORE", str(path))
    return path


@pytest.fixture
def on_sample(sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app works on a copy of the sample project; the path of the store."""
    yield _use(sample_store, tmp_path, monkeypatch)
    forget()


@pytest.fixture
def on_empty(empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app works on a project without procedures; the path of the store."""
    yield _use(empty_store, tmp_path, monkeypatch)
    forget()
