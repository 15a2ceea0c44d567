"""What the pages share: the language, the data chosen, and results kept by content."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from procsim.decisions import Scorecard, scorecard, tag, targets
from procsim.errors import Fault
from procsim.marking import mark
from procsim.measures import compare, measure
from procsim.model import Portfolio, accept_proposals, check
from procsim.readers import read
from procsim.readers.gates import safe_name
from procsim.reforms import Plan, apply, resolution_66_7
from procsim.reports.workbook import write_plan
from procsim.sample import sample_path

__all__ = ["Study", "language", "study", "workbook"]


@dataclass(frozen=True)
class Study:
    """One input with everything computed from it; a value, never changed."""

    portfolio: Portfolio
    faults: tuple[Fault, ...]
    plan: Plan
    changed: Portfolio
    before: pd.DataFrame
    after: pd.DataFrame
    rates: pd.DataFrame

    def card(self, year: int) -> Scorecard:
        """Return the scorecard against the targets of one year."""
        return scorecard(
            self.before, self.after, targets(year), portfolio=self.changed, plan=self.plan
        )


def language() -> str:
    """Return ``"vi"`` or ``"en"``; the address holds it, so a link keeps it."""
    return "en" if st.query_params.get("lang") == "en" else "vi"


def _study(path: Path, accept: bool) -> Study:
    portfolio = read(path)
    if accept:
        portfolio = accept_proposals(portfolio)
    portfolio = tag(mark(portfolio))
    plan = resolution_66_7(portfolio)
    changed = apply(plan, portfolio)
    before, after = measure(portfolio), measure(changed)
    return Study(
        portfolio=portfolio,
        faults=tuple(check(portfolio)),
        plan=plan,
        changed=changed,
        before=before,
        after=after,
        rates=compare(before, after),
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(digest: str, accept: bool, _name: str, _data: bytes | None) -> Study:
    del digest  # the key of the cache: equal content is computed once
    if _data is None:
        return _study(sample_path(), accept)
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = Path(folder) / safe_name(_name)
        path.write_bytes(_data)
        return _study(path, accept)


def study(name: str = "", data: bytes | None = None, accept: bool = False) -> tuple[str, Study]:
    """Return the digest of the input and its study, computed once for equal content.

    Parameters
    ----------
    name
        File name of the upload; its content decides what it is.
    data
        Bytes of the upload; the sample portfolio when not given.
    accept
        Take over the values proposed for doubtful fees and limits.

    Raises
    ------
    UnreadableInput
        When the upload cannot be read.
    """
    digest = "sample" if data is None else hashlib.sha256(data + name.encode()).hexdigest()
    return digest, _kept(digest, accept, name, data)


@st.cache_data(max_entries=8, show_spinner=False)
def workbook(digest: str, accept: bool, year: int, in_language: str, _study: Study) -> bytes:
    """Return the plan as the bytes of an Excel workbook."""
    del digest, accept  # the key of the cache
    with tempfile.TemporaryDirectory(prefix="procsim-") as folder:
        path = write_plan(
            _study.portfolio,
            _study.plan,
            Path(folder) / "plan.xlsx",
            before=_study.before,
            after=_study.after,
            card=_study.card(year),
            faults=_study.faults,
            language=in_language,
        )
        return path.read_bytes()
