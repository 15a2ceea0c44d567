"""Take over the values that procsim proposes, once an officer says so."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from procsim.model.portfolio import Portfolio

__all__ = ["accept_proposals"]


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
