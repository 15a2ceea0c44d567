"""The part of the page Dữ liệu that shows what is wrong, and accepts proposed values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from procsim.app.shell import show, workspace
from procsim.app.shell.jobs import Report, follow, jobs
from procsim.app.shell.results import faults as found_in
from procsim.app.shell.results import of_portfolio
from procsim.app.shell.session import language, say
from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import TEXTS, bilingual, t
from procsim.model import Portfolio, accept_proposals
from procsim.store import Project, SetPortfolio

_SLOW = 20_000
_SEVERITY = ("error", "warning", "note")


def kinds(found: Sequence[Fault]) -> pd.DataFrame:
    """Return the faults by kind, the gravest and most frequent first.

    Returns
    -------
    pandas.DataFrame
        Index ``code``; columns severity (the gravest), count, example (the message of
        the first).
    """
    rows: dict[str, dict[str, object]] = {}
    for fault in sorted(found, key=lambda each: _SEVERITY.index(each.severity)):
        row = rows.setdefault(
            fault.code, {"severity": fault.severity, "count": 0, "example": fault.message}
        )
        row["count"] = int(str(row["count"])) + 1
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["severity", "count", "example"])
    order = frame["severity"].map(_SEVERITY.index)
    return (
        frame.assign(order=order)
        .sort_values(["order", "count"], ascending=[True, False], kind="stable")
        .drop(columns="order")
    )


def proposals(portfolio: Portfolio) -> dict[str, int]:
    """Return how many proposed values `accept_proposals` takes, by reason code."""
    fees, channels = portfolio.fees, portfolio.channels
    money = fees["flag"][fees["proposed_vnd"].notna() & (fees["flag"] != "")]
    limits = channels["limit_flag"][
        channels["limit_proposed"].notna()
        & (channels["limit_flag"] != "")
        & (channels["limit_unit"] != "")
    ]
    return dict(Counter([*money, *limits]).most_common())


def faults(project: Project) -> None:
    """Show faults by kind, one kind in full, and the proposals that can be accepted."""
    found = found_beside(project)
    if found is None:
        return
    if not found:
        st.success(say("data.faults.none"), icon=":material/check_circle:")
        return
    counts = Counter[str](fault.severity for fault in found)
    for place, severity in zip(st.columns(3), _SEVERITY, strict=True):
        show.figure(
            place,
            t(f"severity.{severity}", language()),
            show.written(counts[severity]),
            help=say(f"data.severity.{severity}"),
        )
    open_ = of_portfolio("proposals", project, lambda: proposals(project.portfolio))
    if open_:
        _accept(open_)
    _list(found, open_)


def found_beside(project: Project) -> tuple[Fault, ...] | None:
    """Return the faults; on a large portfolio the check runs beside the page."""
    if sum(map(len, project.portfolio.tables.values())) < _SLOW:
        return found_in(project)
    key = ("faults", project.digest_of("portfolio"))

    def work(report: Report) -> tuple[Fault, ...]:
        report(0.1, bilingual("app.data.step.check", rows=len(project.portfolio.requirements)))
        return found_in(project)

    jobs().start(key, work)
    job = follow(key, name="data.check")
    return found_in(project) if job is not None and job.status == "done" else None


def _accept(open_: Mapping[str, int]) -> None:
    total = sum(open_.values())
    with st.expander(say("data.accept.heading", count=total), key="data.accept"):
        st.caption(say("data.accept.caption"))
        chosen = st.multiselect(
            say("data.accept.kinds"),
            list(open_),
            format_func=lambda code: f"{kind_in_words(code)} ({show.written(open_[code])})",
            key="data.accept.kinds",
            placeholder=say("data.accept.all"),
        )
        count = sum(open_[code] for code in chosen) if chosen else total
        st.button(
            say("data.accept.do", count=count),
            key="data.accept.do",
            type="primary",
            icon=":material/done_all:",
            on_click=_take,
            args=(tuple(chosen) or None, count),
        )


def _take(codes: tuple[str, ...] | None, count: int) -> None:
    portfolio = accept_proposals(workspace.current().portfolio, codes)
    try:
        if workspace.act(SetPortfolio(portfolio)):
            st.session_state["notice"] = bilingual("app.data.accept.done", count=count)
            st.session_state.pop("data.accept.kinds", None)
    except InvalidValue as error:
        st.session_state["notice"] = error.faults[0].message


def kind_in_words(code: str, example: str = "") -> str:
    """Return the words for a kind of fault; its first message where it has no words."""
    key = f"app.data.fault.{code}"
    return t(key, language()) if key in TEXTS else example or code


def _list(found: Sequence[Fault], open_: Mapping[str, int]) -> None:
    by_kind = kinds(found)
    options = list(by_kind.index)
    left, right = st.columns([3, 2])
    chosen = left.selectbox(
        say("data.faults.kind"),
        options,
        index=None,
        format_func=lambda code: (
            f"{kind_in_words(code, show.told(by_kind.at[code, 'example']))}"
            f" ({show.written(int(by_kind.at[code, 'count']))})"
        ),
        key="data.faults.kind",
        placeholder=say("data.faults.all", count=len(options)),
    )
    words = right.text_input(
        say("data.faults.search"), key="data.faults.search", placeholder=say("list.search.hint")
    )
    if chosen is None and not words.strip():
        _by_kind(by_kind, open_)
        return
    kept = [fault for fault in found if chosen is None or fault.code == chosen]
    _in_full(kept, words)


def _by_kind(by_kind: pd.DataFrame, open_: Mapping[str, int]) -> None:
    show.table(
        pd.DataFrame(
            {
                say("faults.severity"): [
                    t(f"severity.{each}", language()) for each in by_kind["severity"]
                ],
                say("data.faults.what"): [
                    kind_in_words(code, show.told(example))
                    for code, example in by_kind["example"].items()
                ],
                say("data.faults.count"): by_kind["count"].astype(float),
                say("data.faults.proposals"): [float(open_.get(code, 0)) for code in by_kind.index],
            }
        ),
        formats={say("data.faults.count"): 0, say("data.faults.proposals"): 0},
        key="data.faults.kinds",
        widths={say("data.faults.what"): "large"},
    )


def _in_full(kept: Sequence[Fault], words: str) -> None:
    frame = pd.DataFrame(
        [
            {
                say("faults.severity"): t(f"severity.{fault.severity}", language()),
                say("faults.place"): fault.place,
                say("faults.value"): fault.value,
                say("faults.message"): show.told(fault.message),
                say("faults.cure"): show.told(fault.cure),
                say("data.faults.proposal"): _proposal(fault.proposal),
            }
            for fault in kept
        ]
    )
    shown = show.rows(frame, words, frame.columns) if len(frame) else frame
    if shown.empty:
        st.info(say("data.faults.no_match"))
        return
    show.table(shown, key="data.faults.table")


def _proposal(written: str) -> str:
    try:
        return show.written(float(written)) if written else ""
    except ValueError:  # a proposal may also be words
        return written
