"""Every test of the store runs on SQLite, and on PostgreSQL where there is a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from procsim.store import Store
from tests.store import server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[tuple[str, Path | None]]:
    why = server.missing()
    if why:
        pytest.skip(why)
    with server.running() as found:
        yield found


def emptied(url: str) -> str:
    """Return the URL once nothing of procsim is left in its database."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        names = ("tags", "versions", "projects", "blobs", "schema")
        dropped = ", ".join(f"procsim_{name}" for name in names)
        connection.execute(text(f"DROP TABLE IF EXISTS {dropped}"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "procsim.db")
    return emptied(request.getfixturevalue("postgresql")[0])


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with Store(place, timeout=5) as opened:
        yield opened
