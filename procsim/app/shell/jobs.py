"""Long work beside the pages: with progress, cancel, and a result that outlives a refresh."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal

import streamlit as st

from procsim.app.shell import show
from procsim.app.shell.session import language, say
from procsim.errors import ProcsimError, Text
from procsim.language.i18n import bilingual

LOG = logging.getLogger("procsim.app")
Status = Literal["waiting", "running", "done", "failed", "cancelled"]
_AT_ONCE = 2
_MOST_KEPT = 24


class Cancelled(Exception):
    """The officer stopped the work."""


@dataclass
class Job:
    """One piece of long work; the worker writes, the pages read.

    Attributes
    ----------
    status
        Where it stands.
    fraction, words
        How far it is (0 to 1), and what it does now.
    result
        What the work returned.
    fault
        Why it failed, in the words of the officer.
    """

    status: Status = "waiting"
    fraction: float = 0.0
    words: Text = field(default_factory=lambda: bilingual("app.job.waiting"))
    result: object = None
    fault: ProcsimError | Text | None = None
    stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.status in ("waiting", "running")


class Report:
    """What the work calls while it runs."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def __call__(self, fraction: float, words: Text) -> None:
        """Say how far the work is, 0 to 1; raises `Cancelled` once it is to stop."""
        self._job.fraction = min(1.0, max(0.0, fraction))
        self._job.words = words
        if self.cancelled():
            raise Cancelled

    def cancelled(self) -> bool:
        """Return whether the officer wants it to stop: for work that ends in good order."""
        return self._job.stop.is_set()


class Jobs:
    """The long work of one server; a key is content, so that equal work runs once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[Hashable, Job] = {}
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="procsim-job")

    def get(self, key: Hashable) -> Job | None:
        """Return the job of a key, if one was started."""
        with self._lock:
            return self._jobs.get(key)

    def start(self, key: Hashable, work: Callable[[Report], object]) -> Job:
        """Start work under a key; the job that is there already when it is active or done.

        Parameters
        ----------
        work
            Gets a `Report`; runs in another thread, so it must not draw on a page.
        """
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and (known.active or known.status == "done"):
                return known
            job = Job()
            self._jobs.pop(key, None)
            self._jobs[key] = job
            self._let_go()
        self._pool.submit(self._run, job, work)
        return job

    def active(self) -> int:
        """Return how many jobs wait or run."""
        with self._lock:
            return sum(job.active for job in self._jobs.values())

    def cancel(self, key: Hashable) -> None:
        """Ask a job to stop; it does so at its next report."""
        job = self.get(key)
        if job is not None:
            job.stop.set()

    def forget(self, key: Hashable) -> None:
        """Let go of a job that is over, so that it can be started again."""
        with self._lock:
            if key in self._jobs and not self._jobs[key].active:
                del self._jobs[key]

    def _let_go(self) -> None:
        over = [key for key, job in self._jobs.items() if not job.active]
        for key in over[: max(0, len(self._jobs) - _MOST_KEPT)]:
            del self._jobs[key]

    def _run(self, job: Job, work: Callable[[Report], object]) -> None:
        if job.stop.is_set():
            job.status = "cancelled"
            return
        job.status = "running"
        try:
            job.result = work(Report(job))
        except Cancelled:
            job.status = "cancelled"
        except ProcsimError as error:
            job.fault, job.status = error, "failed"
        except MemoryError:
            job.fault, job.status = bilingual("app.error.memory"), "failed"
        except Exception:
            # The last resort of a thread: the log has the details, the officer a number.
            reference = uuid.uuid4().hex[:8]
            LOG.exception("reference %s", reference)
            job.fault = bilingual("app.error.unexpected", reference=reference)
            job.status = "failed"
        else:
            job.fraction, job.status = 1.0, "done"


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the long work of this server."""
    return Jobs()


def begin(key: Hashable, work: Callable[[Report], object]) -> None:
    """Start work under a key, as a button does; see `Jobs.start`."""
    jobs().start(key, work)


def follow(
    key: Hashable, *, name: str, failed: Callable[[ProcsimError], None] = show.failure
) -> Job | None:
    """Show a job on the page: progress and a button to stop it, or why it failed.

    The page runs again by itself once the work is over, also after a refresh in the
    middle of it.

    Parameters
    ----------
    name
        Name of the widgets, unique on the page.
    failed
        Shows what was wrong with the officer's input.

    Returns
    -------
    Job or None
        The job when it is over; None while it runs, or when there is none.
    """
    job = jobs().get(key)
    if job is None:
        return None
    if job.active:
        _watch(key, name)
        return None
    if job.status == "cancelled":
        st.info(say("job.cancelled"))
    elif isinstance(job.fault, ProcsimError):
        failed(job.fault)
    elif job.fault is not None:
        st.error(job.fault.in_language(language()))
    return job


@st.fragment(run_every=1.5)
def _watch(key: Hashable, name: str) -> None:
    job = jobs().get(key)
    if job is None or not job.active:
        st.rerun()
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.progress(job.fraction, text=job.words.in_language(language()))
    right.button(
        say("job.stop"),
        key=f"{name}.stop",
        on_click=jobs().cancel,
        args=(key,),
        disabled=job.stop.is_set(),
        width="stretch",
    )
