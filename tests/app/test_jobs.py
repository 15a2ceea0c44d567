"""Long work: runs once for equal content, reports, stops when asked, explains its faults."""

from __future__ import annotations

import threading
import time

import pytest

from procsim.app.shell.jobs import Cancelled, Job, Jobs, Report
from procsim.errors import Fault, InvalidValue, Text

WORDS = Text("Đang làm", "Working")


def over(job: Job, within: float = 5.0) -> Job:
    """Wait until a job is over."""
    end = time.monotonic() + within
    while job.active and time.monotonic() < end:
        time.sleep(0.005)
    assert not job.active
    return job


def test_a_result_is_kept_and_equal_work_runs_once() -> None:
    jobs, runs = Jobs(), []
    go = threading.Event()

    def work(report: Report) -> int:
        go.wait(5)
        runs.append(1)
        report(0.5, WORDS)
        return 42

    first = jobs.start("key", work)
    assert jobs.start("key", work) is first
    go.set()
    assert over(first).result == 42
    assert (first.status, first.fraction, first.words) == ("done", 1.0, WORDS)
    assert jobs.start("key", work) is first
    assert runs == [1]


def test_a_job_stops_at_its_next_report() -> None:
    jobs = Jobs()
    begun = threading.Event()

    def work(report: Report) -> None:
        while True:
            report(0.1, WORDS)
            begun.set()
            time.sleep(0.002)

    job = jobs.start("key", work)
    assert begun.wait(5)
    jobs.cancel("key")
    assert over(job).status == "cancelled"
    assert jobs.start("key", lambda _: 1) is not job


def test_work_that_ends_in_good_order_keeps_its_result() -> None:
    jobs = Jobs()

    def work(report: Report) -> str:
        while not report.cancelled():
            time.sleep(0.002)
        return "best so far"

    job = jobs.start("key", work)
    jobs.cancel("key")
    over(job)
    # Asked to stop before a thread took it up, it never begins.
    assert job.status in ("done", "cancelled")
    assert job.result in ("best so far", None)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidValue(Fault("ô B2", "x", Text("Không phải số.", "No number."))), "Không phải số"),
        (MemoryError(), "bộ nhớ"),
        (ZeroDivisionError("secret"), "Mã tra cứu"),
    ],
)
def test_a_fault_is_told_without_a_trace(error: Exception, words: str) -> None:
    def work(_: Report) -> None:
        raise error

    job = over(Jobs().start("key", work))
    assert job.status == "failed"
    assert job.fault is not None
    assert words in job.fault.in_language("vi")
    assert "secret" not in job.fault.in_language("vi")


def test_only_two_run_at_once_and_the_others_wait() -> None:
    jobs, go = Jobs(), threading.Event()
    made = [jobs.start(number, lambda _: go.wait(5)) for number in range(4)]
    end = time.monotonic() + 5
    while sum(job.status == "running" for job in made) < 2 and time.monotonic() < end:
        time.sleep(0.005)
    assert sorted(job.status for job in made) == ["running", "running", "waiting", "waiting"]
    jobs.cancel(3)
    go.set()
    assert [over(job).status for job in made] == ["done", "done", "done", "cancelled"]


def test_old_results_are_let_go_but_never_active_work() -> None:
    jobs, go = Jobs(), threading.Event()
    held = jobs.start("held", lambda _: go.wait(5))
    for number in range(40):
        over(jobs.start(number, lambda _: 1))
    assert jobs.get("held") is held
    assert jobs.get(0) is None
    assert jobs.get(39) is not None
    go.set()
    over(held)


def test_a_report_raises_once_it_is_to_stop() -> None:
    job = Job()
    report = Report(job)
    report(2.0, WORDS)
    assert job.fraction == 1.0
    job.stop.set()
    with pytest.raises(Cancelled):
        report(0.5, WORDS)
