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
