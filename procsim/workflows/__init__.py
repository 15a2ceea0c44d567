"""What both doors do, composed once: no Streamlit, no argparse."""

from __future__ import annotations

from typing import Protocol

from procsim.errors import Text

__all__ = ["Report"]


class Report(Protocol):
    """What long work calls while it runs."""

    def __call__(self, fraction: float, words: Text) -> None:
        """Say how far the work is, 0 to 1; raises once it is to stop."""

    def cancelled(self) -> bool:
        """Return whether somebody wants it to stop: for work that ends in good order."""
