"""What the document network means to an officer: demand, reach, bottlenecks, depth.

Each figure comes with one line that reads it, in Vietnamese and in English.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from procsim.errors import Text
from procsim.language.i18n import bilingual
from procsim.marking.issuers import FAMILIES, SINGLE_PAPERS
from procsim.measures.base import Figures, active_procedures, dossier, figures, total
from procsim.measures.cost import dossiers_per_year
from procsim.model.portfolio import Portfolio
from procsim.network.chains import Chains, chains, own_burden
from procsim.network.duplicates import duplicates
from procsim.network.links import used_links
from procsim.reference import document_types

# Column of `papers` → name of the reading, and its words.
_LINES = {
    "procedures": ("demand", bilingual("network.asked_most_procedures")),
    "chains": ("bottleneck", bilingual("network.lies_way_most_procedures")),
    "chains_freed": ("freed", bilingual("network.no_without_procedures_would")),
    "twice": ("twice", bilingual("network.asked_twice_most_often")),
}


def _chains(portfolio: Portfolio, known: pd.DataFrame, p: Figures) -> Chains:
    return chains(portfolio, used_links(portfolio, known, p), own_burden(portfolio, p).days)


def _demand(portfolio: Portfolio, p: Figures) -> pd.DataFrame:
    """Return who asks for each document type in the base case, data not replacing it."""
    rows = dossier(portfolio, p)
    table = portfolio.requirements
    standing = rows.base & rows.asked & active_procedures(portfolio)[rows.owner]
    standing &= (rows.fraction < 1) & (table["types"] != "").to_numpy()
    at = np.flatnonzero(standing)
    frame = pd.DataFrame(
        {
            "document_type": table["types"].iloc[at].str.split(";").to_numpy(dtype=object),
            "owner": rows.owner[at],
            "row": at,
        }
    ).explode("document_type", ignore_index=True)
    once = frame.drop_duplicates(["document_type", "owner"])
    volume = dossiers_per_year(portfolio).to_numpy()[once["owner"].to_numpy(dtype=np.intp)]
    once = once.assign(dossiers=np.nan_to_num(volume), known=~np.isnan(volume))
    group = once.groupby("document_type", sort=True)
    return pd.DataFrame(
        {
            "procedures": group.size(),
            "requirements": frame.groupby("document_type")["row"].size(),
            "dossiers": group["dossiers"].sum().where(group["known"].any()),
            "dossiers_known": group["known"].sum(),
        }
    )


def _on_chains(known: pd.DataFrame, made: Chains, size: int) -> pd.DataFrame:
    """Return on how many chains each paper lies, and how many it frees by itself."""
    chosen = made.links.take(made.chosen)
    must = chosen.must
    kinds, code = np.unique(
        known["document_type"].to_numpy(dtype="str")[chosen.link[must]], return_inverse=True
    )
    owner = chosen.owner[must]
    direct = np.unique(owner * max(len(kinds), 1) + code)
    asks, kind = np.divmod(direct, max(len(kinds), 1))
    alone = np.bincount(asks, minlength=size)[asks] == 1
    # A paper lies on the chain of its owner and of everybody who needs that owner.
    order = np.argsort(made.upstream[made.must], kind="stable")
    above = made.above[made.must][order]
    starts = np.searchsorted(made.upstream[made.must][order], np.arange(size + 1))
    lengths = starts[asks + 1] - starts[asks]
    inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    users = np.concatenate([asks, above[np.repeat(starts[asks], lengths) + inside]])
    pairs = np.unique(users * max(len(kinds), 1) + np.concatenate([kind, np.repeat(kind, lengths)]))
    return pd.DataFrame(
        {
            "chains": np.bincount(pairs % max(len(kinds), 1), minlength=len(kinds)),
            "chains_freed": np.bincount(kind[alone], minlength=len(kinds)),
        },
        index=kinds,
    )


def papers(
    portfolio: Portfolio, known: pd.DataFrame, parameters: Figures | None = None
) -> pd.DataFrame:
    """Return what every document type means in the network, most demanded first.

    Parameters
    ----------
    known
        `procsim.network.links.links`.

    Returns
    -------
    pandas.DataFrame
        Index: document type. ``name_vi``, ``name_en``; ``procedures`` and
        ``requirements`` that ask for it in their base case, ``dossiers`` a year of
        those whose volume is known (``dossiers_known`` procedures; NaN where none is);
        ``chains``: procedures on whose way to the result the paper lies, at any depth;
        ``chains_freed``: those that would have nothing upstream without it; ``twice``:
        how often it is asked for twice (`procsim.network.duplicates`); ``issued``:
        whether authorities issue it (readings speak of these only).
    """
    p = figures(parameters)
    made = _demand(portfolio, p)
    lies = _on_chains(known, _chains(portfolio, known, p), len(portfolio))
    made[["chains", "chains_freed"]] = lies.reindex(made.index).fillna(0).astype(np.intp)
    twice = duplicates(portfolio, known, p)["document_type"].value_counts()
    made["twice"] = twice.reindex(made.index).fillna(0).astype(np.intp)
    made["issued"] = made.index.isin(SINGLE_PAPERS | FAMILIES)
    names = document_types()[["name_vi", "name_en"]].reindex(made.index)
    made = pd.concat([names, made], axis=1)
    return made.sort_values(["procedures", "requirements"], ascending=False, kind="stable")


def reach(
    portfolio: Portfolio, known: pd.DataFrame, parameters: Figures | None = None
) -> pd.DataFrame:
    """Return how many procedures need the result of each procedure.

    Returns
    -------
    pandas.DataFrame
        Aligned to ``portfolio.procedures``: ``direct`` (procedures that ask for its
        paper), ``all`` (at any depth, worst case), ``upstream`` and ``depth`` (what it
        needs itself).
    """
    p = figures(parameters)
    size = len(portfolio)
    made = _chains(portfolio, known, p)
    chosen = made.links.take(made.chosen)
    direct = np.unique(chosen.issuer[chosen.must] * size + chosen.owner[chosen.must])
    return pd.DataFrame(
        {
            "direct": np.bincount(direct // max(size, 1), minlength=size),
            "all": total(made.upstream[made.must], None, size).astype(np.intp),
            "upstream": total(made.above[made.must], None, size).astype(np.intp),
            "depth": made.depth,
        },
        index=portfolio.procedures.index,
    )


def readings(
    portfolio: Portfolio, known: pd.DataFrame, parameters: Figures | None = None
) -> dict[str, Text]:
    """Return one line for each structural measure, as an officer reads it.

    Keys, each only where there is something to say: ``demand``, ``reach``,
    ``bottleneck``, ``freed``, ``depth``, ``twice``.
    """
    kinds = papers(portfolio, known, parameters)
    kinds = kinds[kinds["issued"]]
    far = reach(portfolio, known, parameters)
    made: dict[str, Text] = {}

    def top(column: str) -> pd.Series | None:
        if not len(kinds) or kinds[column].max() <= 0:
            return None
        return kinds.loc[kinds[column].idxmax()]

    for column, (key, text) in _LINES.items():
        row = top(column)
        if row is not None:
            words = {"name_vi": row["name_vi"], "name_en": row["name_en"], "n": int(row[column])}
            made[key] = Text(text.vi.format_map(words), text.en.format_map(words))
    names = portfolio.procedures["name"]
    if len(far) and far["all"].max() > 0:
        best = far["all"].idxmax()
        n, direct = int(far.at[best, "all"]), int(far.at[best, "direct"])
        made["reach"] = bilingual(
            "network.result_serves_most_procedures",
            names=names[best],
            best=best,
            count=n,
            direct=direct,
        )
        deepest = far["depth"].idxmax()
        depth, upstream = int(far.at[deepest, "depth"]), int(far.at[deepest, "upstream"])
        made["depth"] = bilingual(
            "network.longest_chain_procedures_after",
            names=names[deepest],
            deepest=deepest,
            depth=depth,
            upstream=upstream,
        )
    return made
