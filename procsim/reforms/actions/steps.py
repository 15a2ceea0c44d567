"""Changes of the steps of a procedure (trình tự thực hiện)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from procsim.errors import Fault, Text
from procsim.reforms.base import Reform
from procsim.reforms.wording import DAYS, PERCENT, by_percent, in_units

__all__ = ["DropStep", "MergeSteps", "ParallelSteps", "ShortenStep"]


@dataclass(frozen=True)
class DropStep(Reform):
    """Leave out a step (bãi bỏ bước thực hiện).

    Parameters
    ----------
    step
        Id of the step. What went before it leads straight to what followed it.

    Examples
    --------
    >>> DropStep("1.004222/s2").describe().en
    'Drop step 1.004222/s2.'
    """

    step: str = ""

    kind: ClassVar[str] = "drop_step"
    title: ClassVar[Text] = Text("Bãi bỏ bước thực hiện", "Drop a step")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        return Text(f"Bãi bỏ bước thực hiện {self.step}.", f"Drop step {self.step}.")

    def _faults(self) -> Iterator[Fault]:
        yield from ()


@dataclass(frozen=True)
class MergeSteps(Reform):
    """Do several steps as one (gộp bước thực hiện).

    Parameters
    ----------
    step
        Id of the step that is kept.
    merged
        Ids of the steps of the same procedure that go up in it.
    days
        Working days of the step kept; by default the sum of the days that the
        steps state.

    Examples
    --------
    >>> MergeSteps("1.004222/s2", merged=["1.004222/s3"], days=1).describe().en
    'Merge the steps 1.004222/s3 into step 1.004222/s2, done within 1 working days.'
    """

    step: str = ""
    merged: tuple[str, ...] = ()
    days: float | None = None

    kind: ClassVar[str] = "merge_steps"
    title: ClassVar[Text] = Text("Gộp bước thực hiện", "Merge steps")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps", "merged": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others, within = "; ".join(self.merged), Text("", "")
        if self.days is not None:
            days = in_units(self.days, "working_day")
            within = Text(f", thực hiện trong {days.vi}", f", done within {days.en}")
        return Text(
            f"Gộp bước thực hiện {others} vào bước {self.step}{within.vi}.",
            f"Merge the steps {others} into step {self.step}{within.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("merged")
        yield from self._number_faults("days", unit=DAYS)


@dataclass(frozen=True)
class ParallelSteps(Reform):
    """Do steps side by side that ran one after another (thực hiện song song).

    Parameters
    ----------
    step
        Id of one of the steps.
    others
        Ids of the other steps, of the same procedure. What went before any of
        the set leads to each; each leads to what followed any of it.

    Examples
    --------
    >>> ParallelSteps("1.004222/s2", others=["1.004222/s3"]).describe().en
    'Do step 1.004222/s2 side by side with 1.004222/s3.'
    """

    step: str = ""
    others: tuple[str, ...] = ()

    kind: ClassVar[str] = "parallel_steps"
    title: ClassVar[Text] = Text("Thực hiện song song các bước", "Do steps side by side")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps", "others": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        others = "; ".join(self.others)
        return Text(
            f"Thực hiện song song bước {self.step} với bước {others}.",
            f"Do step {self.step} side by side with {others}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._company_faults("others")


@dataclass(frozen=True)
class ShortenStep(Reform):
    """Shorten the time that one step takes.

    Parameters
    ----------
    step
        Id of the step.
    days
        New time in working days.
    percent
        Or: by how many per cent (more than 0, at most 100) it falls.

    Examples
    --------
    >>> ShortenStep("1.004222/s2", percent=50).describe().en
    'Shorten step 1.004222/s2 by 50 %.'
    """

    step: str = ""
    days: float | None = None
    percent: float | None = None

    kind: ClassVar[str] = "shorten_step"
    title: ClassVar[Text] = Text("Rút ngắn thời gian một bước", "Shorten a step")
    target_field: ClassVar[str] = "step"
    refers: ClassVar[Mapping[str, str]] = {"step": "steps"}

    def describe(self) -> Text:
        """Return what changes, as one sentence in legal terms."""
        if self.days is not None:
            days = in_units(self.days, "working_day")
            how = Text(f"xuống còn {days.vi}", f"to {days.en}")
        else:
            cut = by_percent(self.percent)
            how = Text(f"thêm {cut.vi}", f"by {cut.en}")
        return Text(
            f"Rút ngắn thời gian thực hiện bước {self.step} {how.vi}.",
            f"Shorten step {self.step} {how.en}.",
        )

    def _faults(self) -> Iterator[Fault]:
        yield from self._either_faults(
            "days",
            "percent",
            Text(
                "Thời gian mới của bước ghi bằng ngày hoặc bằng tỷ lệ cắt giảm.",
                "The new time of a step is given in days or as a cut in per cent.",
            ),
        )
        yield from self._number_faults("days", unit=DAYS)
        yield from self._number_faults("percent", 100, unit=PERCENT, zero=False)
