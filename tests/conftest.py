"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# No test reads or writes what the user's own procsim keeps; those of the cache name a folder.
os.environ["PROCSIM_CACHE"] = "off"

# A loaded machine is slow, which says nothing about the code: speed is shown in
# tests/benchmarks as ratios within one run, never by a deadline.
settings.register_profile("procsim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("procsim")
