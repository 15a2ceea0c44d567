"""How tests open a page of the app: the real script, on a store of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app.py"
ROOMS = ROOT / "procsim" / "app"


def open_page(name: str, **address: str) -> AppTest:
    """Run one page of the app; it must end without an exception."""
    app = AppTest.from_file(str(APP), default_timeout=60)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    if name != "overview":
        app.switch_page(f"procsim/app/{name}/page.py")
        app.run()
    assert not app.exception
    return app


def copy_store(template: Path, folder: Path) -> Path:
    """Return a store that is like the template, for one test to write into."""
    path = folder / "procsim.db"
    shutil.copyfile(template, path)
    return path
