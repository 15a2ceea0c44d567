"""The links of the network that count, with the share of applicants behind each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from procsim.measures.arrays import Bools, Floats, Rows
from procsim.measures.base import Dossier, Figures, active_procedures, dossier
from procsim.model.portfolio import Portfolio

__all__ = ["Used", "replaced_share", "used_links"]


def replaced_share(portfolio: Portfolio, rows: Dossier, at: Rows, kinds: list[str]) -> Floats:
    """Return how much of each paper is listed as replaced by data (0–1).

    Where a row asks for several papers and says which of them data replace
    (``replaced_types``), each paper has its own answer; otherwise the row's share
    counts for all of them.

    Parameters
    ----------
    at
        Row numbers of requirements.
    kinds
        The document type meant, one for each row number.
    """
    share = rows.fraction[at].copy()
    table = portfolio.requirements
    every = np.asarray(table["relation"] == "all")[at]
    for place in np.flatnonzero(every & (share > 0)):
        named = set(filter(None, table["replaced_types"].iloc[at[place]].split(";")))
        if named:
            share[place] = float(kinds[place] in named)
    return share


@dataclass(frozen=True)
class Used:
    """The links that make the network, as arrays of shape (used links,).

    Attributes
    ----------
    link
        Position in the frame of links.
    owner, issuer, row
        Row numbers of who asks, who issues, and of the requirement.
    share
        Share of applicants (0–1) who must fetch the paper.
    must
        Whether the worst case fetches it.
    alternative
        Whether the row's papers are alternatives.
    assumed
        Whether a share that goes in is an assumption.
    """

    link: Rows
    owner: Rows
    issuer: Rows
    row: Rows
    share: Floats
    must: Bools
    alternative: Bools
    assumed: Bools

    def take(self, chosen: Rows | Bools) -> Used:
        """Return some of the links, in the order given."""
        return Used(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def used_links(
    portfolio: Portfolio, known: pd.DataFrame, parameters: Figures | None = None
) -> Used:
    """Return the links that count, with the shares of the portfolio as it stands now.

    A link counts when it is ``counted``, its row is asked for in the base case, both
    procedures are active, and somebody still has to fetch the paper.
    """
    rows = dossier(portfolio, parameters)
    row = portfolio.requirements.index.get_indexer(known["requirement"])
    issuer = portfolio.procedures.index.get_indexer(known["issuer"])
    owner = np.where(row >= 0, rows.owner[row], -1) if len(rows.owner) else row
    active = np.append(active_procedures(portfolio), False)  # a −1 reads the last
    standing = known["counted"].to_numpy(dtype=bool) & (row >= 0) & active[owner] & active[issuer]
    standing[standing] = (rows.base & rows.asked)[row[standing]]
    link = np.flatnonzero(standing & (owner != issuer))
    row, issuer, owner = row[link], issuer[link], owner[link]
    kinds = known["document_type"].to_numpy(dtype=object)[link].tolist()
    replaced = replaced_share(portfolio, rows, row, kinds)
    needed, held = rows.needed[row], rows.held[row]
    relation = portfolio.requirements["relation"].to_numpy(dtype=object)[row]
    made = Used(
        link=link,
        owner=owner,
        issuer=issuer,
        row=row,
        share=np.nan_to_num(needed * (1.0 - held) * (1.0 - replaced * rows.coverage[row])),
        must=(needed > 0) & (held < 1) & (replaced < 1),
        alternative=(relation == "any") | (relation == "mixed"),
        assumed=rows.needed_assumed[row]
        | np.isnan(portfolio.requirements["share_held"].to_numpy(dtype=float)[row])
        | rows.held_assumed[row],
    )
    return made.take(made.must | (made.share > 0))
