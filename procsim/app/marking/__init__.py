"""The page Đánh dấu giấy tờ."""
