"""The facade: every public name resolves, and importing it stays light."""

from __future__ import annotations

import subprocess
import sys

import pytest

import procsim as ps


@pytest.mark.parametrize("name", ps.__all__)
def test_every_public_name_resolves_and_is_documented(name):
    assert getattr(ps, name).__doc__


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
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
