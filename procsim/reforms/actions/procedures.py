"""Changes of whole procedures: how, where, by whom and how often they are done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from procsim.errors import Fault, Text
from procsim.language.formatting import format_number, format_number_en
from procsim.reforms.base import Reform
from procsim.reforms.wording import PERCENT, SHARE, by_percent, level_name

__all__ = [
    "LEVELS",
    "AbolishProcedure",
    "Decentralise",
    "ExtendValidity",
    "FreeFromBoundaries",
    "MergeProcedures",
    "MoveOnline",
]

LEVELS = ("central", "province", "commune")
"""Levels of authority, from the highest down."""

_ONLINE = {
    "full": Text("trực tuyến toàn trình", "fully online"),
    "partial": Text("trực tuyến một phần", "partly online"),
}


@dataclass(frozen=True)
class AbolishProcedure(Reform):
    """Abolish a procedure (bãi bỏ thủ tục hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure.

    Examples
    --------
    >>> AbolishProcedure("1.004222").describe().en
    'Abolish the administrative procedure 1.004222.'
    """

    procedure: str = ""

    kind: ClassVar[str] = "abolish_procedure"
    title: ClassVar[Text] = Text("Bãi bỏ thủ tục hành chính", "Abolish a procedure")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            f"Bãi bỏ thủ tục hành chính {self.procedure}.",
            f"Abolish the administrative procedure {self.procedure}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class MergeProcedures(Reform):
    """Make one procedure of several (gộp thủ tục hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure that is kept.
    merged
        Ids of the procedures that go up in it; they get the status ``merged``.
    subjects_per_year
        Subjects of the procedure kept from then on. By default the yearly
        dossiers of all are added, where all are known; else they are missing.

    Examples
    --------
    >>> MergeProcedures("1.004222", merged=["1.004194"]).describe().en
    'Merge the procedures 1.004194 into procedure 1.004222.'
    """

    procedure: str = ""
    merged: tuple[str, ...] = ()
    subjects_per_year: float | None = None

    kind: ClassVar[str] = "merge_procedures"
    title: ClassVar[Text] = Text("Gộp thủ tục hành chính", "Merge procedures")
    refers: ClassVar[Mapping[str, str]] = {"procedure": "procedures", "merged": "procedures"}

    @property
    def procedure_ids(self) -> tuple[str, ...]:
        """Ids of the procedure that is kept and of those that go up in it."""
        return (self.procedure, *self.merged)

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others, volume = "; ".join(self.merged), Text("", "")
        if self.subjects_per_year is not None:
            volume = Text(
                f", số lượng đối tượng tuân thủ là {format_number(self.subjects_per_year)}/năm",
                f", with {format_number_en(self.subjects_per_year)} subjects a year",
            )
        return Text(
            f"Gộp thủ tục hành chính {others} vào thủ tục {self.procedure}{volume.vi}.",
            f"Merge the procedures {others} into procedure {self.procedure}{volume.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("merged")
        yield from self._number_faults(
            "subjects_per_year", unit=Text("đối tượng/năm", "subjects a year")
        )


@dataclass(frozen=True)
class MoveOnline(Reform):
    """Offer the procedure online (dịch vụ công trực tuyến).

    Parameters
    ----------
    procedure
        Id of the procedure.
    level
        ``full`` (toàn trình) or ``partial`` (một phần).
    share
        Share of dossiers (0–1) that then come online.

    Notes
    -----
    Where there is no online channel one is added. Its limit is the longest of
    the present ones, and it costs the fees of the channel with most fees (the
    first of them), so that the move itself claims no saving of time or fees.

    Examples
    --------
    >>> MoveOnline("1.004222", level="full", share=0.8).describe().en
    'Offer procedure 1.004222 fully online, 80 % of dossiers handed in so.'
    """

    procedure: str = ""
    level: str = "full"
    share: float | None = None

    kind: ClassVar[str] = "move_online"
    title: ClassVar[Text] = Text("Cung cấp trực tuyến", "Move online")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        how, share = _ONLINE[self.level], Text("", "")
        if self.share is not None:
            part = by_percent(round(self.share * 100, 6))
            share = Text(
                f", tỷ lệ hồ sơ nộp trực tuyến {part.vi}", f", {part.en} of dossiers handed in so"
            )
        return Text(
            f"Cung cấp dịch vụ công {how.vi} đối với thủ tục {self.procedure}{share.vi}.",
            f"Offer procedure {self.procedure} {how.en}{share.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._choice_faults("level", tuple(_ONLINE))
        yield from self._number_faults("share", 1, unit=SHARE)


@dataclass(frozen=True)
class FreeFromBoundaries(Reform):
    """Let the procedure be done anywhere (không phụ thuộc địa giới hành chính).

    Parameters
    ----------
    procedure
        Id of the procedure.

    Examples
    --------
    >>> FreeFromBoundaries("1.004222").describe().en
    'Receive and settle procedure 1.004222 independently of administrative boundaries.'
    """

    procedure: str = ""

    kind: ClassVar[str] = "free_from_boundaries"
    title: ClassVar[Text] = Text("Phi địa giới hành chính", "Free from boundaries")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(
            f"Tiếp nhận, giải quyết thủ tục {self.procedure} không phụ thuộc vào địa giới "
            "hành chính.",
            f"Receive and settle procedure {self.procedure} independently of administrative "
            "boundaries.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class Decentralise(Reform):
    """Give the procedure to a lower level (phân cấp, phân quyền).

    Parameters
    ----------
    procedure
        Id of the procedure.
    level
        ``province`` or ``commune``: the level that takes over from those above it.
    agency
        Agency that carries it out from then on; empty keeps what is published.

    Examples
    --------
    >>> Decentralise("1.004222", level="commune").describe().en
    'Decentralise procedure 1.004222 to the commune.'
    """

    procedure: str = ""
    level: str = ""
    agency: str = ""

    kind: ClassVar[str] = "decentralise"
    title: ClassVar[Text] = Text("Phân cấp thẩm quyền giải quyết", "Decentralise")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        level = level_name(self.level)
        agency = f" ({self.agency})" if self.agency else ""
        return Text(
            f"Phân cấp thẩm quyền giải quyết thủ tục {self.procedure} cho {level.vi}{agency}.",
            f"Decentralise procedure {self.procedure} to {level.en}{agency}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._choice_faults("level", LEVELS[1:])


@dataclass(frozen=True)
class ExtendValidity(Reform):
    """Let the result hold for longer, so that it is applied for less often.

    Parameters
    ----------
    procedure
        Id of the procedure.
    times_per_year
        How often one subject then does it in a year (0,2: once in five years).
    percent
        Or: by how many per cent (more than 0, at most 100) the times fall.

    Examples
    --------
    >>> ExtendValidity("1.004222", percent=50).describe().en
    'Extend the validity of the result of procedure 1.004222: the times it is done fall by 50 %.'
    """

    procedure: str = ""
    times_per_year: float | None = None
    percent: float | None = None

    kind: ClassVar[str] = "extend_validity"
    title: ClassVar[Text] = Text("Kéo dài thời hạn hiệu lực", "Extend the validity")

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        if self.times_per_year is not None:
            how = Text(
                f"còn {format_number(self.times_per_year)} lần/năm",
                f"fall to {format_number_en(self.times_per_year)} a year",
            )
        else:
            cut = by_percent(self.percent)
            how = Text(f"giảm {cut.vi}", f"fall by {cut.en}")
        return Text(
            f"Kéo dài thời hạn hiệu lực của kết quả thủ tục {self.procedure}, số lần thực hiện "
            f"{how.vi}.",
            f"Extend the validity of the result of procedure {self.procedure}: the times it is "
            f"done {how.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults(
            "times_per_year",
            "percent",
            Text(
                "Số lần thực hiện ghi bằng số lần/năm hoặc bằng tỷ lệ cắt giảm.",
                "The times are given as times a year or as a cut in per cent.",
            ),
        )
        yield from self._number_faults("times_per_year", unit=Text("lần/năm", "times a year"))
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)
