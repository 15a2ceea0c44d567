"""The plan as a workbook, sheet by sheet."""
