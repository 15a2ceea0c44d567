"""The page Tối ưu."""
