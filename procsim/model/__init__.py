"""The model: a portfolio of procedures as tables, and its check."""

from procsim.model.check import accept_proposals, check
from procsim.model.diff import Difference, diff
from procsim.model.portfolio import TABLES, Portfolio, Procedure

__all__ = ["TABLES", "Difference", "Portfolio", "Procedure", "accept_proposals", "check", "diff"]
