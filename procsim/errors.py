"""Faults and errors: where, what was found, what is accepted, how to cure it.

Every sentence that a user can meet stands here in two languages, because an
error may have to be shown before any table of texts could be loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import pandas as pd


Severity = Literal["error", "warning", "note"]
LANGUAGES = ("vi", "en")
_spoken = ["vi"]


def set_language(language: str) -> None:
    """Choose the language of error messages, printed faults, texts and notebook views.

    It rules wherever no language is passed: ``str(error)``, ``str(fault)``, ``.text()``,
    `procsim.cost_sheet`, maps and reports. Vietnamese until it is called; one choice
    for the whole process.

    Parameters
    ----------
    language
        ``"vi"`` or ``"en"``.

    Raises
    ------
    UnknownName
        For another language.

    Examples
    --------
    >>> import procsim as ps
    >>> ps.set_language("en")
    >>> try:
    ...     ps.load_sample()["9.999999"]
    ... except ps.UnknownName as error:
    ...     str(error).split(" [")[0]
    'procedures: No procedure carries this code.'
    >>> ps.set_language("vi")
    """
    if language not in LANGUAGES:
        raise UnknownName(
            Fault(
                "set_language",
                shorten(language),
                Text("Chỉ có hai ngôn ngữ: vi và en.", "There are two languages only: vi and en."),
                Text(
                    'Viết set_language("vi") hoặc set_language("en").',
                    'Write set_language("vi") or set_language("en").',
                ),
                code="text.language",
            )
        )
    _spoken[0] = language


def spoken(language: str = "") -> str:
    """Return `language`, or the one of `set_language` where none is given."""
    return language or _spoken[0]


class Text(NamedTuple):
    """One sentence in Vietnamese and in English.

    Parameters
    ----------
    vi, en
        The sentence in Vietnamese and in English.

    Examples
    --------
    >>> Text("Đạt", "Met").in_language("en")
    'Met'
    """

    vi: str
    en: str

    def in_language(self, language: str = "") -> str:
        """Return the sentence in ``"vi"`` or ``"en"``; by default as `set_language` says."""
        return self.en if spoken(language) == "en" else self.vi


NOTHING = Text("", "")


def shorten(value: object, length: int = 120) -> str:
    """Return `value` as one printable line of at most `length` characters."""
    text = value if isinstance(value, str) else repr(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, or doubtful, in what was read or modelled.

    Parameters
    ----------
    place
        Where it stands: file, sheet and cell, record and field, or table and id.
    value
        The value as written, shortened for display.
    message
        What is wrong and what form is accepted.
    cure
        What the officer can do about it.
    severity
        ``"error"`` blocks at least one figure, ``"warning"`` leaves the figure
        standing but doubtful, ``"note"`` is for information.
    code
        Stable name of the kind of fault, for tests and filters,
        such as ``"fee.thousandth"``.
    proposal
        A value that the officer may accept in place of the one written.
    row
        Id of the row whose flag says the same; once that flag is gone, because
        an officer accepted or entered a value, the fault is gone too.

    Examples
    --------
    >>> message = Text("Không phải số.", "Not a number.")
    >>> Fault("Sheet 'Phí' › C4", "1.2.3", message, code="number").in_language("en")
    "Sheet 'Phí' › C4: Not a number. [1.2.3]"
    """

    place: str
    value: str
    message: Text
    cure: Text = NOTHING
    severity: Severity = "error"
    code: str = ""
    proposal: str = ""
    row: str = ""

    def as_dict(self, language: str = "") -> dict[str, str]:
        """Return the fault as plain texts, as ``procsim check --json`` prints it."""
        return {
            "place": self.place,
            "value": self.value,
            "message": self.message.in_language(language),
            "cure": self.cure.in_language(language),
            "severity": self.severity,
            "code": self.code,
            "proposal": self.proposal,
        }

    def in_language(self, language: str = "") -> str:
        """Return one line: place, value, message and cure."""
        parts = [f"{self.place}: " if self.place else "", self.message.in_language(language)]
        if self.value:
            parts.append(f" [{self.value}]")
        if self.cure != NOTHING:
            parts.append(f" → {self.cure.in_language(language)}")
        return "".join(parts)

    def __str__(self) -> str:
        return self.in_language()


class Faults(list[Fault]):
    """A list of faults that prints a line for each, and is a table where one is wanted.

    Parameters
    ----------
    faults
        The faults.

    Examples
    --------
    >>> import procsim as ps
    >>> ps.check(ps.load_sample()).to_frame()["severity"].unique().tolist()
    ['error', 'warning', 'note']
    """

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def to_frame(self, language: str = "") -> pd.DataFrame:
        """Return a row for each fault, the columns of `Fault.as_dict`, the worst first."""
        import pandas as pd  # an error must be told before anything heavy is loaded

        columns = ["severity", "place", "value", "message", "cure", "code", "proposal"]
        rows = [fault.as_dict(language) for fault in self]
        rank = {"error": 0, "warning": 1, "note": 2}
        rows.sort(key=lambda row: rank[row["severity"]])
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(escape=True, max_rows=60))


class ProcsimError(Exception):
    """A stop with one or several `Fault` values that say why.

    Parameters
    ----------
    faults
        What is wrong; all of it, not the first only.

    Examples
    --------
    >>> import procsim as ps
    >>> try:
    ...     ps.apply(ps.load_sample(), ps.Plan([ps.ShortenLimit("9.999999", days=5)]))
    ... except ProcsimError as error:
    ...     error.faults[0].code
    'plan.unknown_target'
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(fault.in_language("vi") for fault in self.faults))

    def __str__(self) -> str:
        return self.in_language()

    def in_language(self, language: str = "") -> str:
        """Return the message, one fault a line."""
        return "\n".join(fault.in_language(language) for fault in self.faults)

    def __reduce__(self) -> tuple[type[ProcsimError], tuple[object, ...]]:
        # Exceptions cross process borders (files are parsed in a child process).
        return type(self), (self.faults,)


class UnreadableInput(ProcsimError):
    """A file that cannot be read at all; nothing of it was loaded.

    Parameters
    ----------
    faults
        What is wrong, and what to do about it.

    Examples
    --------
    >>> import procsim as ps
    >>> try:
    ...     ps.read("no such file.xlsx")
    ... except UnreadableInput as error:
    ...     error.faults[0].message.en
    'The file was not found'
    """


class InvalidValue(ProcsimError, ValueError):
    """A value, table or parameter that breaks a rule of the model.

    Parameters
    ----------
    faults
        What is wrong; all of it, not the first only.

    Examples
    --------
    >>> import procsim as ps
    >>> try:
    ...     ps.ShortenLimit("1.004222", days=-5)
    ... except InvalidValue as error:
    ...     error.faults[0].message.en
    'The value must be a number from 0 upwards (in the unit of the limit).'
    """


class UnknownName(ProcsimError, KeyError):
    """A name that is not there: a code, a target, a document type, a database.

    Parameters
    ----------
    faults
        What is wrong, with the names that there are.

    Examples
    --------
    >>> import procsim as ps
    >>> try:
    ...     ps.load_sample()["9.999999"]
    ... except UnknownName as error:
    ...     error.faults[0].message.en
    'No procedure carries this code.'
    """
