"""The page Thủ tục."""
