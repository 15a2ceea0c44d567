"""``procsim plan FILE --smallest --year 2025``: the least to amend and connect."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from procsim.cli.commands import marked
from procsim.cli.output import BLOCKED, DONE, STOPPED, emit, stage
from procsim.errors import Fault, InvalidValue
from procsim.language.i18n import bilingual, t

if TYPE_CHECKING:
    from procsim.least_cost.plan import SmallestPlan
    from procsim.model import Portfolio

__all__ = ["run_smallest", "target_rates"]

_TIME_LIMIT = 60.0


def target_rates(words: Sequence[str]) -> dict[str, float]:
    """Return the rates that ``--target time=0.3`` asks, by metric.

    ``0.3``, ``0,3`` and ``30%`` are the same.

    Raises
    ------
    InvalidValue
        With every word that is no rate.

    Examples
    --------
    >>> target_rates(["time=0.3", "cost=25%"])
    {'time': 0.3, 'cost': 0.25}
    """
    made: dict[str, float] = {}
    faults = []
    for word in words:
        metric, _, number = word.partition("=")
        percent = number.endswith("%")
        try:
            value = float(number.removesuffix("%").strip().replace(",", "."))
        except ValueError:
            key = "cli.smallest.target"
            faults.append(
                Fault("--target", word, bilingual(key), bilingual(f"{key}.cure"), code=key)
            )
            continue
        made[metric.strip()] = value / 100 if percent else value
    if faults:
        raise InvalidValue(faults)
    return made


def run_smallest(args: argparse.Namespace) -> int:
    """Look for the smallest plan, print it, and write it where asked.

    Ctrl-C stops the search and keeps the best plan found.

    Parameters
    ----------
    args
        ``file``, ``lang``, ``json``, ``on`` and the other words of reading;
        ``year``, ``target`` (list of ``metric=rate``), ``time_limit`` in seconds,
        ``output`` (workbook), ``save`` (plan file) and, where the parser has them,
        ``export_model`` (LP or MPS file), ``scope`` (list), ``tags`` and ``candidates``
        (a plan file to choose from).

    Returns
    -------
    int
        0 with a plan that meets the targets, 1 without, 130 after Ctrl-C.
    """
    from procsim.decisions import read_tag_lists, tag
    from procsim.least_cost.plan import smallest_plan

    rates = target_rates(args.target or ())
    tags = getattr(args, "tags", None)
    portfolio = tag(marked(args), read_tag_lists(tags) if tags else None, on=args.on)
    with stage("cli.smallest.stage", args.lang), _stoppable() as stopped:
        found = smallest_plan(
            portfolio,
            _given(args),
            year=args.year,
            target_rates=rates,
            scopes=tuple(getattr(args, "scope", None) or ("nation",)),
            time_limit=args.time_limit or _TIME_LIMIT,
            progress=_progress(args.lang),
            cancel=stopped.is_set,
            on=args.on,
        )
    if getattr(args, "export_model", None):
        found.write_model(args.export_model)
    if args.save:
        found.plan.write(args.save)
    if args.output:
        with stage("cli.stage.write", args.lang):
            _write(args, portfolio, found)
    if args.json:
        emit(found.as_dict(args.lang))
    else:
        print(found.text(args.lang))
    if found.status == "cancelled":
        return STOPPED
    return DONE if found.found else BLOCKED


def _given(args: argparse.Namespace) -> object:
    from procsim.reforms import Plan

    path: Path | None = getattr(args, "candidates", None)
    return None if path is None else Plan.read(path)


def _progress(language: str) -> Callable[[float, float, float], None] | None:
    """Return what prints each step of the search on standard error, where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def show(seconds: float, best: float, bound: float) -> None:
        words = t(
            "cli.smallest.progress",
            language,
            seconds=round(seconds),
            best="–" if best in (float("inf"), float("-inf")) or best != best else round(best, 1),
            bound="–" if abs(bound) == float("inf") or bound != bound else round(bound, 1),
        )
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)

    return show


@contextmanager
def _stoppable() -> Iterator[threading.Event]:
    """Let the first Ctrl-C stop the search only; a second one stops the program."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    before = signal.getsignal(signal.SIGINT)

    def stop(*_: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _write(args: argparse.Namespace, portfolio: Portfolio, found: SmallestPlan) -> None:
    """Write the workbook of the plan, with its scorecard."""
    from procsim.decisions import scorecard, targets
    from procsim.measures import measure
    from procsim.model import check
    from procsim.reforms import apply
    from procsim.reports.workbook import write_plan

    changed = apply(portfolio, found.plan)
    before, after = measure(portfolio), measure(changed)
    card = scorecard(
        before, after, targets(args.year), portfolio=changed, plan=found.plan, on=args.on
    )
    write_plan(
        portfolio,
        found.plan,
        args.output,
        before=before,
        after=after,
        card=card,
        faults=check(portfolio),
        language=args.lang,
        on=args.on,
    )
