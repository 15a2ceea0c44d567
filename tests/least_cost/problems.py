"""Small problems and the answer by trying every subset of texts and databases."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st

from procsim.least_cost import METRICS, Items, Limits, Options, Problem, Target

__all__ = ["brute_force", "problem", "problems"]


def pairs(rows: list[tuple[int, int]]) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def problem(
    texts: dict[str, float],
    databases: dict[str, float],
    candidates: dict[str, tuple[list[str], list[str]]],
    options: list[tuple[str, str, dict[str, float]]],
    targets: tuple[Target, ...],
    *,
    price: float | list[float] = 0.0,
    limits: Limits | None = None,
    scopes: dict[str, list[str]] | None = None,
    ready: dict[str, float] | None = None,
    agency: str | list[str] = "",
) -> Problem:
    """Return a problem from names: candidate → (texts, databases), (unit, candidate, savings)."""
    units = tuple(dict.fromkeys(unit for unit, _, _ in options))
    t, d, c = list(texts), list(databases), list(candidates)
    saving = np.zeros((len(options), len(METRICS)))
    for row, (_, _, saved) in enumerate(options):
        for metric, value in saved.items():
            saving[row, METRICS.index(metric)] = value
    inside = {"nation": list(units), **(scopes or {})}
    when = ready or {}
    return Problem(
        texts=Items.of(t, list(texts.values()), [when.get(x, 0.0) for x in t], agency="Bộ A"),
        databases=Items.of(d, list(databases.values()), [when.get(x, 0.0) for x in d]),
        candidates=Items.of(c, price, [when.get(x, 0.0) for x in c], agency),
        needs_text=pairs(
            [(c.index(n), t.index(x)) for n, (xs, _) in candidates.items() for x in xs]
        ),
        needs_database=pairs(
            [(c.index(n), d.index(x)) for n, (_, xs) in candidates.items() for x in xs]
        ),
        units=units,
        options=Options(
            unit=np.array([units.index(unit) for unit, _, _ in options], dtype=np.int64),
            candidate=np.array([c.index(name) for _, name, _ in options], dtype=np.int64),
            saving=saving,
        ),
        scopes={
            name: np.array([units.index(unit) for unit in rows], dtype=np.int64)
            for name, rows in inside.items()
        },
        targets=targets,
        limits=limits or Limits(),
    )


@st.composite
def problems(draw, *, overlap: bool = True, priced: bool = False, limited: bool = False) -> Problem:
    """Random problems of up to 12 candidates."""
    n_texts, n_databases = draw(st.integers(1, 4)), draw(st.integers(0, 2))
    n = draw(st.integers(1, 7 if priced else 12))
    small = st.integers(1, 5).map(float)
    texts = [f"t{i}" for i in range(n_texts)]
    databases = [f"d{i}" for i in range(n_databases)]
    names = [f"c{i}" for i in range(n)]
    needs = {
        name: (
            draw(st.lists(st.sampled_from(texts), max_size=2, unique=True)),
            draw(st.lists(st.sampled_from(databases), max_size=1)) if databases else [],
        )
        for name in names
    }
    n_units = max(1, n // 2) if overlap else n
    options = []
    for i, name in enumerate(names):
        unit = f"u{draw(st.integers(0, n_units - 1)) if overlap else i}"
        saved = {m: float(draw(st.integers(0, 4))) for m in ("time", "documents")}
        if not any(saved.values()):
            saved["time"] = 1.0
        options.append((unit, name, saved))
        if overlap and draw(st.booleans()):
            other = f"u{draw(st.integers(0, n_units - 1))}"
            if other != unit:
                options.append((other, name, {"time": float(draw(st.integers(1, 3)))}))
    units = list(dict.fromkeys(unit for unit, _, _ in options))
    half = units[: (len(units) + 1) // 2]
    targets = tuple(
        Target(metric, scope, base=20.0, required=float(draw(st.integers(0, 6))))
        for metric, scope in (("time", "nation"), ("documents", "nation"), ("time", "half"))
    )
    limits = Limits()
    if limited:
        limits = Limits(
            texts=draw(st.one_of(st.none(), st.integers(0, n_texts))),
            price=draw(st.one_of(st.none(), st.integers(2, 12).map(float))),
            forced_in=frozenset(draw(st.lists(st.sampled_from([*texts, *names]), max_size=1))),
            candidates_per_agency=draw(st.sampled_from([{}, {"Bộ A": 2}])),
        )
    return problem(
        {t: draw(small) for t in texts},
        {d: draw(small) for d in databases},
        needs,
        options,
        targets,
        price=[draw(st.sampled_from([0.1, 0.5, 1.0])) for _ in names] if priced else 0.0,
        limits=limits,
        scopes={"half": half},
        agency=[draw(st.sampled_from(["Bộ A", "Bộ B"])) for _ in names],
    )


def _reaches(p: Problem, chosen: set[int]) -> bool:
    """Return whether some choice of one option a unit meets all targets."""
    o, t = p.options, p.targets
    ways = []
    for unit in range(len(p.units)):
        rows = [r for r in range(len(o)) if o.unit[r] == unit and int(o.candidate[r]) in chosen]
        inside = [
            (METRICS.index(x.metric), unit in p.scopes[x.scope].tolist(), x.deadline) for x in t
        ]
        ways.append(
            [
                tuple(
                    float(o.saving[r, m]) if ok and p.ready[o.candidate[r]] <= last else 0.0
                    for m, ok, last in inside
                )
                for r in rows
            ]
            or [(0.0,) * len(t)]
        )
    sums = {(0.0,) * len(t)}
    for way in ways:
        sums = {tuple(a + b for a, b in zip(s, w, strict=True)) for s in sums for w in way}
    return any(all(s >= x.required - 1e-9 for s, x in zip(s_, t, strict=True)) for s_ in sums)


def brute_force(p: Problem) -> tuple[float, int]:
    """Return the least price and, for it, the fewest texts; (inf, 0) when out of reach."""
    n_texts, n_databases, n = len(p.texts), len(p.databases), len(p.candidates)
    best = (np.inf, 0)
    free = not p.candidates.price.any() and not p.limits.candidates_per_agency
    for bits in product((0, 1), repeat=n_texts + n_databases):
        items = {i for i, bit in enumerate(bits) if bit}
        can = [
            c
            for c in range(n)
            if all(t in items for a, t in p.needs_text if a == c)
            and all(n_texts + d in items for a, d in p.needs_database if a == c)
        ]
        for mask in [2 ** len(can) - 1] if free else range(2 ** len(can)):
            chosen = {c for i, c in enumerate(can) if mask >> i & 1}
            price = float(
                p.texts.price[[i for i in items if i < n_texts]].sum()
                + p.databases.price[[i - n_texts for i in items if i >= n_texts]].sum()
                + p.candidates.price[list(chosen)].sum()
            )
            texts = sum(bits[:n_texts])
            if (price, texts) >= best or not _allowed(p, items, chosen, price):
                continue
            if _reaches(p, chosen):
                best = (price, texts)
    return best


def _allowed(p: Problem, items: set[int], chosen: set[int], price: float) -> bool:
    limits, n_texts = p.limits, len(p.texts)
    ids = {(*p.texts.ids, *p.databases.ids)[i] for i in items}
    ids |= {p.candidates.ids[c] for c in chosen}
    agencies = [p.candidates.agency[c] for c in chosen]
    owners = [p.texts.agency[i] for i in items if i < n_texts]
    return (
        (limits.texts is None or sum(i < n_texts for i in items) <= limits.texts)
        and (limits.databases is None or sum(i >= n_texts for i in items) <= limits.databases)
        and (limits.price is None or price <= limits.price + 1e-9)
        and limits.forced_in <= ids
        and not limits.forced_out & ids
        and all(agencies.count(a) <= cap for a, cap in limits.candidates_per_agency.items())
        and all(owners.count(a) <= cap for a, cap in limits.texts_per_agency.items())
    )
