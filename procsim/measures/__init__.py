"""Measures: time, compliance cost, documents and conditions of procedures."""

from procsim.measures.compare import compare, rate, summarise
from procsim.measures.cost import cost_sheet, explain
from procsim.measures.decompose import decompose
from procsim.measures.table import measure

__all__ = ["compare", "cost_sheet", "decompose", "explain", "measure", "rate", "summarise"]
