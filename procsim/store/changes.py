"""What an action changed, from what to what, and the sentence that says so."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from procsim.errors import Text, shorten
from procsim.language.i18n import bilingual
from procsim.readers.words import TITLES, word
from procsim.reference.parameters import parameters
from procsim.reference.schema import schema
from procsim.reference.vocabulary import document_types
from procsim.store.content import Damaged

__all__ = ["Change", "day_said", "kind_label", "packed_changes", "sentence", "unpacked_changes"]

_MOST = 2000  # characters of one value in the log; the versions keep all of it


class Change(NamedTuple):
    """One thing that changed.

    Attributes
    ----------
    what
        Its kind and its place: ``("cell", table, row, column)``, ``("mark", row)``,
        ``("plan", name)``, ``("parameter", name)``, ``("date", key)``,
        ``("day", date)``, ``("readiness", row)``, ``("note", about)``, ``("rows", table)``,
        ``("altered", table)`` or ``("source",)``.
    before, after
        As texts; ``""`` where there was or is nothing.
    """

    what: tuple[str, ...]
    before: str
    after: str

    @classmethod
    def of(cls, *what: str, before: object, after: object) -> Change:
        """Return a change with its values shown as texts."""
        return cls(what, _shown(before), _shown(after))

    @property
    def item(self) -> str:
        """The place in one line, such as ``cell › fees › 1.004222/k1/f1 › amount_vnd``."""
        return " › ".join(self.what)


def _shown(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() else repr(value)
    return shorten(str(value), _MOST)


def packed_changes(changes: Iterable[Change]) -> str:
    """Return changes as JSON in ASCII, which every database carries."""
    return json.dumps([[list(c.what), c.before, c.after] for c in changes])


def unpacked_changes(text: str) -> list[Change]:
    """Return the changes that `packed_changes` was given.

    Raises
    ------
    Damaged
        When the text is something else.
    """
    try:
        return [Change(tuple(what), before, after) for what, before, after in json.loads(text)]
    except (ValueError, TypeError) as error:
        raise Damaged("changes") from error


def kind_label(kind: str) -> Text:
    """Return the name of an action."""
    return bilingual(f"store.kind.{kind}")


def _place(what: tuple[str, ...]) -> Text:
    kind, *rest = what
    if kind == "cell":
        name, row, column = rest
        label = schema()[name][column].label
        return bilingual("store.place.cell", table=TITLES[name], row=row, column=label)
    if kind in ("rows", "altered"):
        return bilingual(f"store.place.{kind}", table=TITLES[rest[0]])
    if kind == "parameter":
        known = parameters().table.get(rest[0])
        named = known.name if known else Text(rest[0], rest[0])
        return bilingual("store.place.parameter", name=named)
    return bilingual(f"store.place.{kind}", name=" › ".join(rest))


def _one(change: Change) -> Text:
    place = _place(change.what)
    forms = {(True, True): "changed", (False, True): "added"}
    form = forms.get((bool(change.before), bool(change.after)), "removed")
    shown = {"before": change.before, "after": change.after}
    values = {name: _in_words(change.what, text) for name, text in shown.items()}
    return bilingual(f"store.change.{form}", place=place, **values)


def _in_words(what: tuple[str, ...], text: str) -> float | str | Text:
    """Return a value as a sentence shows it: numbers and codes in each language's way."""
    if text and _is_number(what):
        return round(float(text), 4)
    if text and what[0] == "day":
        return day_said(text)
    if text and what[0] == "mark":
        kind, _, types = text.partition(": ")
        known = document_types()
        names = [known.loc[code] if code in known.index else None for code in types.split(", ")]
        word_of_kind = word(schema()["requirements"]["kind"], kind)
        listed = [row for row in names if row is not None]
        return Text(
            ": ".join(filter(None, [word_of_kind.vi, "; ".join(r["name_vi"] for r in listed)])),
            ": ".join(filter(None, [word_of_kind.en, "; ".join(r["name_en"] for r in listed)])),
        )
    return shorten(text, 200)


def day_said(text: str) -> Text:
    """Return a day of a `Change` as people read it: ``off: Tết`` is “nghỉ: Tết”."""
    kind, _, name = text.partition(": ")
    if kind not in ("off", "work"):
        return Text(text, text)
    return bilingual(f"store.day.{kind}", name=shorten(name, 200))


def _is_number(what: tuple[str, ...]) -> bool:
    if what[0] == "cell":
        return schema()[what[1]][what[3]].kind in ("number", "integer")
    return what[0] in ("rows", "altered", "parameter", "readiness", "version")


def sentence(kind: str, who: str, changes: Iterable[Change], most: int = 3) -> Text:
    """Return who did what, from what to what, in both languages."""
    listed = list(changes)
    said = [_one(change) for change in listed[:most]]
    if len(listed) > most:
        said.append(bilingual("store.change.more", count=len(listed) - most))
    label = kind_label(kind)
    if not said:
        return bilingual("store.sentence.bare", who=who, kind=label)
    what = Text("; ".join(one.vi for one in said), "; ".join(one.en for one in said))
    return bilingual("store.sentence", who=who, kind=label, what=what)
