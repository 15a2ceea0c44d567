"""Targets, scorecards, and the choice of a plan."""
