"""Check a portfolio once, before computing: all faults at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from graphlib import CycleError, TopologicalSorter

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.errors import Fault, Faults, Severity, Text, shorten
from procsim.language.i18n import TEXTS, bilingual, fault_of, placeholders
from procsim.language.vietnamese import UNIT_NAMES
from procsim.model.graph import assumed_order
from procsim.model.portfolio import TABLES, Portfolio
from procsim.model.tables import out_of_range, repeated
from procsim.reference.schema import table

Mask = npt.NDArray[np.bool_]
Checker = Callable[[Portfolio], list[Fault]]


def _at(name: str, row: object, column: str = "") -> str:
    return " › ".join(str(part) for part in (name, row, column) if part != "")


def _among(values: pd.Series | pd.Index, known: pd.Series | pd.Index | list[str]) -> Mask:
    """Return which values are among the known ones; `isin` of texts takes ten times as long."""
    found: Mask = pd.Index(known, dtype="str").drop_duplicates().get_indexer(values) >= 0
    return found


def check_empty(portfolio: Portfolio) -> list[Fault]:
    """An empty portfolio gives no figure; say so instead of showing zeros."""
    if len(portfolio):
        return []
    return [fault_of("model.empty", portfolio.source or "procedures", "")]


def check_ids(portfolio: Portfolio) -> list[Fault]:
    """Ids are unique within a table."""
    return [found for name, frame in portfolio.tables.items() for found in repeated(name, frame)]


def check_references(portfolio: Portfolio) -> list[Fault]:
    """Every reference points to a row that exists."""
    faults: list[Fault] = []
    for name in TABLES:
        frame = getattr(portfolio, name)
        for column in table(name).references:
            target = getattr(portfolio, column.target)
            values = frame[column.name]
            lost = ~_among(values, target.index) & ((values != "") | column.required)
            faults += [
                fault_of(
                    "model.dangling",
                    _at(name, row, column.name),
                    shorten(value),
                    target=column.target,
                )
                for row, value in values[lost].items()
            ]
    return faults


def check_ranges(portfolio: Portfolio) -> list[Fault]:
    """Shares lie in 0–1; amounts, counts and durations are not negative."""
    faults = [
        found for name, frame in portfolio.tables.items() for found in out_of_range(name, frame)
    ]
    rows = portfolio.requirements
    over = rows["replaced"] > rows["papers"]
    faults += [
        fault_of(
            "model.over_replaced",
            _at("requirements", row, "replaced"),
            f"{rows.at[row, 'replaced']:g} > {rows.at[row, 'papers']:g}",
        )
        for row in rows.index[over]
    ]
    return faults


def check_shares(portfolio: Portfolio) -> list[Fault]:
    """The shares of one procedure's channels, or cases, do not exceed 1 together."""
    faults: list[Fault] = []
    for name in ("channels", "cases"):
        frame: pd.DataFrame = getattr(portfolio, name)
        sums = frame.groupby("procedure")["share"].sum(min_count=1)
        faults += [
            fault_of("model.share_sum", _at(name, procedure, "share"), f"{total:g}")
            for procedure, total in sums[sums > 1 + 1e-9].items()
        ]
    return faults


def check_flow(portfolio: Portfolio) -> list[Fault]:
    """Steps never wait for each other in a circle; a circle is named."""
    edges = list(zip(portfolio.flow["before"], portfolio.flow["after"], strict=True))
    order = TopologicalSorter[str]()
    for before, after in edges:
        order.add(after, before)
    try:
        order.prepare()
    except CycleError:
        return _circles(edges)
    return []


def _circles(edges: list[tuple[str, str]]) -> list[Fault]:
    import networkx as nx  # costs a quarter of a second, so only where needed

    graph = nx.DiGraph()
    graph.add_edges_from(edges)
    faults: list[Fault] = []
    for group in nx.strongly_connected_components(graph):
        start = min(group)
        if len(group) == 1 and not graph.has_edge(start, start):
            continue
        circle = [edge[0] for edge in nx.find_cycle(graph.subgraph(group), start)]
        faults.append(
            fault_of(
                "model.cycle",
                _at("flow", start),
                " → ".join([*circle, circle[0]]),
                says="model.cycle.steps_wait_each_other_circle",
            )
        )
    return sorted(faults, key=lambda fault: fault.place)


def check_order(portfolio: Portfolio) -> list[Fault]:
    """Steps that nothing relates are taken one after the other: an assumption, told as one."""
    rows, _ = assumed_order(portfolio)
    owner = portfolio.positions("steps", "procedure")
    names = portfolio.procedures.index[np.unique(owner[rows])]
    return [
        fault_of("model.order_assumed", _at("flow", name), "", severity="note") for name in names
    ]


def check_fees(portfolio: Portfolio) -> list[Fault]:
    """One kind of fee that differs tenfold between channels is doubtful.

    The portal loses or doubles zeros; a fee that is halved online is ordinary.
    """
    fees = portfolio.fees[portfolio.fees["amount_vnd"] > 0]
    spread = fees.groupby(["procedure", "kind"])["amount_vnd"].agg(["min", "max", "nunique"])
    channels = fees.groupby(["procedure", "kind"])["channel"].nunique()
    single = fees.groupby(["procedure", "kind", "channel"])["amount_vnd"].nunique()
    several = single[single > 1].index.droplevel("channel").unique()
    # Several fees on one channel are alternatives of different cases, not a slip.
    doubtful = spread[(spread["max"] >= 10 * spread["min"]) & (channels > 1)].drop(
        several, errors="ignore"
    )
    return [
        fault_of(
            "fee.channels_differ",
            _at("fees", procedure, kind),
            f"{row['min']:,.0f} – {row['max']:,.0f} đồng".replace(",", "."),
            severity="warning",
        )
        for (procedure, kind), row in doubtful.iterrows()
    ]


def silent_channels(portfolio: Portfolio) -> Mask:
    """Return which channels state no fee while another channel of the procedure charges one.

    Such a channel is not free: nobody said so. Nor is a 0 without a word by post or at
    the counter; only the way online is ever made cheaper. Shape (channels,).
    """
    fees, sizes = portfolio.fees, (len(portfolio.procedures), len(portfolio.channels))
    owner, payer = (portfolio.positions(name, "procedure") for name in ("channels", "fees"))
    channel = portfolio.positions("fees", "channel")
    amount = fees["amount_vnd"].to_numpy(dtype=float)
    blank = np.zeros(len(fees), dtype=bool)
    rows = np.flatnonzero((channel >= 0) & ~(amount > 0))
    flags = fees["flag"].iloc[rows]
    offline = portfolio.channels["method"].iloc[channel[rows]] != "online"
    blank[rows] = (flags == "fee.missing").to_numpy()
    blank[rows] |= ((flags == "fee.zero_unexplained").to_numpy()) & offline.to_numpy()
    speaks = (channel >= 0) & ~blank
    charges = np.bincount(payer[(payer >= 0) & speaks & (amount != 0)], minlength=sizes[0]) > 0
    charges &= np.bincount(payer[(payer >= 0) & (channel < 0)], minlength=sizes[0]) == 0
    silent: Mask = (np.bincount(channel[speaks], minlength=sizes[1]) == 0) & (owner >= 0)
    silent[silent] = charges[owner[silent]]
    return silent


def check_silent_channels(portfolio: Portfolio) -> list[Fault]:
    """A channel that states no fee beside one that charges is doubtful, and not free."""
    owners = portfolio.channels["procedure"]
    return [
        fault_of(
            "fee.blank_channel",
            _at("channels", row, "fees"),
            shorten(portfolio.procedures["name"].get(owners[row], "")),
            severity="warning",
        )
        for row in portfolio.channels.index[silent_channels(portfolio)]
    ]


def check_flags(portfolio: Portfolio) -> list[Fault]:
    """Limits and fees that carry the flag of a reading, and that no reader told yet.

    Tables that were read back (a workbook, a folder of CSV, the sample) bring
    their flags along, but not the faults of the file they once came from.
    """
    told = {fault.row for fault in portfolio.faults}
    channels, fees = portfolio.channels, portfolio.fees
    faults: list[Fault] = []
    for name, frame, flag, value, written, note, proposal in (
        ("channels", channels, "limit_flag", "limit_value", "limit_text", "description",
         "limit_proposed"),
        ("fees", fees, "flag", "amount_vnd", "amount_text", "note", "proposed_vnd"),
    ):  # fmt: skip
        flagged = frame[(frame[flag] != "") & ~_among(frame.index, list(told))]
        for row in flagged.itertuples():
            code, text = getattr(row, flag), getattr(row, written)
            shown = f"{text} ({getattr(row, note)})" if getattr(row, note) else text
            faults.append(
                Fault(
                    _at(name, row.Index, value),
                    shorten(shown),
                    _sentence(
                        code,
                        shown,
                        getattr(row, note) or text,
                        getattr(row, proposal),
                        getattr(row, "limit_unit", ""),
                    ),
                    bilingual("model.compare_legal_text_enter"),
                    _severity(code, pd.isna(getattr(row, value))),
                    code,
                    "" if pd.isna(getattr(row, proposal)) else f"{getattr(row, proposal):.15g}",
                    row.Index,
                )
            )
    return faults


def _severity(code: str, missing: bool) -> Severity:
    if missing:
        return "error"
    ordinary = ("fee.zero_unexplained", "fee.not_prescribed", "fee.exemptions")
    return "note" if code in ordinary else "warning"


def _sentence(code: str, written: str, listed: str, proposal: float, unit: str) -> Text:
    """Return the sentence of a flag; what the table no longer knows is left open."""
    key = f"flag.{code}" if f"flag.{code}" in TEXTS else "flag.unknown"
    values: dict[str, object] = dict.fromkeys(placeholders(TEXTS[key].vi), "…")
    values.update(written=shorten(written), list=shorten(listed), code=code)
    values["unit_name"] = UNIT_NAMES.get(unit, Text("…", "…"))
    if not pd.isna(proposal):
        values["proposal"] = proposal
    return bilingual(key, **values)


def check_completeness(portfolio: Portfolio) -> list[Fault]:
    """Name what is lacking for a figure: a limit, a dossier, a known code."""
    faults: list[Fault] = []
    procedures = portfolio.procedures
    stated = portfolio.channels[portfolio.channels["limit_value"].notna()]["procedure"]
    counted = portfolio.requirements["procedure"]
    lacking: tuple[tuple[pd.Series, str, Severity, Text, Text], ...] = (
        (
            ~_among(procedures.index, stated),
            "model.no_limit",
            "error",
            bilingual("model.no_channel_states_limit"),
            bilingual("model.enter_limit_unit"),
        ),
        (
            ~_among(procedures.index, counted),
            "model.no_dossier",
            "error",
            bilingual("model.no_requirement_papers_cannot"),
            bilingual("model.add_requirements"),
        ),
        (
            procedures["code"].duplicated(keep=False) & (procedures["code"] != ""),
            "model.code_shared",
            "note",
            bilingual("model.several_rows_carry_code"),
            bilingual("model.remove_row_if_entered"),
        ),
    )
    active = procedures["status"] == "active"
    for where, code, severity, message, cure in lacking:
        faults += [
            Fault(_at("procedures", row), shorten(name), message, cure, severity, code)
            for row, name in procedures["name"][where & active].items()
        ]
    return faults


CHECKS: tuple[Checker, ...] = (
    check_empty,
    check_ids,
    check_references,
    check_ranges,
    check_shares,
    check_flow,
    check_order,
    check_fees,
    check_silent_channels,
    check_flags,
    check_completeness,
)


def check(portfolio: Portfolio) -> Faults:
    """Return every fault of a portfolio: the reader's, then the model's.

    Parameters
    ----------
    portfolio
        As read; checking changes nothing.

    Returns
    -------
    Faults
        A list of `procsim.Fault`, ``.to_frame()`` its table. ``error`` blocks at least
        one figure of the place named, ``warning`` leaves it doubtful, ``note`` informs.

    Examples
    --------
    >>> import procsim as ps
    >>> faults = check(ps.load_sample())
    >>> sorted({fault.severity for fault in faults})
    ['error', 'note', 'warning']
    """
    flags = portfolio.channels["limit_flag"].to_dict() | portfolio.fees["flag"].to_dict()
    standing = [fault for fault in portfolio.faults if not fault.row or flags.get(fault.row)]
    return Faults([*standing, *(fault for checker in CHECKS for fault in checker(portfolio))])


# Take over the values that procsim proposes, once an officer says so.


def accept_proposals(portfolio: Portfolio, flags: Collection[str] | None = None) -> Portfolio:
    """Return the portfolio with proposed fees and limits in the place of flagged ones.

    Parameters
    ----------
    portfolio
        With `fees.proposed_vnd` and `channels.limit_proposed` as the reader left them.
    flags
        Reason codes to accept, such as ``{"fee.thousandth"}``; all of them when
        not given. A proposed limit without a unit is never taken over.

    Returns
    -------
    Portfolio
        Accepted values carry the mark ``nhập``: an officer answers for them.

    Examples
    --------
    >>> import procsim as ps
    >>> portfolio = ps.load_sample()
    >>> proposed = portfolio.fees["proposed_vnd"].notna()
    >>> bool(proposed.any())
    True
    >>> fees = accept_proposals(portfolio).fees.loc[proposed]
    >>> (fees["amount_vnd"] == portfolio.fees.loc[proposed, "proposed_vnd"]).all().item()
    True
    """
    fees, channels = portfolio.fees, portfolio.channels
    take = fees["proposed_vnd"].notna() & (fees["flag"] != "")
    limits = (
        channels["limit_proposed"].notna()
        & (channels["limit_flag"] != "")
        & (channels["limit_unit"] != "")
    )
    if flags is not None:
        take &= fees["flag"].isin(list(flags))
        limits &= channels["limit_flag"].isin(list(flags))
    return portfolio.replace(
        fees=fees.assign(
            amount_vnd=np.where(take, fees["proposed_vnd"], fees["amount_vnd"]),
            mark=fees["mark"].mask(take, "nhập"),
            flag=fees["flag"].mask(take, ""),
        ),
        channels=channels.assign(
            limit_value=np.where(limits, channels["limit_proposed"], channels["limit_value"]),
            limit_mark=channels["limit_mark"].mask(limits, "nhập"),
            limit_flag=channels["limit_flag"].mask(limits, ""),
        ),
    )
