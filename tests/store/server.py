"""A real PostgreSQL server for the tests, where one is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["missing", "running"]

URL = os.environ.get("PROCSIM_POSTGRESQL", "")


def _program(name: str) -> Path | None:
    found = shutil.which(name)
    # Debian keeps the server's programs out of PATH.
    listed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return Path(found) if found else (listed[-1] if listed else None)


def missing() -> str:
    """Return why there can be no server here, ``""`` where there can."""
    if URL:
        return ""
    if os.name == "nt":
        return "set PROCSIM_POSTGRESQL to the URL of an empty database to try PostgreSQL here"
    if _program("initdb") is None or _program("pg_ctl") is None:
        return "no PostgreSQL server is installed (Debian package postgresql)"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL refuses to run as root and there is no user to run it as"
    return ""


def _unprivileged() -> str | None:
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in known), None)


@contextmanager
def running() -> Iterator[tuple[str, Path | None]]:
    """Give the URL of an empty database, and the folder of its server where it is ours."""
    if URL:
        yield URL, None
        return
    # A socket's path is short, so not below pytest's folders; the server's user owns it.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _unprivileged() if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        control = _Control(folder, user)
        control.run("initdb", "-D", "data", "-U", "procsim", "-A", "trust", "-E", "UTF8", "-N")
        control.start()
        try:
            yield f"postgresql://procsim@/postgres?host={folder}", folder
        finally:
            control.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Control:
    def __init__(self, folder: Path, user: str | None) -> None:
        self.folder, self.user = folder, user

    def run(self, name: str, *arguments: str) -> None:
        program = _program(name)
        assert program is not None
        subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            user=self.user,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=60"
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")


def restart(folder: Path) -> None:
    """Break every connection: stop the server at once and start it again."""
    control = _Control(folder, _unprivileged() if os.geteuid() == 0 else None)
    control.stop()
    control.start()
