"""The page Tham số."""
