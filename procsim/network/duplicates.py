"""Papers that are asked for twice: "không yêu cầu giấy tờ trùng lặp".

Three kinds are told apart:

``same_dossier``
    two rows of one dossier ask for the same paper;
``same_chain``
    a procedure and one upstream of it ask for the same paper, so the applicant
    hands it in twice on the way to one result;
``same_agency``
    a paper is asked for by the agency that issues it: the executing agency of both
    procedures is the same or, where one of them states none, ministry and level are.

A paper counts as the same when its type is one paper everywhere
(`procsim.marking.issuers.SINGLE_PAPERS`), or when both rows get it from the same
procedure.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from procsim.language.i18n import bilingual
from procsim.language.vietnamese import fold
from procsim.marking.issuers import SINGLE_PAPERS
from procsim.measures.base import Figures, active_procedures, dossier, figures
from procsim.model.portfolio import Portfolio
from procsim.network.chains import chains, own_burden
from procsim.network.links import used_links
from procsim.reference import document_types

CLASSES = ("same_dossier", "same_chain", "same_agency")
COLUMNS = (
    "class",
    "procedure",
    "procedure_name",
    "requirement",
    "requirement_name",
    "document_type",
    "paper",
    "other",
    "other_name",
    "other_requirement",
    "basis",
    "vi",
    "en",
)
_SENTENCES = {
    "same_dossier": bilingual("network.dossier_asks_two_rows"),
    "same_chain": bilingual("network.asks_again_handed"),
    "same_agency": bilingual("network.asks_same_agency_issues"),
    "own_result": bilingual("network.asks_very_procedure_issued"),
}


def _asked(portfolio: Portfolio, known: pd.DataFrame, parameters: Figures) -> pd.DataFrame:
    """Return every paper asked for in the base case: owner and row number, and its key."""
    rows = dossier(portfolio, parameters)
    standing = rows.base & rows.asked & active_procedures(portfolio)[rows.owner]
    standing &= rows.fraction < 1
    at = np.flatnonzero(standing & (portfolio.requirements["types"] != "").to_numpy())
    types = portfolio.requirements["types"].iloc[at].str.split(";")
    frame = pd.DataFrame(
        {"owner": rows.owner[at], "row": at, "type": types.to_numpy(dtype=object)}
    ).explode("type", ignore_index=True)
    frame["requirement"] = portfolio.requirements.index[frame["row"].to_numpy(dtype=np.intp)]
    issuer = known[known["counted"]].set_index(["requirement", "document_type"])["issuer"]
    pairs = pd.MultiIndex.from_frame(frame[["requirement", "type"]])
    source = issuer.reindex(pairs).fillna("").to_numpy(dtype=object)
    single = frame["type"].isin(SINGLE_PAPERS).to_numpy()
    frame["key"] = np.where(single, frame["type"], frame["type"] + "|" + source)
    return frame[single | (source != "")].reset_index(drop=True)


def _same_dossier(asked: pd.DataFrame) -> pd.DataFrame:
    first = asked.groupby(["owner", "key"], sort=False)["requirement"].transform("first")
    again = asked.assign(other_requirement=first)
    again = again[again["requirement"] != first]
    return again.assign(other=again["owner"], basis="")


def _same_chain(asked: pd.DataFrame, above: np.ndarray, upstream: np.ndarray) -> pd.DataFrame:
    pairs = pd.DataFrame({"owner": above, "other": upstream})
    once = asked.drop_duplicates(["owner", "key"])
    below = pairs.merge(once, on="owner")
    there = once[["owner", "key", "requirement"]].rename(
        columns={"owner": "other", "requirement": "other_requirement"}
    )
    return below.merge(there, on=["other", "key"]).assign(basis="")


def _same_agency(portfolio: Portfolio, known: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    table = portfolio.procedures
    standing = known[(known["counted"] | known["own"]) & known["base"]]
    standing = standing[standing["requirement"].isin(set(asked["requirement"]))]
    owner = table.index.get_indexer(standing["procedure"])
    issuer = table.index.get_indexer(standing["issuer"])
    agency = table["agency"].map(lambda text: fold(text).strip(" .")).to_numpy(dtype=object)
    here, there = agency[owner], agency[issuer]
    levels = [frozenset(filter(None, text.split(";"))) for text in table["levels"]]
    shared = np.array([bool(levels[a] & levels[b]) for a, b in zip(owner, issuer, strict=True)])
    shared = shared.astype(bool)
    ministry = table["ministry"].to_numpy(dtype=object)
    both = (here != "") & (there != "")
    same = both & (here == there)
    same_house = ~both & shared & (ministry[owner] == ministry[issuer])
    found = pd.DataFrame(
        {
            "owner": owner,
            "other": issuer,
            "requirement": standing["requirement"].to_numpy(dtype=object),
            "type": standing["document_type"].to_numpy(dtype=object),
            "other_requirement": "",
            "basis": np.where(same, "agency", "ministry_level"),
        }
    )
    return found[(same & shared) | same_house]


def duplicates(
    portfolio: Portfolio, known: pd.DataFrame, parameters: Figures | None = None
) -> pd.DataFrame:
    """Return every paper that is asked for twice, with a sentence that says so.

    Parameters
    ----------
    known
        `procsim.network.links.links`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`: ``class`` (see the head of this module), the procedure and its
        requirement, the paper, the ``other`` procedure (the same, one upstream, or the
        issuer) and its requirement; ``basis`` of a same agency (``agency`` or
        ``ministry_level``); the sentence in ``vi`` and ``en``. Sorted by class,
        procedure and requirement. Papers that data replace are not asked for.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001"], "name": ["Nhận con nuôi"],
    ...                                 "ministry": ["Bộ Tư pháp"]}),
    ...     "requirements": pd.DataFrame({"id": ["r1", "r2"], "procedure": "1.000001", "case": "c",
    ...         "name": "Giấy khai sinh", "kind": "document", "types": "giay_khai_sinh"}),
    ... })
    >>> from procsim.network.links import links
    >>> duplicates(portfolio, links(portfolio))[["class", "requirement"]].values.tolist()
    [['same_dossier', 'r2']]
    """
    p = figures(parameters)
    asked = _asked(portfolio, known, p)
    made = chains(portfolio, used_links(portfolio, known, p), own_burden(portfolio, p).days)
    found = pd.concat(
        [
            _same_dossier(asked).assign(**{"class": "same_dossier"}),
            _same_chain(asked, made.above[made.must], made.upstream[made.must]).assign(
                **{"class": "same_chain"}
            ),
            _same_agency(portfolio, known, asked).assign(**{"class": "same_agency"}),
        ],
        ignore_index=True,
    )
    return _named(portfolio, found)


def _named(portfolio: Portfolio, found: pd.DataFrame) -> pd.DataFrame:
    table, catalogue = portfolio.procedures, document_types()

    def named(column: str) -> npt.NDArray[np.object_]:
        # A paper of no known type goes by its national code.
        words: npt.NDArray[np.object_] = found["type"].map(catalogue[column]).to_numpy(dtype=object)
        return np.where(pd.isna(words), found["type"].to_numpy(dtype=object), words)

    owner = found["owner"].to_numpy(dtype=np.intp)
    other = found["other"].to_numpy(dtype=np.intp)
    names = table["name"].to_numpy(dtype=object)
    made = pd.DataFrame(
        {
            "class": found["class"],
            "procedure": table.index[owner],
            "procedure_name": names[owner],
            "requirement": found["requirement"],
            "requirement_name": portfolio.requirements["name"]
            .reindex(found["requirement"])
            .to_numpy(dtype=object),
            "document_type": found["type"],
            "paper": named("name_vi"),
            "other": table.index[other],
            "other_name": names[other],
            "other_requirement": found["other_requirement"],
            "basis": found["basis"],
        }
    )
    english = named("name_en")
    made["vi"], made["en"] = _sentences(made.assign(paper_en=english))
    made["class"] = pd.Categorical(made["class"], CLASSES, ordered=True)
    made = made.sort_values(["class", "procedure", "requirement", "other"], kind="stable")
    return made.assign(**{"class": made["class"].astype("str")}).reset_index(drop=True)[
        list(COLUMNS)
    ]


def _sentences(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    records = frame.to_dict("records")
    texts = [
        _SENTENCES[
            "own_result"
            if record["class"] == "same_agency" and record["procedure"] == record["other"]
            else str(record["class"])
        ]
        for record in records
    ]
    return (
        [text.vi.format_map(record) for text, record in zip(texts, records, strict=True)],
        [text.en.format_map(record) for text, record in zip(texts, records, strict=True)],
    )
