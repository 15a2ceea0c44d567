"""The gates that every file passes before a parser may read it."""
