"""Where the sample portfolio lies: in the checkout, or inside an installed wheel."""

from __future__ import annotations

from pathlib import Path

from procsim.model import Portfolio
from procsim.readers import read_folder


def sample_path() -> Path:
    """Return the folder of the sample portfolio.

    Raises
    ------
    FileNotFoundError
        When the installation lacks it.
    """
    here = Path(__file__).resolve().parent
    for place in (here, here.parent):
        if (folder := place / "data" / "sample").is_dir():
            return folder
    raise FileNotFoundError(here / "data" / "sample")


def load_sample() -> Portfolio:
    """Return the sample: about sixty real procedures of the ministries, not yet marked.

    Returns
    -------
    Portfolio
        Limits, fees and papers as published; volumes marked with their source.

    Examples
    --------
    >>> portfolio = load_sample()
    >>> portfolio["1.004222"].name
    'Đăng ký thường trú'
    """
    return read_folder(sample_path())
