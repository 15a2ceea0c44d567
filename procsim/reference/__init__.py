"""Law and vocabulary that ship with the package, dated, with source and mark."""

from __future__ import annotations

from procsim.reference.law import (
    MINISTRIES,
    RANKS,
    database_ready_on,
    lead_months,
    legal_texts,
    price_of_database,
    price_of_rank,
    price_of_reform,
    resolution_66_7,
    texts_to_amend,
)
from procsim.reference.parameters import Parameters, parameters, working_days_per_unit
from procsim.reference.readiness import (
    CRITERIA,
    coverage_from_readiness,
    load_readiness,
    merge_readiness,
    readiness,
    readiness_history,
    readiness_table,
)
from procsim.reference.tables import MARKS
from procsim.reference.targets import (
    METRICS,
    PublishedState,
    Target,
    programmes,
    published_state,
    score_weights,
    targets_table,
)
from procsim.reference.vocabulary import APPLICANT_GROUPS, databases, document_types, holdings

__all__ = [
    "APPLICANT_GROUPS",
    "CRITERIA",
    "MARKS",
    "METRICS",
    "MINISTRIES",
    "RANKS",
    "Parameters",
    "PublishedState",
    "Target",
    "coverage_from_readiness",
    "database_ready_on",
    "databases",
    "document_types",
    "holdings",
    "lead_months",
    "legal_texts",
    "load_readiness",
    "merge_readiness",
    "parameters",
    "price_of_database",
    "price_of_rank",
    "price_of_reform",
    "programmes",
    "published_state",
    "readiness",
    "readiness_history",
    "readiness_table",
    "resolution_66_7",
    "score_weights",
    "targets_table",
    "texts_to_amend",
    "working_days_per_unit",
]
