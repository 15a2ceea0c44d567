"""The page Mạng lưới."""
