"""A portfolio of any size with realistic channels, fees, dossiers and steps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.model.portfolio import Portfolio

__all__ = ["ROWS", "STEPS", "cross_links", "synthetic"]

STEPS = 12
ROWS = 8
_NAMES = ["Công an", "Tài chính", "Tư pháp", "Y tế", "Xây dựng", "Nội vụ"]
_MINISTRIES = [f"Bộ {name}" for name in _NAMES]
_LEVELS = ["central", "province", "commune", "province;commune"]


def _ids(owner: np.ndarray, letter: str, position: np.ndarray, codes: np.ndarray) -> list[str]:
    return [f"{codes[o]}/{letter}{p}" for o, p in zip(owner, position, strict=True)]


def _procedures(size: int, codes: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    volume = np.where(rng.random(size) < 0.3, np.round(rng.lognormal(6, 2, size)) + 1, np.nan)
    return pd.DataFrame(
        {
            "id": codes,
            "code": codes,
            "name": [f"Thủ tục {code}" for code in codes],
            "ministry": rng.choice(_MINISTRIES, size),
            "levels": rng.choice(_LEVELS, size),
            "audience": rng.choice(["citizen", "business", "both"], size),
            "times_per_year": np.where(np.isnan(volume), np.nan, 1.0),
            "subjects_per_year": volume,
            "status": rng.choice(["active", "abolished", "merged"], size, p=[0.98, 0.01, 0.01]),
        }
    )


def _channels(size: int, codes: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    has = rng.random((size, 3)) < [0.98, 0.8, 0.9]
    owner, method = np.nonzero(has)
    count = len(owner)
    days = rng.choice([3, 5, 7, 10, 15, 20, 30, 45, 60], size)[owner].astype(float)
    days[rng.random(count) < 0.03] += 5  # channels that differ
    days[rng.random(count) < 0.05] = np.nan
    unit = rng.choice(["working_day", "day", "hour", "month"], size, p=[0.8, 0.15, 0.04, 0.01])
    share = rng.random(size) < 0.1  # some procedures state how their dossiers come in
    stated = rng.dirichlet([2, 1, 2], size)[owner, method]
    return pd.DataFrame(
        {
            "id": _ids(owner, "k", method + 1, codes),
            "procedure": codes[owner],
            "position": method + 1,
            "method": np.array(["counter", "post", "online"])[method],
            "limit_value": days,
            "limit_unit": np.where(np.isnan(days), "", unit[owner]),
            "share": np.where(share[owner], stated, np.nan),
            "share_mark": np.where(share[owner], "nhập", ""),
        }
    )


def _fees(channels: pd.DataFrame, codes: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    rows = channels.sample(frac=0.6, random_state=rng).reset_index(drop=True)
    rows = rows.loc[rows.index.repeat(rng.integers(1, 4, len(rows)))].reset_index(drop=True)
    amount = rng.choice([0, 20_000, 50_000, 75_000, 100_000, 135_000, 500_000], len(rows))
    unread = rng.random(len(rows)) < 0.03
    return pd.DataFrame(
        {
            "id": [f"f{i}" for i in range(len(rows))],
            "procedure": rows["procedure"],
            "channel": np.where(rng.random(len(rows)) < 0.1, "", rows["id"]),
            "position": np.arange(len(rows)),
            "kind": rng.choice(["phi", "le_phi", "other", "unknown"], len(rows)),
            "amount_text": np.where(unread, "10 USD", ""),
            "amount_vnd": np.where(unread, np.nan, amount.astype(float)),
            "mark": "công bố",
        }
    )


def _requirements(
    size: int, two: np.ndarray, codes: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    owner = np.repeat(np.arange(size), ROWS)
    position = np.tile(np.arange(1, ROWS + 1), size)
    case = np.where(two[owner] & (position > ROWS // 2), 2, 1)
    count = len(owner)
    kind = np.where(position % 4 == 1, "form", "document").astype(object)
    kind[rng.random(count) < 0.1] = "note"
    papers = np.where(kind == "note", 0.0, np.where(rng.random(count) < 0.1, 2.0, 1.0))
    certified = (kind == "document") & (rng.random(count) < 0.2)
    original = rng.random(count) < 0.5
    entered = rng.random(count) < 0.05
    return pd.DataFrame(
        {
            "id": [f"{codes[o]}/c{c}/r{p}" for o, c, p in zip(owner, case, position, strict=True)],
            "procedure": codes[owner],
            "case": [f"{codes[o]}/c{c}" for o, c in zip(owner, case, strict=True)],
            "position": position,
            "name": "Giấy tờ",
            "kind": kind,
            "papers": papers,
            "originals": np.where(original & ~certified, 1, 0),
            "copies": np.where(original & ~certified, 0, 1),
            "certified": certified,
            "conditional": rng.random(count) < 0.15,
            "relation": np.where(position % 8 == 3, "any", "one"),
            "hours": np.where(entered, 0.5, np.nan),
            "hours_mark": np.where(entered, "nhập", ""),
            "status": np.where(rng.random(count) < 0.02, "dropped", "required"),
        }
    )


def _flow(size: int, codes: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    step = np.arange(1, STEPS)
    back = np.minimum(rng.integers(1, 3, (size, STEPS - 1)), step)
    first = step - back  # every step waits for one of the two before it
    extra_after = rng.integers(2, STEPS, (size, 4))
    extra_before = (rng.random((size, 4)) * (extra_after - 1)).astype(int)
    before = np.concatenate([first, extra_before], axis=1)
    after = np.concatenate([np.broadcast_to(step, first.shape), extra_after], axis=1)
    owner = np.repeat(np.arange(size), before.shape[1])
    pairs = pd.DataFrame({"o": owner, "b": before.ravel() + 1, "a": after.ravel() + 1})
    pairs = pairs.drop_duplicates().to_numpy()
    names = [(codes[o], b, a) for o, b, a in pairs.tolist()]
    return pd.DataFrame(
        {
            "id": [f"{code}/s{b}-s{a}" for code, b, a in names],
            "procedure": [code for code, _, _ in names],
            "before": [f"{code}/s{b}" for code, b, _ in names],
            "after": [f"{code}/s{a}" for code, _, a in names],
        }
    )


def synthetic(procedures: int = 6000, *, rng: np.random.Generator) -> Portfolio:
    """Return a portfolio with 12 steps and 8 dossier rows for each procedure."""
    size = procedures
    codes = np.array([f"{i // 900_000 + 1}.{i % 900_000 + 100_000:06d}" for i in range(size)])
    two = rng.random(size) < 0.3
    cases = np.repeat(np.arange(size), 1 + two)
    number = np.concatenate([np.arange(1, 2 + t) for t in two]) if size else cases
    owner = np.repeat(np.arange(size), STEPS)
    step = np.tile(np.arange(1, STEPS + 1), size)
    counts = rng.poisson(3, size)
    held = np.repeat(np.arange(size), counts)
    days = np.where(rng.random(len(owner)) < 0.4, rng.integers(1, 11, len(owner)), np.nan)
    channels = _channels(size, codes, rng)
    return Portfolio.from_tables(
        {
            "procedures": _procedures(size, codes, rng),
            "cases": pd.DataFrame(
                {
                    "id": _ids(cases, "c", number, codes),
                    "procedure": codes[cases],
                    "position": number,
                }
            ),
            "channels": channels,
            "fees": _fees(channels, codes, rng),
            "requirements": _requirements(size, two, codes, rng),
            "steps": pd.DataFrame(
                {
                    "id": _ids(owner, "s", step, codes),
                    "procedure": codes[owner],
                    "position": step,
                    "days": days,
                }
            ),
            "flow": _flow(size, codes, rng),
            "conditions": pd.DataFrame(
                {
                    "id": [f"d{i}" for i in range(len(held))],
                    "procedure": codes[held],
                    "text": "Điều kiện",
                    "status": rng.choice(["kept", "cut", "simplified"], len(held)),
                }
            ),
        },
        source="synthetic",
    )


def cross_links(
    portfolio: Portfolio,
    *,
    rng: np.random.Generator,
    types: int = 60,
    issuers: int = 20,
    backward: float = 0.02,
) -> pd.DataFrame:
    """Return links between the procedures, as `procsim.network.links.links` does.

    Each of the types is issued by some procedures. A third of the documents ask for a
    type, rows of alternatives for either of two; an issuer mostly asks for types of a
    lower number than its own (all but a share `backward` of the rows), so that chains are
    deep and circles are few.
    """
    size = len(portfolio)
    types = min(types, max(size, 1))
    made_by = rng.permutation(size)[: types * issuers]
    own_type = np.full(size, types)
    own_type[made_by] = np.arange(len(made_by)) % types
    rows = portfolio.requirements
    asking = np.flatnonzero((rows["kind"] == "document") & (rng.random(len(rows)) < 1 / 3))
    asking = np.repeat(asking, 1 + (rows["relation"].to_numpy()[asking] == "any"))
    owner = portfolio.positions("requirements", "procedure")[asking]
    bound = np.where(rng.random(len(asking)) < backward, types, own_type[owner])
    kind = (rng.random(len(asking)) * bound).astype(int)
    per_type = np.maximum(np.bincount(own_type[made_by], minlength=types), 1)
    nth = (rng.random(len(asking)) * per_type[kind]).astype(int)
    issuer = made_by[np.minimum(kind + nth * types, len(made_by) - 1)]
    index = portfolio.procedures.index
    known = pd.DataFrame(
        {
            "requirement": rows.index[asking],
            "procedure": index[owner],
            "document_type": [f"type_{number}" for number in kind],
            "issuer": index[issuer],
            "confidence": 1.0,
            "review": False,
            "counted": owner != issuer,
            "own": owner == issuer,
            "base": True,
        }
    )
    return known[bound > 0].reset_index(drop=True)
