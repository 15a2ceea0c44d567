"""Where the real records lie: beside the checkout, never inside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["SHARED", "needs_shared"]

SHARED = Path(
    os.environ.get("PROCSIM_SHARED", Path(__file__).resolve().parents[2] / "shared" / "data")
)

needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="the real records (../shared/data beside the checkout) are not on this machine",
)
