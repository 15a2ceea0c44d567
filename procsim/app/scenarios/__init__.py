"""The page Kịch bản."""
