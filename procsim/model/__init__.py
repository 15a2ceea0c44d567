"""The model: a portfolio of procedures as tables, and its check."""

from procsim.model.accept import accept_proposals
from procsim.model.check import check
from procsim.model.diff import Difference, diff
from procsim.model.portfolio import TABLES, Portfolio, Procedure

__all__ = ["TABLES", "Difference", "Portfolio", "Procedure", "accept_proposals", "check", "diff"]
