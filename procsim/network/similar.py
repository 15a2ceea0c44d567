"""Procedures that look alike: candidates to merge, with what they share and what differs.

Two procedures of one ministry are compared by four parts, each between 0 and 1:

- *subject* (weight 0.5): the words of the names, without what is done (cấp, cấp lại, gia
  hạn …) and without the level that does it; rare words weigh more (tf-idf, cosine);
- *papers* (0.3): document types and words of the dossier rows, likewise;
- *conditions* (0.1): words of the conditions, likewise;
- *people* (0.1): 1 for the same audience, ½ where one of them is ``both``, else 0.

A part that one of the two does not state is left out, and the others weigh more. A
procedure that ends a paper (trả lại, thu hồi …) is not like one that gives it. In a
cluster **every** two members are at least `LEAST_SIMILAR` alike, and `LEAST_SUBJECT` by
subject (complete linkage). Who decides to merge is an officer: nothing here changes a
figure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
import pandas as pd

from procsim.errors import NOTHING, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.language.i18n import bilingual
from procsim.marking.issuers import act_of
from procsim.marking.spelling import spell
from procsim.measures.base import (
    Bools,
    Figures,
    Floats,
    Rows,
    active_procedures,
    base_rows,
    figures,
)
from procsim.measures.cost import cost_table
from procsim.measures.table import document_table
from procsim.measures.time import statutory
from procsim.model.portfolio import Portfolio
from procsim.reference import document_types

LEAST_SIMILAR = 0.7
"""Every two members of a cluster are at least so much alike."""
LEAST_SUBJECT = 0.6
"""And at least so much by the words of their names."""

KINDS: dict[str, Text] = {
    "levels": bilingual("network.same_matter_several_levels"),
    "acts": bilingual("network.issue_reissue_renew_paper"),
    "alike": bilingual("network.matters_much_alike"),
}
"""Why the members of a cluster look alike."""

_WEIGHTS = {"subject": 0.5, "papers": 0.3, "conditions": 0.1, "people": 0.1}
_LEVEL = re.compile(
    r"\(?(?:được )?(?:thực hiện )?(?:tại|ở|do)? ?(?:ubnd |ủy ban nhân dân |công an )?"
    r"cấp (?:tỉnh|trung ương|tw|xã|huyện|bộ)(?: thực hiện)?\)?|\btại trung ương\b|\bở trung ương\b"
)
_ACT_WORDS = (
    "cấp lại|cấp đổi|cấp mới|cấp|đổi|gia hạn|điều chỉnh|sửa đổi|bổ sung|thay đổi|thu hồi|"
    "đăng ký lại|đăng ký|xóa đăng ký|chấm dứt|hủy|trả lại|khôi phục|cập nhật|đính chính|"
    "thông báo|khai báo|đề nghị|thẩm định|phê duyệt|xác nhận|công nhận lại|công nhận|"
    "chấp thuận|tạm ngừng|tạm dừng|chuyển đổi|tách|hợp nhất|xóa|kéo dài|giải quyết"
)
_PREFIX = re.compile(r"^\W*(?:(?:thủ tục|việc|trình tự)(?: hành chính)?(?: về)?\W+)?")
_OPENING = re.compile(
    rf"((?:(?:{_ACT_WORDS})(?!\w)(?:\s*[,/;]\s*|\s+(?:và|hoặc)\s+|\s+)?(?:lần đầu|nội dung)?\s*)+)"
)
_ACT = re.compile(rf"(?:{_ACT_WORDS})(?!\w)")
_WORD = r"(?u)\b[^\W\d_]{2,}\b"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Procedures that look alike.

    Attributes
    ----------
    members
        Ids, in the order of the portfolio.
    kind
        One of `KINDS`.
    similarity
        Of the two members that are least alike (0–1).
    subject
        The words that all names share.
    shared
        Document types that the base case of every member asks for.
    differs
        In what members differ, a value for each member: ``acts``, ``levels``,
        ``audience``, ``limit_days`` (statutory working days), ``fees_vnd``, ``documents``
        (official count), ``conditions``, ``other_types`` (types that not every member
        asks for, joined by ``;``). A figure that is not known is NaN.
    sentence
        The cluster in words.
    """

    members: tuple[str, ...]
    kind: str
    similarity: float
    subject: str
    shared: tuple[str, ...]
    differs: Mapping[str, tuple[Any, ...]]
    sentence: Text

    @property
    def differences(self) -> pd.DataFrame:
        """Return `differs` as a table, a row for each member."""
        return pd.DataFrame(dict(self.differs), index=pd.Index(self.members, name="procedure"))

    def as_dict(self, language: str = "") -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "procedures": list(self.members),
            "kind": self.kind,
            "similarity": round(self.similarity, 3),
            "subject": self.subject,
            "shared": list(self.shared),
            "differences": {name: list(values) for name, values in self.differs.items()},
            "sentence": self.sentence.in_language(language),
        }


def _split(name: str) -> tuple[str, str]:
    """Return what a procedure does and what about: ``("cấp lại", "thẻ căn cước")``."""
    text = _PREFIX.sub("", _LEVEL.sub(" ", spell(name).text))
    found = _OPENING.match(text)
    if found is None or not text[found.end() :].strip(" .,"):
        return "", text.strip(" .,")
    acts = dict.fromkeys(_ACT.findall(found.group(1)))
    return ", ".join(acts), text[found.end() :].strip(" .,")


def _joined(
    portfolio: Portfolio, table: str, text_of: Callable[[int], str], keep: Bools
) -> list[str]:
    """Return the texts of a table's kept rows, joined for each procedure."""
    owner = portfolio.positions(table, "procedure")
    made: list[list[str]] = [[] for _ in range(len(portfolio))]
    for at in np.flatnonzero(keep & (owner >= 0)).tolist():
        made[owner[at]].append(text_of(at))
    return [" ".join(parts) for parts in made]


def _vectors(texts: list[str], longest: int = 1) -> Any:
    """Return tf-idf rows of length 1 (0 where a text says nothing), shape (texts, words).

    Parameters
    ----------
    longest
        Words that are taken together, up to so many.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    made = TfidfVectorizer(
        token_pattern=_WORD, ngram_range=(1, longest), sublinear_tf=True, dtype=np.float32
    )
    if not any(re.search(_WORD, text) for text in texts):
        return None
    return made.fit_transform(texts)


@dataclass(frozen=True)
class _Parts:
    """What is compared: tf-idf of subjects, papers and conditions; audiences."""

    subject: Any
    papers: Any
    conditions: Any
    audience: Any

    def of(self, a: Rows, b: Rows) -> Floats:
        """Return how much alike the procedures of each pair are, shape (pairs,)."""
        total, weight = np.zeros(len(a)), np.zeros(len(a))
        for name in ("subject", "papers", "conditions"):
            vectors = getattr(self, name)
            if vectors is None:
                continue
            there = np.diff(vectors.indptr) > 0
            both = there[a] & there[b]
            cosine = np.asarray(vectors[a].multiply(vectors[b]).sum(axis=1)).ravel()
            total += _WEIGHTS[name] * np.where(both, cosine, 0.0)
            weight += _WEIGHTS[name] * both
        known = (self.audience[a] != "") & (self.audience[b] != "")
        same = self.audience[a] == self.audience[b]
        half = (self.audience[a] == "both") | (self.audience[b] == "both")
        people = np.where(same, 1.0, np.where(half, 0.5, 0.0))
        total += _WEIGHTS["people"] * np.where(known, people, 0.0)
        weight += _WEIGHTS["people"] * known
        return np.divide(total, weight, out=np.zeros(len(a)), where=weight > 0)


def _pairs(subject: Any, ministry: Any, standing: Bools, least: float) -> tuple[Rows, Rows]:
    """Return the pairs of one ministry whose subjects are at least so much alike."""
    firsts, seconds = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for name in dict.fromkeys(ministry[standing]):
        here = np.flatnonzero(standing & (ministry == name))
        mine = subject[here]
        close = (mine @ mine.T).tocoo()
        keep = (close.data >= least) & (close.row < close.col)
        firsts.append(here[close.row[keep]])
        seconds.append(here[close.col[keep]])
    return np.concatenate(firsts), np.concatenate(seconds)


def _clusters(
    size: int, a: Rows, b: Rows, similarity: Floats, least: float
) -> list[tuple[Rows, float]]:
    """Return clusters in which every two members are alike, with their lowest similarity."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from sklearn.cluster import AgglomerativeClustering

    keep = similarity >= least
    a, b, similarity = a[keep], b[keep], similarity[keep]
    if not len(a):
        return []
    graph = coo_array((similarity, (a, b)), shape=(size, size)).tocsr()
    _, component = connected_components(graph, directed=False)
    made = []
    for number in np.unique(component[a]):
        nodes = np.flatnonzero(component == number)
        alike = graph[nodes][:, nodes].toarray()
        distance = 1.0 - np.maximum(alike, alike.T)
        np.fill_diagonal(distance, 0.0)
        label = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="complete",
            distance_threshold=1.0 - least + 1e-9,
        ).fit_predict(distance)  # fmt: skip
        for part in np.unique(label):
            inside = np.flatnonzero(label == part)
            if len(inside) > 1:
                farthest = distance[np.ix_(inside, inside)].max()
                made.append((nodes[inside], float(1.0 - farthest)))
    return made


def similar_procedures(
    portfolio: Portfolio,
    *,
    least: float = LEAST_SIMILAR,
    least_subject: float = LEAST_SUBJECT,
    parameters: Figures | None = None,
) -> list[Cluster]:
    """Return clusters of procedures that look alike, the clearest candidates first.

    Parameters
    ----------
    portfolio
        A marked portfolio; abolished and merged procedures are left out.
    least, least_subject
        How much every two members must be alike, in all and by subject (0–1).

    Returns
    -------
    list of Cluster
        First the same matter at several levels or by several acts, then what is merely
        alike; larger clusters first, then those more alike. A procedure is in one
        cluster at most.

    Examples
    --------
    >>> portfolio = Portfolio.from_tables({
    ...     "procedures": pd.DataFrame({"id": ["1.000001", "1.000002", "1.000003"],
    ...         "name": ["Cấp thẻ căn cước", "Cấp lại thẻ căn cước", "Đăng ký khai sinh"],
    ...         "ministry": "Bộ Công an"}),
    ... })
    >>> [(cluster.members, cluster.kind) for cluster in similar_procedures(portfolio)]
    [(('1.000001', '1.000002'), 'acts')]
    """
    names = [_split(name) for name in portfolio.procedures["name"]]
    subject = _vectors([text for _, text in names], longest=2)
    if subject is None:
        return []
    table = portfolio.procedures
    ends = np.array([act_of(name) == "end" for name in table["name"]], dtype=bool)
    ministry = table["ministry"].to_numpy(dtype=object)
    a, b = _pairs(subject, ministry, active_procedures(portfolio), least_subject)
    a, b = a[ends[a] == ends[b]], b[ends[a] == ends[b]]
    alike = _parts(portfolio, subject, np.union1d(a, b)).of(a, b)
    found = _clusters(len(table), a, b, alike, least)
    facts = _facts(portfolio, [act for act, _ in names], figures(parameters))
    made = [_cluster(facts, at.tolist(), share, names) for at, share in found]
    order = list(KINDS)
    return sorted(
        made, key=lambda c: (order.index(c.kind) == 2, -len(c.members), -c.similarity, c.members)
    )


def _parts(portfolio: Portfolio, subject: Any, among: Rows) -> _Parts:
    """Return what is compared; dossiers and conditions are read of some procedures only."""
    wanted = np.zeros(len(portfolio) + 1, dtype=bool)  # the last: rows of no procedure
    wanted[among] = True
    rows, conditions = portfolio.requirements, portfolio.conditions
    names, types = rows["name"].tolist(), rows["types"].tolist()
    texts = conditions["text"].tolist()
    papers = _joined(
        portfolio,
        "requirements",
        lambda at: f"{spell(names[at]).text} {types[at].replace(';', ' ').replace('_', '')}",
        base_rows(portfolio) & wanted[portfolio.positions("requirements", "procedure")],
    )
    terms = _joined(
        portfolio,
        "conditions",
        lambda at: spell(texts[at]).text,
        wanted[portfolio.positions("conditions", "procedure")],
    )
    audience = portfolio.procedures["audience"].astype("str").to_numpy(dtype=object)
    return _Parts(subject, _vectors(papers), _vectors(terms), audience)


@dataclass(frozen=True)
class _Facts:
    """What a cluster says of its members: values for each procedure, and names of types."""

    ids: list[str]
    names: list[str]
    types: list[tuple[str, ...]]
    columns: dict[str, list[Any]]
    catalogue: dict[str, Text]


def _facts(portfolio: Portfolio, acts: list[str], p: Figures) -> _Facts:
    table = portfolio.procedures
    standing = portfolio.conditions["status"] != "cut"
    owner = portfolio.positions("conditions", "procedure")
    own = owner[np.asarray(standing) & (owner >= 0)]
    counted = base_rows(portfolio) & np.asarray(portfolio.requirements["status"] == "required")
    kinds = portfolio.requirements["types"].str.replace(";", " ").tolist()
    types = _joined(portfolio, "requirements", kinds.__getitem__, counted)
    known = document_types()
    texts = map(Text, known["name_vi"], known["name_en"])
    return _Facts(
        ids=table.index.tolist(),
        names=table["name"].tolist(),
        types=[tuple(dict.fromkeys(text.split())) for text in types],
        columns={
            "acts": acts,
            "levels": table["levels"].tolist(),
            "audience": table["audience"].tolist(),
            "limit_days": statutory(portfolio, p)[0].tolist(),
            "fees_vnd": cost_table(portfolio, p)["fees_vnd"].tolist(),
            "documents": document_table(portfolio, p)["documents"].tolist(),
            "conditions": np.bincount(own, minlength=len(table)).tolist(),
        },
        catalogue=dict(zip(known.index, texts, strict=True)),
    )


def _cluster(
    facts: _Facts, at: list[int], similarity: float, names: list[tuple[str, str]]
) -> Cluster:
    """Return one cluster with what its members share and in what they differ."""
    types = [facts.types[i] for i in at]
    common = set.intersection(*map(set, types))
    shared = tuple(kind for kind in types[0] if kind in common)
    values = {name: tuple(column[i] for i in at) for name, column in facts.columns.items()}
    values["other_types"] = tuple(
        ";".join(kind for kind in mine if kind not in common) for mine in types
    )
    # NaN is told apart by its text: twice unknown is no difference.
    differs = {name: mine for name, mine in values.items() if len(set(map(str, mine))) > 1}
    subjects = [names[i][1] for i in at]
    kind = "alike"
    if len({re.sub(r"\W+", " ", text) for text in subjects}) == 1:
        kind = next((name for name in ("acts", "levels") if name in differs), "alike")
    subject = _common(subjects, facts.names[at[0]])
    sentence = cluster_sentence(facts.catalogue, len(at), similarity, subject, shared, differs)
    members = tuple(facts.ids[i] for i in at)
    return Cluster(members, kind, similarity, subject, shared, differs, sentence)


def _common(subjects: list[str], name: str) -> str:
    """Return the longest run of words that all subjects share, spelled as in `name`."""
    run = subjects[0].split()
    for subject in subjects[1:]:
        other = subject.split()
        match = SequenceMatcher(None, run, other, autojunk=False).find_longest_match()
        run = run[match.a : match.a + match.size]
    written = {word.strip(".,;:()").lower(): word.strip(".,;:()") for word in name.split()}
    text = " ".join(run).strip(" ,.;:()")
    bare = [(word.rstrip(",;"), word) for word in text.split()]
    return " ".join(written.get(key, key) + word[len(key) :] for key, word in bare)


# What a cluster of similar procedures says, in words.

_LEVEL_NAMES = {
    "central": bilingual("network.central"),
    "province": bilingual("network.province"),
    "commune": bilingual("network.commune"),
    "other": bilingual("network.other"),
}
_PEOPLE = {
    "citizen": bilingual("network.citizens"),
    "business": bilingual("network.businesses"),
    "both": bilingual("network.citizens_businesses"),
    "organisation": bilingual("network.organisations"),
    "state": bilingual("network.state_bodies"),
}


def _range(values: tuple[float, ...], digits: int, unit: Text) -> Text:
    """Return the least and the most of figures, and how many are not known."""
    known = [round(float(value), digits) for value in values if not math.isnan(value)]
    ends = sorted({min(known), max(known)} if known else ())
    vi = "–".join(map(format_number, ends))
    en = "–".join(map(format_number_en, ends))
    lacking = len(values) - len(known)
    more = bilingual("network.no_known", lacking=lacking) if lacking else NOTHING
    return Text(f"{vi} {unit.vi}".strip() + more.vi, f"{en} {unit.en}".strip() + more.en)


def _listed(values: tuple[str, ...], words: Mapping[str, Text]) -> Text:
    """Return the different values, lists of levels joined by a dash."""
    found = [
        [words.get(part, Text(part, part)) for part in value.split(";")]
        for value in dict.fromkeys(values)
        if value
    ]
    return Text(
        "; ".join("–".join(text.vi for text in parts) for parts in found),
        "; ".join("–".join(text.en for text in parts) for parts in found),
    )


_NO_WORDS: Mapping[str, Text] = {}
_LISTS = (
    ("acts", bilingual("network.act"), _NO_WORDS),
    ("levels", bilingual("network.level"), _LEVEL_NAMES),
    ("audience", bilingual("network.audience"), _PEOPLE),
)
_FIGURES = (
    ("limit_days", bilingual("network.time_limit"), 1, bilingual("network.working_days")),
    ("fees_vnd", bilingual("network.fees"), 0, bilingual("network.vnd")),
    ("documents", bilingual("network.papers"), 0, NOTHING),
    ("conditions", bilingual("network.conditions"), 0, NOTHING),
)


def _differences(
    catalogue: Mapping[str, Text], differs: Mapping[str, tuple[Any, ...]]
) -> Iterator[Text]:
    """Yield each difference in words."""
    for name, label, words in _LISTS:
        if name in differs:
            text = _listed(differs[name], words)
            yield Text(f"{label.vi} ({text.vi})", f"{label.en} ({text.en})")
    for name, label, digits, unit in _FIGURES:
        if name in differs:
            text = _range(differs[name], digits, unit)
            yield Text(f"{label.vi} {text.vi}", f"{label.en} {text.en}")
    found = [kind for cell in differs.get("other_types", ()) for kind in cell.split(";")]
    if found:
        text = _papers(catalogue, tuple(dict.fromkeys(found)), 4)
        yield bilingual("network.papers_only_some_ask", text=text)


def _papers(catalogue: Mapping[str, Text], kinds: tuple[str, ...], most: int) -> Text:
    """Return the names of the first document types, and how many more there are."""
    named = [catalogue.get(kind, Text(kind, kind)) for kind in kinds if kind]
    more = len(named) - most
    rest = bilingual("network.more", more=more) if more > 0 else NOTHING
    return Text(
        "; ".join(text.vi for text in named[:most]) + rest.vi,
        "; ".join(text.en for text in named[:most]) + rest.en,
    )


def cluster_sentence(
    catalogue: Mapping[str, Text],
    count: int,
    similarity: float,
    subject: str,
    shared: tuple[str, ...],
    differs: Mapping[str, tuple[Any, ...]],
) -> Text:
    """Return a cluster in words: what its members share and in what they differ.

    Parameters
    ----------
    catalogue
        Names of the document types.
    count, similarity, subject, shared, differs
        As in `procsim.network.similar.Cluster`.
    """
    about = bilingual("network.on", subject=subject) if subject else NOTHING
    percent = math.floor(100 * similarity + 1e-6)
    vi = f"{count} thủ tục{about.vi} giống nhau ít nhất {percent} %."
    en = f"{count} procedures{about.en} are at least {percent} % alike."
    if percent == 100:
        vi = f"{count} thủ tục{about.vi} có tên và hồ sơ như nhau."
        en = f"{count} procedures{about.en} have the same names and papers."
    if shared:
        text = _papers(catalogue, shared, 6)
        vi += f" Cùng yêu cầu: {text.vi}."
        en += f" All ask for: {text.en}."
    texts = list(_differences(catalogue, differs))
    if texts:
        vi += f" Khác nhau: {'; '.join(text.vi for text in texts)}."
        en += f" They differ in: {'; '.join(text.en for text in texts)}."
    return bilingual("network.consider_merging_them", words=Text(vi, en))
