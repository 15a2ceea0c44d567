"""LibreOffice without a window, as the second program that reads our workbooks."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["convert", "needs_libreoffice"]

_SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
_SECONDS = 180

needs_libreoffice = pytest.mark.skipif(
    _SOFFICE is None, reason="LibreOffice (soffice) is not on this machine"
)

# Without this LibreOffice believes the values that stand beside the formulas.
_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def convert(path: Path, folder: Path, ending: str = "xlsx") -> Path:
    """Open a workbook, compute every formula anew, and save it into `folder`."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    settings = profile / "user" / "registrymodifications.xcu"
    if not settings.exists():
        settings.write_text(_RECALCULATE, encoding="utf-8")
    made = folder / "out"
    subprocess.run(
        [
            str(_SOFFICE),
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--norestore", "--convert-to", ending, "--outdir", str(made)),
            str(path),
        ],
        check=True,
        capture_output=True,
        timeout=_SECONDS,
    )
    return made / f"{path.stem}.{ending}"
