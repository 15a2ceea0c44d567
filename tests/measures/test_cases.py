from __future__ import annotations

import pytest

from tests.cases.runner import Case, differences, load

CASES = load("measures")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_hand_computed_case(case: Case):
    assert not differences(case, case.run())


def test_enough_cases_and_a_wrong_figure_is_noticed():
    assert len(CASES) >= 12
    case = next(c for c in CASES if "One form" in c.name)
    wrong = Case(case.file, case.name, case.given, {"1.000001": {"cost_vnd": 1}}, case.parameters)
    assert "275000.0, not 1" in differences(wrong, wrong.run())[0]


def test_reforms_without_a_room_that_applies_them_are_refused():
    case = Case("x.yaml", "x", {"procedures": [{"id": "1"}]}, {}, {}, ({"action": "drop"},))
    with pytest.raises(ValueError, match="nothing that applies them"):
        case.run()
    assert case.run(lambda reforms, portfolio: portfolio)["after"]["cost_vnd"].isna().all()
