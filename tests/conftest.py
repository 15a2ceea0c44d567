"""Settings of all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

# No test reads or writes what the user's own procsim keeps; those of the cache name a folder.
os.environ["PROCSIM_CACHE"] = "off"

# A loaded machine is slow, which says nothing about the code: speed is shown in
# tests/benchmarks as ratios within one run, never by a deadline.
settings.register_profile("procsim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("procsim")

TESTS = Path(__file__).parent
# Browsers, servers, processes, real records, hostile files, models learned or solved anew.
SLOW = (
    "app",
    "benchmarks",
    "cli",
    "decisions",
    "dossier",
    "faults",
    "fuzz",
    "least_cost",
    "marking",
    "measures/test_clocks.py",
    "measures/test_decompose.py",
    "measures/test_network_chains.py",
    "measures/test_similar.py",
    "model/test_diff.py",
    "notebooks",
    "packaging",
    "readers",
    "reforms/test_attribution.py",
    "reforms/test_plan_sheet.py",
    "reforms/test_resolution_66_7.py",
    "reports",
    "store",
    "test_sample.py",
    "test_types.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test: slow by its place or its many examples, else quick; doctests are slow."""
    folders = [TESTS / place for place in SLOW]
    for item in items:
        many = is_hypothesis_test(getattr(item, "obj", None))
        example = isinstance(item, pytest.DoctestItem)
        slow = many or example or any(item.path.is_relative_to(folder) for folder in folders)
        item.add_marker("slow" if slow else "quick")
