"""Law and vocabulary that ship with the package, dated, with source and mark."""

from __future__ import annotations

from procsim.reference.law import MINISTRIES, RANKS, legal_texts, resolution_66_7
from procsim.reference.parameters import Parameters, parameters, working_days_per_unit
from procsim.reference.tables import MARKS
from procsim.reference.targets import (
    METRICS,
    PublishedState,
    Target,
    published_state,
    targets_table,
)
from procsim.reference.vocabulary import (
    APPLICANT_GROUPS,
    databases,
    document_types,
    holdings,
)

__all__ = [
    "APPLICANT_GROUPS",
    "MARKS",
    "METRICS",
    "MINISTRIES",
    "RANKS",
    "Parameters",
    "PublishedState",
    "Target",
    "databases",
    "document_types",
    "holdings",
    "legal_texts",
    "parameters",
    "published_state",
    "resolution_66_7",
    "targets_table",
    "working_days_per_unit",
]
