"""Made-up instances of the smallest plan, of the size of the nation."""

from __future__ import annotations

import numpy as np

from procsim.least_cost.problem import METRICS, Items, Options, Problem, Target
from procsim.reference.law import price_of_rank, price_of_reform

__all__ = ["SPREAD", "default_price", "national"]

SPREAD = 0.6  # of the prices of reforms
_RANKS = ("law", "decree", "decision", "circular")
_RANK_PRICE = np.array([10.0, 4.0, 2.0, 1.0])
_RANK_SHARE = np.array([0.06, 0.3, 0.1, 0.54])
_SHARED_TEXTS = 24  # laws and decrees under which several ministries work


def default_price() -> float:
    """Return the price of a reform by the shipped parameters, in circulars."""
    return price_of_reform() / price_of_rank("thong_tu")


def _shares(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return uneven sizes that add up to one, the largest about ten times the smallest."""
    sizes = np.exp(rng.normal(0, 0.7, n))
    return sizes / sizes.sum()


def _texts(texts: int, ministries: int, share: np.ndarray, rng: np.random.Generator):
    """Return rank and owner of each text; owner −1 for those that ministries share."""
    rank = rng.choice(4, texts, p=_RANK_SHARE)
    owner = rng.choice(ministries, texts, p=share)
    owner[: 3 * ministries] = np.repeat(np.arange(ministries), 3)  # each has at least three
    shared = rng.choice(np.arange(3 * ministries, texts), min(_SHARED_TEXTS, texts // 9), False)
    owner[shared] = -1
    rank[shared] = rng.choice(3, len(shared), p=[0.3, 0.6, 0.1])
    return rank, owner


def national(
    rng: np.random.Generator,
    *,
    procedures: int = 6000,
    texts: int = 221,
    databases: int = 27,
    ministries: int = 22,
    level: float = 0.3,
    reform_price: float | None = None,
    spread: float = SPREAD,
) -> Problem:
    """Return a problem with five candidates for each procedure.

    Two papers that a database replaces, a plain copy or a drop of one of them
    (an overlap), and two ways to cut the limit (another). Targets: `level` on
    time, cost and documents in every ministry. A circular costs 1 to open, a
    reform in it about `reform_price` (`default_price` unless given): prices are spread
    (standard deviation of their logarithm), as where officers weigh each reform. One
    price for all (spread 0) is harder to prove, and so are reforms that cost nothing.
    """
    reform_price = default_price() if reform_price is None else reform_price
    share = _shares(ministries, rng)
    rank, owner = _texts(texts, ministries, share, rng)
    ministry = rng.choice(ministries, procedures, p=share)
    pools = [np.flatnonzero(owner == m) for m in range(ministries)]
    weights = [_shares(len(pool), rng) for pool in pools]
    common = np.flatnonzero(owner == -1)
    first = np.array([rng.choice(pools[m], p=weights[m]) for m in ministry])
    second = np.array([rng.choice(pools[m], p=weights[m]) for m in ministry])
    use_common = rng.random(procedures) < 0.12
    second[use_common] = rng.choice(common, int(use_common.sum()))

    volume = np.exp(rng.normal(5, 2.0, procedures))  # dossiers a year
    days = rng.integers(3, 60, procedures).astype(float)
    papers = rng.integers(3, 8, procedures)
    hours_cost = rng.uniform(0.1, 0.6, procedures)  # million đồng a dossier
    base_cost = volume * hours_cost * papers

    popularity = _shares(databases, rng)
    p = np.arange(procedures)
    limit, paper_a, paper_b = p, procedures + p, 2 * procedures + p
    unit = np.concatenate([paper_a, paper_b, paper_a, limit, limit])
    owner_of_unit = np.tile(ministry, 3)
    saving = np.zeros((5 * procedures, len(METRICS)))
    one = volume * hours_cost
    saving[:, METRICS.index("cost")] = np.concatenate(
        [
            one * rng.uniform(0.8, 1.6, procedures),
            one * rng.uniform(0.8, 1.6, procedures),
            one * rng.uniform(0.2, 0.8, procedures),
            np.zeros(2 * procedures),
        ]
    )
    dropped = rng.random(procedures) < 0.3
    saving[:, METRICS.index("documents")] = np.concatenate(
        [np.ones(2 * procedures), dropped, np.zeros(2 * procedures)]
    )
    saving[:, METRICS.index("time")] = np.concatenate(
        [
            np.zeros(3 * procedures),
            np.maximum(1.0, np.floor(days * rng.uniform(0.2, 0.45, procedures))),
            np.ceil(days * rng.uniform(0.45, 0.7, procedures)),
        ]
    )
    # Which text each candidate needs: the paper's, the copy's, the limit's; the
    # deeper cut of the limit needs the second text too.
    a_text = np.where(rng.random(procedures) < 0.7, first, second)
    b_text = np.where(rng.random(procedures) < 0.5, first, second)
    l_text = np.where(rng.random(procedures) < 0.8, first, second)
    candidate = np.arange(5 * procedures)
    needs_text = np.concatenate(
        [
            np.column_stack([candidate, np.concatenate([a_text, b_text, a_text, l_text, first])]),
            np.column_stack([candidate[4 * procedures :], second]),
        ]
    )
    needs_text = np.unique(needs_text, axis=0)
    needs_database = np.column_stack(
        [candidate[: 2 * procedures], rng.choice(databases, 2 * procedures, p=popularity)]
    )
    bases = {
        "time": np.bincount(ministry, days, ministries),
        "cost": np.bincount(ministry, base_cost, ministries),
        "documents": np.bincount(ministry, papers, ministries).astype(float),
    }
    reachable = _reachable(unit, saving, owner_of_unit, ministries)
    targets = tuple(
        Target(
            metric,
            f"B{m:02d}",
            base=float(base[m]),
            required=float(min(level * base[m], 0.97 * reachable[m, METRICS.index(metric)])),
        )
        for metric, base in bases.items()
        for m in range(ministries)
    )
    return Problem(
        texts=Items.of(
            [f"VB{t:03d}" for t in range(texts)],
            price=_RANK_PRICE[rank],
            agency=[f"B{m:02d}" if m >= 0 else "chung" for m in owner],
        ),
        databases=Items.of(
            [f"CSDL{d:02d}" for d in range(databases)], price=rng.choice([2.0, 5.0, 8.0], databases)
        ),
        candidates=Items.of(
            [f"c{c}" for c in candidate],
            price=reform_price * np.exp(rng.normal(0, spread, 5 * procedures)),
            agency=[f"B{m:02d}" for m in np.tile(ministry, 5)],
        ),
        needs_text=needs_text,
        needs_database=needs_database,
        units=tuple(f"u{u}" for u in range(3 * procedures)),
        options=Options(unit=unit, candidate=candidate, saving=saving),
        scopes={f"B{m:02d}": np.flatnonzero(owner_of_unit == m) for m in range(ministries)},
        targets=targets,
    )


def _reachable(
    unit: np.ndarray, saving: np.ndarray, owner: np.ndarray, ministries: int
) -> np.ndarray:
    """Return the most that each ministry can save in each metric, shape (ministries, 4)."""
    best = np.zeros((len(owner), saving.shape[1]))
    np.maximum.at(best, unit, saving)
    total = np.zeros((ministries, saving.shape[1]))
    np.add.at(total, owner, best)
    return total
