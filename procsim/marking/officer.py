"""What officers have decided about dossier rows: values, kept with who, when and why.

The table ``decisions`` is the authority; marks and the columns of a decided row are
made from it by `procsim.marking.mark`. A decision belongs to the words it was taken
on: a row whose text has changed since is not decided by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

import pandas as pd

from procsim.errors import Fault, InvalidValue, Text, shorten
from procsim.language.i18n import bilingual
from procsim.marking.items import Item
from procsim.marking.rows import Kind, Reading, Relation
from procsim.marking.spelling import spell
from procsim.model.portfolio import Portfolio

OFFICER = "officer"
"""Name of the rule and of the source where an officer has decided."""

Verdict = Literal["full", "part", "no"]
_KINDS = ("form", "document", "note")
_RELATIONS = ("one", "any", "all", "mixed")
_REPLACEABLE = ("full", "part", "no")
# "- ", "a) ", "1.2. ", "(ii) " before a row, and a full stop after it, are not its words.
# A colon stays: it makes a heading.
_BULLET = re.compile(r"^[\W_]*(?:(?:[a-zđ]|\d{1,2}(?:\.\d{1,2})*|[ivx]{2,4})[.)] ?)?[\W_]*")
_MADE_MARK = re.compile(r"/q\d+/m\d+$")


@lru_cache(maxsize=200_000)
def row_key(name: str) -> str:
    """Return the one spelling by which two dossier rows count as equal.

    Examples
    --------
    >>> row_key("- Bản sao CCCD.") == row_key("a) Bản sao căn cước công dân")
    True
    >>> row_key("Giấy tờ gồm:") == row_key("Giấy tờ gồm")
    False
    """
    text = spell(name).text
    return _BULLET.sub("", text).rstrip(" .;,") or text


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an officer says about one dossier row, with who, when and why.

    Attributes
    ----------
    kind
        ``"form"``, ``"document"`` or ``"note"`` (never counted).
    types
        Ids of document types; empty where no paper of the catalogue is asked for.
    relation
        ``"one"``, ``"any"``, ``"all"`` or ``"mixed"``; ``"one"`` below two types.
    replaceable
        ``"full"``, ``"part"``, ``"no"``, or None for what the law says of the types.
    decided_by, decided_on, reason
        Who, when (a date that is passed in) and why.
    requirement, name
        Id of the row, and its text when the decision was taken.
    code, case_name, row
        Where the row stood: national code, name of the case, position in it.
    copied_from
        Id of the decision that was applied to this equal row on request.
    id
        ``<requirement>/q1``; given when the decision is recorded.

    Raises
    ------
    InvalidValue
        With everything that is wrong at once.

    Examples
    --------
    >>> Decision(kind="note", decided_by="Lan", decided_on=date(2026, 3, 2),
    ...          reason="Câu dẫn").types
    ()
    """

    kind: Kind
    decided_by: str
    decided_on: date
    reason: str
    types: tuple[str, ...] = ()
    relation: Relation = "one"
    replaceable: Verdict | None = None
    requirement: str = ""
    name: str = ""
    code: str = ""
    case_name: str = ""
    row: int = 0
    copied_from: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        types = tuple(dict.fromkeys(part.strip() for part in self.types if part.strip()))
        object.__setattr__(self, "types", types)
        if len(types) < 2 and self.relation in _RELATIONS:
            object.__setattr__(self, "relation", "one")
        object.__setattr__(self, "replaceable", self.replaceable or None)
        for name in ("decided_by", "reason"):
            object.__setattr__(self, name, getattr(self, name).strip())
        faults = list(_faults(self))
        if faults:
            raise InvalidValue(faults)

    @property
    def says(self) -> tuple[object, ...]:
        """What is decided, without where, who, when and why."""
        return (self.kind, frozenset(self.types), self.relation, self.replaceable)


def _faults(made: Decision) -> Iterable[Fault]:
    from procsim.reference.vocabulary import shipped_document_types

    place = " › ".join(part for part in ("decisions", made.id or made.requirement) if part)

    def fault(value: object, message: Text, cure: Text) -> Fault:
        return Fault(place, shorten(value), message, cure, code="decision.invalid")

    for value, accepted, label in (
        (made.kind, _KINDS, bilingual("marking.kind")),
        (made.relation, _RELATIONS, bilingual("marking.relation")),
        (made.replaceable, (None, *_REPLACEABLE), bilingual("marking.replaceable")),
    ):
        if value not in accepted:
            words = ", ".join(part for part in accepted if part)
            yield fault(
                value,
                bilingual("marking.no_valid", label=label),
                bilingual("marking.choose", words=words),
            )
    known = shipped_document_types().index
    for part in made.types:
        if part not in known:
            yield fault(
                part,
                bilingual("marking.no_catalogue_such_type"),
                bilingual("marking.choose_id_catalogue"),
            )
    if made.kind == "note" and made.types:
        yield fault(
            ";".join(made.types),
            bilingual("marking.no_note_asks_paper"),
            bilingual("marking.remove_types_change_kind"),
        )
    if made.replaceable in {"full", "part"} and (made.kind != "document" or not made.types):
        yield fault(
            made.replaceable,
            bilingual("marking.only_document_type_catalogue"),
            bilingual("marking.no_name_type_choose"),
        )
    if not made.decided_by or not made.reason or not isinstance(made.decided_on, date):
        yield fault(
            "",
            bilingual("marking.decision_says_who_day"),
            bilingual("marking.fill_name_date_reason"),
        )


def decision_of(row: dict[str, Any]) -> Decision:
    """Return one row of the table ``decisions`` as a value.

    Raises
    ------
    InvalidValue
        When the row breaks a rule of `Decision`.
    """
    kept = {name: row[name] for name in ("name", "kind", "relation", "decided_by", "reason")}
    try:
        day: Any = date.fromisoformat(row["decided_on"])
    except ValueError:
        day = None
    return Decision(
        **kept,
        types=tuple(row["types"].split(";")),
        replaceable=row["replaceable"] or None,
        decided_on=day,
        requirement=row["requirement"],
        code=row["code"],
        case_name=row["case_name"],
        row=int(row["row"]),
        copied_from=row["copied_from"],
        id=row["id"],
    )


def rows_in_order(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table ``decisions``, the earliest first."""
    ordered = table.sort_values(["decided_on", "position"], kind="stable")
    made: list[dict[str, Any]] = ordered.reset_index().to_dict("records")
    return made


def _held(portfolio: Portfolio) -> tuple[dict[str, Decision], list[Fault]]:
    """Return the decision that stands on each row, and why others do not."""
    found: dict[str, Decision] = {}
    faults: list[Fault] = []
    if not len(portfolio.decisions):
        return found, faults
    names = portfolio.requirements["name"]
    for row in rows_in_order(portfolio.decisions):
        place = f"decisions › {row['id']}"
        text = shorten(row["name"])
        try:
            decision = decision_of(row)
        except InvalidValue as error:
            faults += error.faults
            continue
        if decision.requirement not in names.index:
            faults.append(Fault(place, text, _WAITS, _MATCH, "warning", "decision.waiting"))
        elif row_key(names.at[decision.requirement]) != row_key(decision.name):
            faults.append(Fault(place, text, _CHANGED, _AGAIN, "warning", "decision.text_changed"))
        else:
            found[decision.requirement] = decision
    return found, faults


_WAITS = bilingual("marking.no_decision_waits_dossier")
_MATCH = bilingual("marking.name_row_meant_confirm")
_CHANGED = bilingual("marking.no_row_changed_since")
_AGAIN = bilingual("marking.read_row_again_decide")
_CODES = frozenset({"decision.waiting", "decision.text_changed", "decision.invalid"})


def standing(portfolio: Portfolio) -> dict[str, Decision]:
    """Return by requirement the decision that stands: the latest on its present text."""
    return _held(portfolio)[0]


def decision_faults(portfolio: Portfolio) -> tuple[Fault, ...]:
    """Return the portfolio's faults, those of decisions that do not stand made anew."""
    if not len(portfolio.decisions):
        return portfolio.faults
    others = [fault for fault in portfolio.faults if fault.code not in _CODES]
    made = (*others, *_held(portfolio)[1])
    # The same tuple where nothing is new: who keeps portfolios then need not look at it.
    return portfolio.faults if made == portfolio.faults else made


def entered_by_hand(portfolio: Portfolio) -> set[str]:
    """Return the rows whose marks an officer wrote into the table ``marks`` directly.

    Marks that were made from the table ``decisions`` carry the decision in their
    id; they are made anew each time and never count here.
    """
    marks = portfolio.marks
    own = marks[(marks["source"] == OFFICER) & ~marks.index.str.contains(_MADE_MARK)]
    return set(own["requirement"]) - set(portfolio.decisions["requirement"])


def items_of(types: Sequence[str], relation: str) -> tuple[Item, ...]:
    """Return papers that have only a type and a relation, without words of the row."""
    together = relation in {"any", "one"}
    return tuple(
        Item(kind, "", 0 if together else place, "first", place) for place, kind in enumerate(types)
    )


def decided_reading(reading: Reading, decision: Decision) -> Reading:
    """Return what the row says once an officer has decided what it is."""
    found = {item.document_type for item in reading.items if item.document_type}
    same = found == set(decision.types) and reading.relation == decision.relation
    # Papers unknown to the catalogue stay due where the officer confirmed the reading.
    items = reading.items if same else items_of(decision.types, decision.relation)
    replaced = decision.replaceable in {"full", "part"}
    return reading._replace(
        kind=decision.kind,
        relation=decision.relation,
        items=() if decision.kind == "note" else items,
        conditional=reading.conditional and decision.kind != "note",
        # An officer who says that data replace it has read whose paper it is.
        groups=tuple(g for g in reading.groups if g != "foreigner" or not replaced),
        rule=OFFICER,
        confidence=1.0,
    )


def overruled(portfolio: Portfolio, readings: list[Reading]) -> list[Reading]:
    """Return the readings of all requirements with the officers' decisions in force."""
    decisions = standing(portfolio)
    if not decisions:
        return readings
    made = list(readings)
    places = portfolio.requirements.index.get_indexer(list(decisions))
    for place, decision in zip(places, decisions.values(), strict=True):
        made[place] = decided_reading(made[place], decision)
    return made
