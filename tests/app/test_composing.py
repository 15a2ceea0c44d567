"""Offers of reforms: every kind can be made, by the reforms' own rules, into a plan."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

import procsim as ps
from procsim.errors import InvalidValue, UnknownName
from procsim.least_cost.proposals import Routes
from procsim.model import Portfolio
from procsim.reforms import KINDS, Plan
from procsim.store import Project, Store
from procsim.workflows.composing import (
    Field,
    Offer,
    add,
    common_fields,
    compose,
    new_conflicts,
    offers,
    own_fields,
    remove,
    same_target,
)

AT = dt.datetime(2026, 3, 2, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def one() -> Portfolio:
    """A procedure that every kind of reform fits, and a neighbour to merge it with."""
    return Portfolio.from_tables(
        {
            "procedures": pd.DataFrame(
                {
                    "id": ["1.000001", "1.000002", "1.000003"],
                    "name": ["Cấp giấy phép", "Cấp lại giấy phép", "Đã bãi bỏ"],
                    "ministry": "Bộ Tư pháp",
                    "levels": ["central;province", "commune", "commune"],
                    "online": ["none", "full", "none"],
                    "boundary_free": ["no", "yes", "no"],
                    "times_per_year": [2.0, None, 1.0],
                    "status": ["active", "active", "abolished"],
                }
            ),
            "cases": pd.DataFrame({"id": ["c1"], "procedure": ["1.000001"]}),
            "channels": pd.DataFrame(
                {
                    "id": ["k1"], "procedure": ["1.000001"], "method": ["counter"],
                    "limit_value": [20.0], "limit_unit": ["working_day"],
                }
            ),
            "fees": pd.DataFrame(
                {"id": ["f1"], "procedure": ["1.000001"], "kind": "phi", "amount_vnd": [5e5]}
            ),
            "requirements": pd.DataFrame(
                {
                    "id": ["r1", "r2", "r3"], "procedure": "1.000001", "case": "c1",
                    "position": [1, 2, 3], "name": ["Đơn", "Giấy khai sinh", "Lưu ý"],
                    "kind": ["form", "document", "note"], "papers": [1.0, 1.0, 0.0],
                    "types": ["", "giay_khai_sinh", ""], "originals": [1, 1, 0],
                }
            ),
            "steps": pd.DataFrame(
                {
                    "id": ["s1", "s2"], "procedure": "1.000001", "position": [1, 2],
                    "name": ["Nộp", "Thẩm định"], "actor": ["applicant", "office"],
                    "days": [None, 5.0],
                }
            ),
            "conditions": pd.DataFrame(
                {"id": ["d1"], "procedure": ["1.000001"], "text": ["Có trụ sở"]}
            ),
            "marks": pd.DataFrame(
                {
                    "id": ["m1"], "requirement": ["r2"], "document_type": ["giay_khai_sinh"],
                    "database": ["csdl_ho_tich"], "class": ["listed"], "coverage": [0.8],
                    "coverage_mark": ["công bố"],
                }
            ),
        }
    )  # fmt: skip


def _of(found: list[Offer], kind: str, target: str | None = None) -> Offer:
    return next(o for o in found if o.kind == kind and target in (None, o.target))


def _filled(each: Field) -> object:
    """A value that fits the field."""
    match each.kind:
        case "choice":
            return next(iter(each.options))
        case "choices":
            return each.value or (next(iter(each.options)),)
        case "percent" | "share":
            return 0.5
    return each.value


def test_every_kind_of_reform_is_offered_and_can_be_made(one: Portfolio) -> None:
    found = offers(one, "1.000001")
    assert {o.kind for o in found} == set(KINDS)
    for offer in found:
        asked = [each for each in own_fields(one, offer) if each.required or each.name == "percent"]
        reform = compose(offer, {each.name: _filled(each) for each in asked})
        assert reform.target == offer.target
        assert ps.apply(one, Plan([reform])) is not one


def test_offers_leave_out_what_does_not_fit(one: Portfolio) -> None:
    found = offers(one, "1.000001")
    assert not [o for o in found if o.target == "r3"]  # a note is never asked for
    assert not [o for o in found if o.kind == "shorten_step" and o.target == "s1"]
    assert offers(one, "1.000003") == []
    kinds = {o.kind for o in offers(one, "1.000002")}
    assert kinds == {"merge_procedures", "abolish_procedure"}
    with pytest.raises(UnknownName):
        offers(one, "9.999999")


def test_the_marks_of_a_paper_fill_its_replacement(one: Portfolio) -> None:
    offer = _of(offers(one, "1.000001"), "replace_by_data", "r2")
    values = {each.name: each.value for each in own_fields(one, offer)}
    assert values["document_types"] == ("giay_khai_sinh",)
    assert values["databases"] == ("csdl_ho_tich",)
    assert (values["coverage"], values["coverage_mark"]) == (0.8, "công bố")
    assert not values["part"]
    entered = compose(offer, {**values, "coverage": 0.6, "coverage_mark": ""})
    assert entered.coverage_mark == "nhập"


def test_what_is_entered_is_checked_by_the_reform_itself(one: Portfolio) -> None:
    offer = _of(offers(one, "1.000001"), "shorten_limit")
    assert compose(offer, {"percent": 0.3}).percent == 30.0
    with pytest.raises(InvalidValue, match="đúng một trong hai"):
        compose(offer, {"percent": 0.3, "days": 5.0})
    merge = _of(offers(one, "1.000001"), "merge_steps")
    with pytest.raises(InvalidValue):
        compose(merge, {})


def test_the_six_clarities_and_the_legal_route_can_be_given(one: Portfolio) -> None:
    offer = _of(offers(one, "1.000001"), "cut_condition")
    asked = {each.name: each for each in common_fields(Routes(one), offer)}
    assert asked["due"].kind == "date"
    assert asked["rank"].options["luat"].vi
    assert asked["rank"].value == "nghi_dinh"  # a condition never stands in a circular
    given = {name: each.value for name, each in asked.items()}
    reform = compose(offer, {**given, "owner": "Lan", "due": dt.date(2027, 3, 1)})
    assert reform.missing_clarities() == ()


@pytest.fixture
def project(one: Portfolio, tmp_path: Path) -> Project:
    with Store(tmp_path / "procsim.db") as store:
        yield store.create("Thử", one, who="Lan", at=AT)


def test_reforms_are_added_replaced_and_taken_out_of_a_plan(project: Project) -> None:
    offer = _of(offers(project.portfolio, "1.000001"), "shorten_limit")
    first, other = (compose(offer, {"days": days}) for days in (15.0, 10.0))
    project = project.act(add(project, "Đợt 1", [first]), who="Lan", at=AT)
    assert project.plans["Đợt 1"].reforms == (first,)
    assert new_conflicts(project.plans["Đợt 1"], [other], project.portfolio)
    with pytest.raises(InvalidValue):
        add(project, "Đợt 1", [other])
    again = same_target(project.plans["Đợt 1"], other)
    assert again == (first,)
    project = project.act(add(project, "Đợt 1", [other], again), who="Lan", at=AT)
    assert project.plans["Đợt 1"].reforms == (other,)
    project = project.act(remove(project, "Đợt 1", [other]), who="Lan", at=AT)
    assert project.plans["Đợt 1"].reforms == ()


def test_a_reform_that_cannot_be_applied_is_refused(project: Project) -> None:
    offer = _of(offers(project.portfolio, "1.000001"), "shorten_limit")
    with pytest.raises(InvalidValue):
        add(project, "Đợt 1", [compose(offer, {"days": 30.0})])  # it would become longer
