"""Damaged and odd inputs for every reader and parser: a short run here, a long one in `long`."""
