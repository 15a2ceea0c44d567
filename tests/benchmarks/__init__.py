"""Benchmarks: each prints its own table; pytest only checks that the ways agree."""

import os

# What an earlier run has read would pass for speed; the one that measures it names a folder.
os.environ["PROCSIM_CACHE"] = "off"
