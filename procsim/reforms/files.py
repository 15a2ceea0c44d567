"""Plans on disk: YAML that an officer can read, write and correct."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from procsim.errors import Fault, InvalidValue, Text, UnreadableInput, shorten
from procsim.language.i18n import bilingual, fault_of
from procsim.readers.writing import replace_file
from procsim.reforms.base import Reform
from procsim.reforms.kinds import KINDS

_FORMAT = 1
_MOST_BYTES = 32 * 2**20
_MOST_DEPTH = 8
_HEAD = ("name", "version", "note")
UNMATCHED_TEXTS = (
    *("annex", "number", "code", "title", "paper"),
    *("reason_code", "detail_code", "reason_vi", "reason_en"),
)
UNMATCHED_LISTS = ("procedures", "requirements")
# libyaml reads a plan of 2,000 reforms ten times as fast, where it is built in.
_SAFE_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
if TYPE_CHECKING:
    from yaml import SafeDumper as _SafeDumper
else:
    _SafeDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_SafeDumper):
    """Safe YAML without aliases: an officer reads each reform on its own."""

    def ignore_aliases(self, data: object) -> bool:
        """Return that no value is written as a reference to another."""
        del data  # the signature is PyYAML's; the answer is the same for all
        return True


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a plan file holds: name, version and note; reforms; unmatched rows."""

    head: dict[str, str]
    reforms: tuple[Reform, ...]
    unmatched: tuple[dict[str, Any], ...]


def write_yaml(plan: PlanFile, path: Path) -> None:
    """Write a plan as YAML; the file appears whole or not at all.

    Raises
    ------
    ProcsimError
        When the folder is not there, full or write-protected.
    """
    text = yaml.dump(
        to_content(plan), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100
    )
    replace_file(path, lambda beside: _write_text(beside, text))


def to_content(plan: PlanFile) -> dict[str, Any]:
    """Return a plan as plain values; dates stay dates."""
    return {
        "procsim_plan": _FORMAT,
        **plan.head,
        "reforms": [reform.as_dict() for reform in plan.reforms],
        "unmatched": list(plan.unmatched),
    }


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def read_yaml(path: Path) -> PlanFile:
    """Read a plan from YAML, with every fault of its reforms at once.

    Raises
    ------
    UnreadableInput
        When it is not a plan at all: not YAML, too large, of a newer format.
    InvalidValue
        When reforms in it are wrong.
    """
    return from_content(path, _content(path))


def from_content(path: Path, content: dict[str, Any]) -> PlanFile:
    """Return the plan that plain values of `to_content` state; `path` names it in faults.

    Raises
    ------
    UnreadableInput, InvalidValue
        As `read_yaml`.
    """
    faults: list[Fault] = []
    head = {name: content.get(name, "1" if name == "version" else "") for name in _HEAD}
    faults += [
        _fault(f"{path.name} › {name}", value, "Ô này phải là chữ.", "This must be text.")
        for name, value in head.items()
        if not isinstance(value, str)
    ]
    for name in content.keys() - {"procsim_plan", "reforms", "unmatched", *_HEAD}:
        faults.append(_unknown_field(f"{path.name} › {shorten(name)}", name, ("reforms", *_HEAD)))
    reforms = []
    for position, entry in enumerate(_entries(path, content, "reforms"), start=1):
        made = _reform(f"{path.name} › reforms › {position}", entry, faults)
        if made is not None:
            reforms.append(made)
    unmatched = []
    for position, entry in enumerate(_entries(path, content, "unmatched"), start=1):
        row = _unmatched(f"{path.name} › unmatched › {position}", entry, faults)
        if row is not None:
            unmatched.append(row)
    if faults:
        raise InvalidValue(faults)
    return PlanFile(head, tuple(reforms), tuple(unmatched))


def _parsed(text: str) -> Any:
    loader = _SAFE_LOADER(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _content(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _unreadable(
            path, "Không mở được tệp phương án.", "The plan file cannot be opened."
        ) from error
    if len(raw) > _MOST_BYTES:
        raise _unreadable(
            path, "Tệp phương án lớn hơn 32 MB.", "The plan file is larger than 32 MB."
        )
    try:
        text = raw.decode("utf-8-sig")
        _gate(path, text)
        content = _parsed(text)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", dòng {mark.line + 1}" if mark else ""
        line_en = f", line {mark.line + 1}" if mark else ""
        raise _unreadable(
            path,
            f"Tệp không phải YAML đúng cách{line}.",
            f"The file is not well-formed YAML{line_en}.",
        ) from error
    if not isinstance(content, dict) or "procsim_plan" not in content:
        raise _unreadable(
            path, "Tệp không phải là phương án của procsim.", "The file is not a procsim plan."
        )
    if content["procsim_plan"] != _FORMAT:
        raise _unreadable(
            path,
            f"Phương án ghi theo định dạng {shorten(content['procsim_plan'])}; "
            f"bản này đọc định dạng {_FORMAT}.",
            f"The plan has format {shorten(content['procsim_plan'])}; "
            f"this version reads format {_FORMAT}.",
        )
    return content


def _gate(path: Path, text: str) -> None:
    """Refuse what a plan never holds: aliases (they can explode), deep nesting, a key twice."""
    seen: list[set[str]] = []
    is_key: list[bool] = []
    in_mapping: list[bool] = []
    for event in yaml.parse(text, Loader=_SAFE_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise _unreadable(
                path, "Phương án không dùng bí danh (&, *).", "A plan uses no aliases (&, *)."
            )
        if isinstance(event, yaml.CollectionEndEvent):
            seen.pop()
            is_key.pop()
            in_mapping.pop()
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        if is_key and is_key[-1] and isinstance(event, yaml.ScalarEvent):
            if event.value in seen[-1]:
                line = event.start_mark.line + 1 if event.start_mark else 0
                name = shorten(event.value, 40)
                raise _unreadable(
                    path,
                    f"Dòng {line}: ô “{name}” ghi hai lần.",
                    f"Line {line}: “{name}” stands twice.",
                )
            seen[-1].add(event.value)
        if is_key and in_mapping[-1]:
            is_key[-1] = not is_key[-1]
        if isinstance(event, yaml.CollectionStartEvent):
            mapping = isinstance(event, yaml.MappingStartEvent)
            seen.append(set())
            in_mapping.append(mapping)
            is_key.append(mapping)
            if len(seen) > _MOST_DEPTH:
                raise _unreadable(path, "Tệp lồng quá sâu.", "The file is nested too deeply.")


def _entries(path: Path, content: dict[str, Any], name: str) -> list[Any]:
    entries = content.get(name) or []
    if not isinstance(entries, list):
        raise _unreadable(path, f"Mục “{name}” phải là một danh sách.", f"“{name}” must be a list.")
    return entries


def _reform(place: str, entry: Any, faults: list[Fault]) -> Reform | None:
    value = entry.get("kind", "") if isinstance(entry, dict) else entry
    if not isinstance(entry, dict) or not isinstance(value, str) or value not in KINDS:
        kinds = ", ".join(KINDS)
        faults.append(fault_of("plan.kind", place, shorten(value), kinds=kinds))
        return None
    made = KINDS[value]
    known = [field.name for field in fields(made)]
    wrong = [name for name in entry if name != "kind" and name not in known]
    faults += [_unknown_field(f"{place} › {shorten(name)}", name, known) for name in wrong]
    if wrong:
        return None
    try:
        return made(**{name: value for name, value in entry.items() if name != "kind"})
    except InvalidValue as error:
        faults += [
            Fault(f"{place} › {f.place}", f.value, f.message, f.cure, f.severity, f.code)
            for f in error.faults
        ]
        return None


def _unmatched(place: str, entry: Any, faults: list[Fault]) -> dict[str, Any] | None:
    lists = [entry.get(name, []) for name in UNMATCHED_LISTS] if isinstance(entry, dict) else [None]
    texts = [entry.get(name, "") for name in UNMATCHED_TEXTS] if isinstance(entry, dict) else []
    fits = all(isinstance(text, str) for text in texts) and all(
        isinstance(items, list) and all(isinstance(item, str) for item in items) for items in lists
    )
    if not fits:
        faults.append(
            _fault(
                place,
                entry,
                "Dòng phụ lục không khớp được ghi sai cách.",
                "The unmatched row is not written as it should be.",
            )
        )
        return None
    return {
        **{name: entry.get(name, "") for name in UNMATCHED_TEXTS},
        **{name: entry.get(name, []) for name in UNMATCHED_LISTS},
    }


def _fault(place: str, value: object, vi: str, en: str) -> Fault:
    return Fault(
        place,
        shorten(value),
        Text(vi, en),
        bilingual("reforms.correct_plan_file"),
        code="plan.value",
    )


def _unknown_field(place: str, name: object, known: tuple[str, ...] | list[str]) -> Fault:
    words = ", ".join(known)
    return fault_of(
        "plan.field", place, shorten(name), says="plan.field.no_plan_such_field", words=words
    )


def _unreadable(path: Path, vi: str, en: str) -> UnreadableInput:
    return UnreadableInput(
        Fault(
            path.name,
            "",
            Text(vi, en),
            bilingual("reforms.save_plan_again_procsim"),
            code="plan.unreadable",
        )
    )
