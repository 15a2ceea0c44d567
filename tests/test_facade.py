"""The facade: every public name resolves, and importing it stays light."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import subprocess
import sys

import pytest

import procsim as ps


@pytest.mark.parametrize("name", ps.__all__)
def test_every_public_name_resolves_and_is_documented(name):
    assert getattr(ps, name).__doc__


def sections(documentation: str) -> set[str]:
    return set(re.findall(r"^(\w+)\n-{3,}$", documentation, flags=re.MULTILINE))


@pytest.mark.parametrize("name", sorted(ps.__all__))
def test_every_public_name_shows_how_it_is_used(name):
    # pytest runs the examples themselves (--doctest-modules).
    made = getattr(ps, name)
    documentation = inspect.getdoc(made)
    found = sections(documentation)
    assert "Examples" in found
    assert ">>>" in documentation
    if inspect.isclass(made):
        assert found & {"Parameters", "Attributes"}
        return
    signature = inspect.signature(made)
    assert "Parameters" in found or not signature.parameters
    assert "Returns" in found or signature.return_annotation in ("None", None)
    assert "Raises" in found or "raise " not in inspect.getsource(made)


@pytest.mark.parametrize("name", [n for n in ps.__all__ if inspect.isfunction(getattr(ps, n))])
def test_every_public_function_is_typed_whole(name):
    signature = inspect.signature(getattr(ps, name))
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
    assert signature.return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", [n for n in ps.__all__ if inspect.isfunction(getattr(ps, n))])
def test_the_portfolio_comes_first_and_a_plan_after_it(name):
    names = list(inspect.signature(getattr(ps, name)).parameters)
    if "portfolio" in names and not {"path", "card", "before"} & set(names):
        assert names[0] == "portfolio"
    if {"portfolio", "plan"} <= set(names):
        assert names.index("portfolio") < names.index("plan")


ORDERED = {
    "apply": {},
    "conflicts": {},
    "effects": {},
    "roadmap": {"on": dt.date(2026, 1, 1)},
    "scenarios": {},
    "tornado": {},
    "write_report": {"path": "x.xlsx"},
}


@pytest.mark.parametrize("name", ORDERED)
def test_swapped_arguments_are_refused_with_the_right_order(name):
    plan, portfolio = ps.Plan(), ps.load_sample()
    with pytest.raises(ps.InvalidValue) as error:
        getattr(ps, name)(plan, portfolio, **ORDERED[name])
    (fault,) = error.value.faults
    assert fault.code == "plan.order.swapped"
    assert fault.cure.en == f"Write {name}(portfolio, plan, …)."
    assert fault.value == "Plan, Portfolio"
    with pytest.raises(ps.InvalidValue, match="Portfolio, str"):
        getattr(ps, name)(portfolio, "NQ 66.7", **ORDERED[name])


def test_the_list_of_rooms_and_the_public_names_agree():
    assert sorted(ps._ROOM_OF) == sorted(ps.__all__)
    assert set(ps.__all__) <= set(dir(ps))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        getattr(ps, "simu" + "late")


def test_importing_and_using_the_library_loads_nothing_heavy():
    script = (
        "import procsim as ps, sys; [getattr(ps, n) for n in ps.__all__];"
        "print([m for m in ('sklearn', 'scipy', 'streamlit', 'openpyxl', 'altair', 'networkx')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.fixture
def _english():
    ps.set_language("en")
    yield
    ps.set_language("vi")


@pytest.mark.usefixtures("_english")
def test_one_language_rules_errors_faults_texts_and_views():
    portfolio = ps.load_sample()
    with pytest.raises(ps.UnknownName) as error:
        _ = portfolio["9.999999"]
    assert str(error.value).startswith("procedures: No procedure carries this code.")
    with pytest.raises(ps.InvalidValue, match="This is no day that could be read"):
        ps.due_date(portfolio, "1.004222", "ngày mai")
    faults = ps.check(portfolio)
    assert str(faults[0]) == faults[0].in_language("en")
    assert str(faults).splitlines()[0] == str(faults[0])
    assert faults.to_frame()["message"].tolist()[0] in {fault.message.en for fault in faults}
    explained = ps.explain(ps.mark(portfolio), "1.004222").text()
    assert explained.splitlines()[1] == "1. Preparing the dossier"
    assert ps.due_date(portfolio, "1.004222", "10/02/2026").text().startswith("Handed in on")
    ps.set_language("vi")
    assert str(error.value).startswith("procedures: Không có thủ tục nào")
    with pytest.raises(ps.UnknownName, match="fr"):
        ps.set_language("fr")


DAYS = ["2026-02-10", "10/02/2026", " 10-2-2026", dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)]


@pytest.mark.parametrize("day", DAYS)
def test_days_are_taken_as_officers_and_programs_write_them(day):
    due = ps.due_date(ps.load_sample(), "1.004222", day)
    assert (due.handed_in, due.due) == (dt.date(2026, 2, 10), dt.date(2026, 2, 26))


@pytest.mark.parametrize("day", ["2026", "10/2/26", "30/02/2026", "hôm nay", "", 46000, 20260210.0])
def test_what_is_no_day_is_refused_with_the_form(day):
    with pytest.raises(ps.InvalidValue, match="10/02/2026") as error:
        ps.due_date(ps.load_sample(), "1.004222", day)
    assert error.value.faults[0].place == "handed_in"


def test_a_year_stands_for_its_targets():
    measures = ps.measure(ps.load_sample())
    by_year = ps.scorecard(measures, measures, 2026).summary
    assert by_year.equals(ps.scorecard(measures, measures, ps.targets(2026)).summary)
