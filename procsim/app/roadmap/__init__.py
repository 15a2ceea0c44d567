"""The page Lộ trình."""
