"""Workbooks that officers edit: the plan's sheet, the stamp, and reading back."""
