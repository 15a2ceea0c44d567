"""Benchmarks: each prints its own table; pytest only checks that the ways agree."""
