"""What does not go together in a plan is found before it is applied, and explained."""

from __future__ import annotations

import pytest

from procsim.errors import InvalidValue
from procsim.reforms import (
    AbolishProcedure,
    AcceptCopy,
    CutCondition,
    CutFee,
    Decentralise,
    DropRequirement,
    DropStep,
    ExtendValidity,
    FreeFromBoundaries,
    MergeProcedures,
    MergeRequirements,
    MergeSteps,
    MoveOnline,
    ParallelSteps,
    Plan,
    SelfDeclare,
    ShortenLimit,
    ShortenStep,
    SimplifyCondition,
    apply,
    conflicts,
)
from tests.reforms.small import P, portfolio

P2, P3 = "1.000002", "1.000003"
BASE = portfolio(
    requirements=[{"kind": "form"}, {"originals": 1}, {"originals": 1}, {"procedure": P2}],
    channels=[{"limit_value": 20.0}, {"limit_value": 20.0}, {"procedure": P2, "limit_value": 9.0}],
    fees=[{"amount_vnd": 50000.0, "channel": f"{P}/k1"}],
    procedures=[
        {"levels": "central", "times_per_year": 2.0, "subjects_per_year": 100.0},
        {"levels": "province", "times_per_year": 1.0, "subjects_per_year": 50.0},
        {"boundary_free": "yes", "online": "full", "levels": "commune"},
    ],
    steps=[{"days": 1.0}, {"days": 5.0}, {"days": 3.0}, {"days": 2.0}, {"procedure": P2}],
    flow=[(1, 2), (2, 3), (3, 4)],
    conditions=[{}, {}, {"status": "cut"}],
)


def r(number: int) -> str:
    return f"{P}/c1/r{number}"


def s(number: int) -> str:
    return f"{P}/s{number}"


def d(number: int) -> str:
    return f"{P}/d{number}"


ERROR, WARNING, NOTE = "error", "warning", "note"
CASES = {
    "a step that is dropped is shortened": (
        [ShortenStep(s(2), days=1), DropStep(s(2))],
        [("meaningless", WARNING, 1)],
    ),
    "a step in two mergers": (
        [MergeSteps(s(1), (s(2),)), MergeSteps(s(3), (s(2),))],
        [("contradictory", ERROR, 2), ("meaningless", WARNING, 2)],
    ),
    "a merged step gets days of its own": (
        [MergeSteps(s(1), (s(2),)), ShortenStep(s(1), days=1)],
        [("contradictory", ERROR, 2)],
    ),
    "a step in two parallel sets": (
        [ParallelSteps(s(1), (s(2),)), ParallelSteps(s(2), (s(3),))],
        [("contradictory", ERROR, 2)],
    ),
    "merged and then side by side with another": (
        [MergeSteps(s(1), (s(2),)), ParallelSteps(s(1), (s(3),))],
        [("order_matters", WARNING, 2)],
    ),
    "two of three in a row side by side": (
        [ParallelSteps(s(1), (s(3),))],
        [("step_between", ERROR, 1)],
    ),
    "the first and the third merged": ([MergeSteps(s(1), (s(3),))], [("step_between", ERROR, 1)]),
    "the one between is dropped too": ([ParallelSteps(s(1), (s(3),)), DropStep(s(2))], []),
    "a paper that is dropped is merged": (
        [DropRequirement(r(2)), MergeRequirements(r(1), (r(2),))],
        [("meaningless", WARNING, 2)],
    ),
    "papers merged into one that is dropped": (
        [MergeRequirements(r(1), (r(2),)), DropRequirement(r(1))],
        [("meaningless", WARNING, 1)],
    ),
    "a paper merged into two others": (
        [MergeRequirements(r(1), (r(3),)), MergeRequirements(r(2), (r(3),))],
        [("contradictory", ERROR, 2), ("meaningless", WARNING, 2)],
    ),
    "papers merged in a circle": (
        [MergeRequirements(r(1), (r(2),)), MergeRequirements(r(2), (r(1),))],
        [
            ("merge_circle", ERROR, 1),
            ("merge_circle", ERROR, 2),
            ("meaningless", WARNING, 1),
            ("meaningless", WARNING, 2),
        ],
    ),
    "a copy of a paper that is declared": (
        [AcceptCopy(r(2)), SelfDeclare(P)],
        [("meaningless", WARNING, 1)],
    ),
    "a copy of the form that stays": (
        [AcceptCopy(r(1)), SelfDeclare(P)],
        [("no_effect", WARNING, 1)],
    ),
    "a change of a procedure that is merged away": (
        [ShortenLimit(P2, days=3), MergeProcedures(P, (P2,))],
        [("meaningless", WARNING, 1)],
    ),
    "a change of a step of a procedure that is abolished": (
        [AbolishProcedure(P), DropStep(s(1)), CutCondition(d(1))],
        [("meaningless", WARNING, 2), ("meaningless", WARNING, 3)],
    ),
    "abolished and merged": (
        [AbolishProcedure(P2), MergeProcedures(P, (P2,))],
        [("meaningless", WARNING, 2)],
    ),
    "a circle of three mergers of procedures": (
        [MergeProcedures(P, (P2,)), MergeProcedures(P2, (P3,)), MergeProcedures(P3, (P,))],
        [("merge_circle", ERROR, position) for position in (1, 2, 3)]
        + [("meaningless", WARNING, position) for position in (1, 2, 3)]
        + [("volume_missing", NOTE, position) for position in (2, 3)],
    ),
    "a procedure merged into two": (
        [MergeProcedures(P, (P2,)), MergeProcedures(P3, (P2,), 10)],
        [("contradictory", ERROR, 2), ("meaningless", WARNING, 2)],
    ),
    "volumes that cannot be added": ([MergeProcedures(P, (P3,))], [("volume_missing", NOTE, 1)]),
    "cut and simplified": (
        [SimplifyCondition(d(1), "Gọn hơn"), CutCondition(d(1))],
        [("contradictory", ERROR, 2)],
    ),
    "cut already": ([CutCondition(d(3))], [("meaningless", WARNING, 1)]),
    "decentralised to two levels": (
        [Decentralise(P, "province"), Decentralise(P, "commune")],
        [("contradictory", ERROR, 2)],
    ),
    "decentralised upwards": ([Decentralise(P3, "province")], [("level_up", ERROR, 1)]),
    "a limit set twice": (
        [ShortenLimit(P, days=5), SelfDeclare(P, days=3)],
        [("contradictory", ERROR, 2)],
    ),
    "times set twice": (
        [ExtendValidity(P, times_per_year=1), ExtendValidity(P, percent=50)],
        [("contradictory", ERROR, 2)],
    ),
    "times of a procedure that takes in another": (
        [ExtendValidity(P, times_per_year=1), MergeProcedures(P, (P2,))],
        [("order_matters", WARNING, 1)],
    ),
    "times that nobody knows": ([ExtendValidity(P3, percent=50)], [("times_missing", ERROR, 1)]),
    "two online levels": (
        [MoveOnline(P, "full"), MoveOnline(P, "partial")],
        [("contradictory", ERROR, 2)],
    ),
    "an online channel is opened and the counter's limit cut": (
        [MoveOnline(P), ShortenLimit(P, days=3, channel=f"{P}/k1")],
        [("order_matters", WARNING, 2)],
    ),
    "a fee of a way that is not offered": (
        [CutFee(P, amount_vnd=0, channel_method="online")],
        [("fee_of_channel", ERROR, 1)],
    ),
    "the same once online is opened": (
        [CutFee(P, amount_vnd=0, channel_method="online"), MoveOnline(P)],
        [],
    ),
    "what is so already": (
        [FreeFromBoundaries(P3), Decentralise(P2, "province"), ParallelSteps(s(1), (s(2),))],
        [("no_effect", WARNING, 1), ("no_effect", WARNING, 2)],
    ),
    "the same twice": (
        [DropStep(s(2)), DropStep(s(2)), MoveOnline(P), MoveOnline(P)],
        [("repeated", WARNING, 2), ("repeated", WARNING, 4)],
    ),
    "what is not there, or elsewhere": (
        [DropStep(f"{P}/s9"), MergeSteps(s(1), (f"{P2}/s5",)), SelfDeclare(P, (f"{P2}/c1/r4",))],
        [("unknown_target", ERROR, position) for position in (1, 2, 3)],
    ),
    "a form cannot be declared away": ([SelfDeclare(P, (r(1), r(2)))], [("form_stays", ERROR, 1)]),
}


@pytest.mark.parametrize("name", CASES)
def test_conflict_is_found_and_explained_in_two_languages(name: str):
    reforms, wanted = CASES[name]
    found = conflicts(BASE, Plan(reforms))
    assert [
        (f.code.removeprefix("plan."), f.severity, int(f.place.split(" › ")[1])) for f in found
    ] == wanted
    for fault in found:
        assert all(fault.message)
        assert all(fault.cure)
        assert fault.message.vi != fault.message.en


def test_papers_of_two_cases_cannot_be_merged():
    base = portfolio(requirements=[{}, {"case": f"{P}/c2"}])
    (fault,) = conflicts(base, Plan([MergeRequirements(r(1), (r(2),))]))
    assert fault.code == "plan.other_case"


def test_steps_that_run_side_by_side_already_are_said():
    base = portfolio(steps=[{}, {}, {}], flow=[(1, 2), (1, 3)])
    plan = Plan([ParallelSteps(s(2), (s(3),))])
    (fault,) = conflicts(base, plan)
    assert fault.code == "plan.no_effect"
    assert apply(base, plan).flow.equals(base.flow)


def test_the_one_in_the_way_is_named():
    with pytest.raises(InvalidValue, match=s(2)) as error:
        apply(BASE, Plan([MergeSteps(s(1), (s(3),))]))
    assert error.value.faults[0].value == s(2)
