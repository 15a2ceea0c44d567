"""Rows that an officer should look at, the most effective first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from procsim.errors import Text, shorten
from procsim.language.i18n import bilingual, t
from procsim.marking.availability import available, case_names, is_foreign, verdict
from procsim.marking.items import Item
from procsim.marking.marker import (
    REVIEW_BELOW,
    machine_readings,
    needs_review,
    papers_counted,
    types_of,
)
from procsim.marking.matching import Match, Matcher, default_matcher
from procsim.marking.officer import entered_by_hand, items_of, row_key, standing
from procsim.marking.rows import Reading, case_kind
from procsim.model.portfolio import Portfolio
from procsim.reference.vocabulary import shipped_document_types

QUEUE_COLUMNS = (
    "requirement",
    "name",
    "kind",
    "types",
    "relation",
    "replaceable",
    "confidence",
    "rows",
    "procedures",
    "codes",
    "dossiers_per_year",
    "volume",
    "alternatives",
    "documents_at_stake",
    "effect_documents",
    "effect_vnd",
)

_CHOICES = {
    "form": bilingual("marking.form"),
    "document": bilingual("marking.document"),
    "note": bilingual("marking.note"),
    "relation:any": bilingual("marking.papers_suffices"),
    "relation:all": bilingual("marking.queue.all_papers_due"),
}


def _left(
    kind: str, items: Sequence[Item], relation: str, groups: Sequence[str], on: date | None
) -> tuple[float, float]:
    """Return the papers of a row in the official count, and those left when data replace."""
    types = list(dict.fromkeys(item.document_type for item in items if item.document_type))
    papers = papers_counted(kind, relation, len(types))
    answer = verdict(kind, items, groups, on)
    if answer == "full":
        return papers, 0.0
    if answer == "no":
        return papers, papers
    who = groups if is_foreign(groups, types) else ()
    held = sum(any(h.class_ == "listed" for h in available(t, who, on)) for t in types)
    return papers, max(1.0, papers - held)


def _choices(match: Match, reading: Reading) -> list[tuple[str, str, Sequence[Item], str]]:
    """Return what else the row could be: label, kind, papers, relation."""
    types = tuple(types_of(reading))
    made: list[tuple[str, str, Sequence[Item], str]] = []
    if reading.confidence < REVIEW_BELOW:
        if reading.kind != "note":
            made.append(("note", "note", (), "one"))
        if reading.kind == "document":
            made.append(("form", "form", (), "one"))
        else:
            read = reading.items or items_of(match.types, "any")
            made.append(("document", "document", read, reading.relation))
        made += [
            (f"type:{kind}", "document", items_of((kind,), "one"), "one")
            for kind, _ in match.alternatives
            if kind not in types
        ]
    if reading.kind == "document" and len(types) > 1:
        made += [
            (f"relation:{relation}", "document", items_of(types, relation), relation)
            for relation in ("any", "all")
            if relation != reading.relation
        ]
    return made


@dataclass(slots=True)
class _Group:
    """Equal rows that one decision would settle."""

    place: int
    verdict: str
    changes: list[tuple[str, float]]
    share: float
    rows: int
    procedures: dict[int, None]
    vnd: float
    least: float


def _group(
    match: Match, reading: Reading, place: int, groups: Sequence[str], on: date | None
) -> _Group:
    papers, left = _left(reading.kind, reading.items, reading.relation, groups, on)
    changes: list[tuple[str, float]] = []
    share = 0.0
    for label, kind, items, relation in _choices(match, reading):
        other, rest = _left(kind, items, relation, groups, on)
        changes.append((label, rest - left))
        share = max(share, abs(rest - left) / max(papers, other, 1.0))
    answer = verdict(reading.kind, reading.items, groups, on)
    return _Group(place, answer, changes, share, 0, {}, float("nan"), reading.confidence)


def _volumes(portfolio: Portfolio) -> pd.Series:
    procedures = portfolio.procedures
    return procedures["times_per_year"] * procedures["subjects_per_year"]


def review_queue(
    portfolio: Portfolio,
    saving: pd.Series | None = None,
    on: date | None = None,
    matcher: Matcher | None = None,
) -> pd.DataFrame:
    """Return the doubtful rows that nobody has decided, by the effect of a wrong mark.

    Effect = dossiers per year × what depends on the mark: documents, and cost where
    the caller knows it. A procedure whose yearly volume is not known counts as one
    dossier, and ``volume`` says so. Equal rows stand once; one decision settles them.

    Parameters
    ----------
    portfolio
        As marked; rows that are dropped, and procedures that no longer stand, are left
        out.
    saving
        VND per dossier that a row costs its applicant, by requirement id, such as
        `procsim.measures.cost.row_stakes`; 0 where the row is in no figure.

    Returns
    -------
    pandas.DataFrame
        Sorted by ``effect_vnd`` where `saving` is given, else ``effect_documents``.
        Columns: requirement (the first of the equal rows), name, kind, types, relation,
        replaceable, confidence (the least), rows, procedures, codes (joined by ``;``),
        dossiers_per_year (sum over procedures), volume (``known``, ``one`` where one
        dossier stands for each procedure, ``mixed``), alternatives (``note:-1;…``: the
        change in documents per dossier for each other reading), documents_at_stake (the
        largest of them), effect_documents, effect_vnd (NaN where not known).
    """
    rows = portfolio.requirements
    matches, readings = machine_readings(portfolio, matcher or default_matcher())
    decided = standing(portfolio).keys() | entered_by_hand(portfolio)
    owners = portfolio.positions("requirements", "procedure")
    active = (portfolio.procedures["status"] == "active").tolist()
    cases = case_names(portfolio)
    cost = [float("nan")] * len(rows) if saving is None else saving.reindex(rows.index).tolist()
    volumes = _volumes(portfolio).tolist()
    groups: dict[tuple[object, ...], _Group] = {}
    names, ids, status = rows["name"].tolist(), rows.index.tolist(), rows["status"].tolist()
    for place, reading in enumerate(readings):
        if not needs_review(reading.confidence, reading.relation) or ids[place] in decided:
            continue
        owner = int(owners[place])
        if status[place] != "required" or owner < 0 or not active[owner]:
            continue
        key = (
            row_key(names[place]),
            case_kind(cases[place]),
            reading.groups,
            reading.kind,
            tuple(types_of(reading)),
            reading.relation,
        )
        found = groups.get(key)
        if found is None:
            found = _group(matches[place], reading, place, reading.groups, on)
            groups[key] = found
        found.rows += 1
        found.procedures[owner] = None
        found.least = min(found.least, reading.confidence)
        if cost[place] == cost[place]:
            dossiers = volumes[owner] if volumes[owner] == volumes[owner] else 1.0
            before = found.vnd if found.vnd == found.vnd else 0.0
            found.vnd = before + dossiers * found.share * cost[place]
    made = [_line(portfolio, readings[g.place], g, volumes) for g in groups.values()]
    frame = pd.DataFrame(made, columns=list(QUEUE_COLUMNS))
    first = ["effect_documents"] if saving is None else ["effect_vnd", "effect_documents"]
    return frame.sort_values(
        [*first, "rows", "confidence"],
        ascending=[*(False for _ in first), False, True],
        kind="stable",
        ignore_index=True,
    )


def _line(
    portfolio: Portfolio, reading: Reading, group: _Group, volumes: list[float]
) -> dict[str, object]:
    known = [volumes[owner] for owner in group.procedures if volumes[owner] == volumes[owner]]
    lacking = len(group.procedures) - len(known)
    dossiers = sum(known) + lacking
    stake = max((abs(change) for _, change in group.changes), default=0.0)
    codes = portfolio.procedures["code"].iloc[list(group.procedures)].tolist()
    return {
        "requirement": portfolio.requirements.index[group.place],
        "name": portfolio.requirements["name"].iloc[group.place],
        "kind": reading.kind,
        "types": ";".join(types_of(reading)),
        "relation": reading.relation,
        "replaceable": group.verdict,
        "confidence": group.least,
        "rows": group.rows,
        "procedures": len(group.procedures),
        "codes": ";".join(dict.fromkeys(codes)),
        "dossiers_per_year": float(dossiers),
        "volume": "one" if not known else "mixed" if lacking else "known",
        "alternatives": ";".join(f"{label}:{change:+g}" for label, change in group.changes),
        "documents_at_stake": stake,
        "effect_documents": dossiers * stake,
        "effect_vnd": group.vnd,
    }


def alternatives_text(alternatives: str) -> Text:
    """Return the column ``alternatives`` of the queue in words.

    Examples
    --------
    >>> alternatives_text("note:-1;form:+0").en
    'note: 1 document less; form: no change'
    """
    types = shipped_document_types()
    vi: list[str] = []
    en: list[str] = []
    for part in filter(None, alternatives.split(";")):
        label, _, written = part.rpartition(":")
        choice = _CHOICES.get(label)
        if choice is None:
            kind = label.removeprefix("type:")
            known = kind in types.index
            choice = Text(*(types.at[kind, c] if known else kind for c in ("name_vi", "name_en")))
        change = float(written)
        vi.append(f"{choice.vi}: {_change(change, ('không đổi', 'bớt', 'thêm', 'giấy tờ'))}")
        noun = "document" if abs(change) == 1 else "documents"
        size = f"{abs(change):g} {noun}"
        said = "no change" if not change else f"{size} {'less' if change < 0 else 'more'}"
        en.append(f"{choice.en}: {said}")
    return Text("; ".join(vi), "; ".join(en))


def _change(change: float, words: tuple[str, str, str, str]) -> str:
    same, less, more, noun = words
    return f"{less if change < 0 else more} {abs(change):g} {noun}" if change else same


def queue_lines(queue: pd.DataFrame, most: int, language: str = "vi") -> Iterator[str]:
    """Yield the first rows of a queue in words, after a line that counts all of them."""
    shown = queue.head(most)
    rows = int(queue["rows"].sum())
    yield t("cli.mark.queue", language, shown=len(shown), decisions=len(queue), rows=rows)
    for place, line in enumerate(shown.to_dict("records"), start=1):
        vnd = line["effect_vnd"]
        yield t(
            "cli.mark.queue.row",
            language,
            place=place,
            requirement=line["requirement"],
            kind=t(f"kind.{line['kind']}", language),
            types=line["types"].replace(";", ", ") or "–",
            name=f"“{shorten(line['name'], 90)}”",
            rows=line["rows"],
            procedures=line["procedures"],
            dossiers=line["dossiers_per_year"],
            volume=t(f"volume.{line['volume']}", language),
            documents=line["effect_documents"],
            vnd="–" if vnd != vnd else round(vnd),
            alternatives=alternatives_text(line["alternatives"]),
        ).replace("\\n", "\n")
