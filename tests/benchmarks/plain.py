"""The measures once more, as a plain loop over procedures with networkx.

Written from the rules, not from the fast code: it is the second opinion of the
tests and the yardstick of the benchmark.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise, product
from typing import Any

import networkx as nx

from procsim.model.portfolio import Portfolio

__all__ = [
    "base_of",
    "cost_plain",
    "levels_plain",
    "longest_path",
    "measure_plain",
    "records",
    "share_of",
]

Record = dict[str, Any]
NAN = math.nan
FACTORS = ("working_day", "day", "hour", "month", "year")


def records(portfolio: Portfolio) -> list[Record]:
    """Return every procedure as plain dicts and lists (not part of the timed work)."""
    found: dict[str, Record] = {
        key: {"id": key, **row} for key, row in portfolio.procedures.to_dict("index").items()
    }
    for name in ("cases", "channels", "fees", "requirements", "steps", "flow", "conditions"):
        for record in found.values():
            record[name] = []
        for key, row in getattr(portfolio, name).to_dict("index").items():
            found[row["procedure"]][name].append({"id": key, **row})
    return list(found.values())


def base_of(record: Record) -> list[Record]:
    """Return the dossier rows of the base case that are no notes."""
    head: dict[str, str | None] = {}
    kinds = {case["id"]: case["kind"] for case in record["cases"]}
    latest = None
    for case in sorted(record["cases"], key=lambda case: case["position"]):
        if case["kind"] == "case":
            latest = case["id"]
        head[case["id"]] = latest
    rows = [
        row
        for row in record["requirements"]
        if row["kind"] != "note" and kinds.get(row["case"]) != "note"
    ]
    filled = {head.get(row["case"]) for row in rows}
    base = next(
        (
            case["id"]
            for case in sorted(record["cases"], key=lambda case: case["position"])
            if case["kind"] == "case" and case["id"] in filled
        ),
        None,
    )
    return [row for row in rows if head.get(row["case"]) in (None, base)]


def _weights(record: Record, p: Any) -> dict[str, float]:
    ways = record["channels"]
    if len(ways) == 1:
        return {ways[0]["id"]: 1.0}
    method = {
        way["id"]: way["method"] if way["method"] in ("post", "online") else "counter"
        for way in ways
    }
    stated = {way["id"]: way["share"] for way in ways if not math.isnan(way["share"])}
    free = [way["id"] for way in ways if way["id"] not in stated]
    alike: dict[str, int] = defaultdict(int)
    for key in free:
        alike[method[key]] += 1
    offer = {key: p[f"share_{method[key]}"] / alike[method[key]] for key in free}
    rest = max(0.0, 1.0 - sum(stated.values()))
    raw = dict(stated)
    for key in free:
        raw[key] = offer[key] / sum(offer.values()) * rest if sum(offer.values()) else NAN
    whole = sum(raw.values())
    return {key: value / whole if whole else NAN for key, value in raw.items()}


def levels_plain(before: list[int], after: list[int], size: int) -> list[int]:
    """Return the level of each step by Kahn's way, on row numbers."""
    waiting = [0] * size
    followers: list[list[int]] = [[] for _ in range(size)]
    for one, other in zip(before, after, strict=True):
        waiting[other] += 1
        followers[one].append(other)
    level = [0] * size
    ready = [step for step in range(size) if not waiting[step]]
    for step in ready:  # grows while it is read
        for other in followers[step]:
            level[other] = max(level[other], level[step] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return level


def _waits(record: Record) -> list[tuple[str, str]]:
    """Return which step waits for which: as stated, else one after another by number."""
    if record["flow"]:
        return [(edge["before"], edge["after"]) for edge in record["flow"]]
    numbered = any(step["position"] for step in record["steps"])
    turns: dict[int, list[str]] = {}
    for place, step in enumerate(record["steps"]):
        turns.setdefault(step["position"] if numbered else place, []).append(step["id"])
    groups = [turns[turn] for turn in sorted(turns)]
    return [pair for one, other in pairwise(groups) for pair in product(one, other)]


def longest_path(record: Record) -> float:
    """Return the working days of the longest way through the steps."""
    graph = nx.DiGraph()
    days = {step["id"]: step["days"] for step in record["steps"]}
    if all(math.isnan(value) for value in days.values()):
        return NAN
    for step, value in days.items():
        graph.add_edge("start", step, weight=0.0 if math.isnan(value) else value)
    for before, after in _waits(record):
        value = days[after]
        graph.add_edge(before, after, weight=0.0 if math.isnan(value) else value)
    return float(nx.dag_longest_path_length(graph))


def _limit(record: Record, p: Any) -> float:
    month = p["working_days_per_month"]
    values = (1.0, p["working_days_per_calendar_day"], 1 / p["working_hours_per_day"], month)
    factors = dict(zip(FACTORS, (*values, 12 * month), strict=True))
    known = [
        way["limit_value"] * factors[way["limit_unit"]]
        for way in record["channels"]
        if not math.isnan(way["limit_value"]) and way["limit_unit"] in factors
    ]
    return max(known) if known else NAN


def _paper(row: Record, p: Any) -> tuple[float, float]:
    """Return hours and purchase of one dossier row."""
    if row["kind"] == "form":
        hours, price = p["hours_form"], 0.0
    elif row["certified"]:
        hours = p["hours_document_certified"]
        price = max(row["copies"], 1) * p["price_certified_vnd"]
    elif row["copies"] > 0 and row["originals"] <= 0:
        hours, price = p["hours_document_copy"], row["copies"] * p["price_copy_vnd"]
    else:
        hours, price = p["hours_document_original"], row["copies"] * p["price_copy_vnd"]
    stated = (row["hours"], row["purchase_vnd"])
    return tuple(d if math.isnan(s) else s for s, d in zip(stated, (hours, price), strict=True))


def share_of(value: float, default: float) -> float:
    return default if math.isnan(value) else value


def _fallback(record: Record, p: Any) -> float:
    """Return the hours of handing in one paper after all, by the shares of the channels."""
    if not record["channels"]:
        return NAN
    weights = _weights(record, p)
    trips = 0.0
    for way in record["channels"]:
        online = way["method"] == "online"
        hours = p["hours_fallback_online" if online else "hours_fallback"]
        trips += weights[way["id"]] * hours if weights[way["id"]] else 0.0
    return trips


def _papers(record: Record, p: Any) -> dict[str, float]:
    found = defaultdict(float)
    hourly = p.hourly_income_vnd
    trips = _fallback(record, p)
    for row in base_of(record):
        if row["status"] == "dropped":
            continue
        papers = share_of(row["papers"], 1.0)
        replaced = share_of(row["replaced"], 0.0)
        needed = share_of(
            row["share_needed"], p["share_conditional"] if row["conditional"] else 1.0
        )
        held = share_of(row["share_held"], p["share_held"])
        coverage = share_of(row["coverage"], p["coverage_default"])
        hours, price = _paper(row, p)
        paper = needed * (1 - held) * (hours * hourly + price)
        part = replaced / papers if papers else 0.0
        found["documents"] += papers - replaced
        found["documents_expected"] += needed * (papers - replaced * coverage)
        found["forms"] += papers - replaced if row["kind"] == "form" else 0
        found["work"] += paper * (1 - part)
        if part:
            trip = needed * trips * hourly if needed else 0.0
            found["extra"] += part * (1 - coverage) * (paper + trip)
    return found


def _paying(record: Record, weights: dict[str | None, float]) -> dict[str | None, float]:
    """Return the shares in which fees count: a channel without any fee is not free."""
    stated = {fee["channel"] for fee in record["fees"]}
    if "" in stated or not any(fee["amount_vnd"] != 0 for fee in record["fees"]):
        return weights
    known = sum(weight for way, weight in weights.items() if way in stated)
    if not known:
        return weights
    return {way: weight / known if way in stated else 0.0 for way, weight in weights.items()}


def _ways(record: Record, p: Any) -> tuple[float, float]:
    """Return the work of submitting, paying and collecting, and the fees."""
    hourly = p.hourly_income_vnd
    work = fees = 0.0
    ways = record["channels"] or [{"id": None, "method": "counter"}]
    weights = _weights(record, p) if record["channels"] else {None: 1.0}
    paying = _paying(record, weights)
    for way in ways:
        weight = weights[way["id"]]
        method = way["method"] if way["method"] in ("post", "online") else "counter"
        post = p["price_post_vnd"] if method == "post" else 0.0
        unit = (p[f"hours_submit_{method}"] + p[f"hours_collect_{method}"]) * hourly + 2 * post
        kinds = defaultdict(list)
        for fee in record["fees"]:
            if fee["channel"] in ("", way["id"]):
                kinds[fee["kind"]].append(fee["amount_vnd"])
        paid = 0.0
        pays = False
        for amounts in kinds.values():
            known = sorted(a for a in amounts if not math.isnan(a))
            paid += known[(len(known) - 1) // 2] if known else NAN
            pays |= bool(known) and known[(len(known) - 1) // 2] > 0
        share = paying[way["id"]]
        work += weight * unit if weight else 0.0
        work += share * p["hours_pay_fee"] * hourly if pays else 0.0
        fees += share * paid if share else 0.0
    return (work if record["channels"] else NAN), fees


def cost_plain(record: Record, p: Any) -> float:
    """Return the compliance cost of one active procedure, đồng for a dossier."""
    if record["status"] != "active":
        return 0.0
    work, fees = _ways(record, p)
    return _papers(record, p)["work"] + work + fees if record["requirements"] else NAN


def measure_plain(record: Record, p: Any) -> dict[str, float]:
    """Return the measures of one procedure."""
    names = ("statutory_days", "step_days", "documents", "documents_expected", "forms")
    names += ("conditions", "work_vnd", "fees_vnd", "cost_vnd", "cost_expected_vnd")
    if record["status"] != "active":
        return {**dict.fromkeys(names, 0.0), "cost_year_vnd": 0.0}
    papers = _papers(record, p)
    known = bool(record["requirements"])
    ways, fees = _ways(record, p)
    work = papers["work"] + ways if known else NAN
    cost = work + fees
    parts = ("conditions", "channels", "cases", "requirements", "steps")
    kept = sum(c["status"] == "kept" for c in record["conditions"])
    return {
        "statutory_days": _limit(record, p),
        "step_days": longest_path(record),
        "documents": papers["documents"] if known else NAN,
        "documents_expected": papers["documents_expected"] if known else NAN,
        "forms": papers["forms"] if known else NAN,
        "conditions": kept if any(record[name] for name in parts) else NAN,
        "work_vnd": work,
        "fees_vnd": fees,
        "cost_vnd": cost,
        "cost_expected_vnd": cost + papers["extra"],
        "cost_year_vnd": cost * record["times_per_year"] * record["subjects_per_year"],
    }
