"""What an officer hands in: the plan as a workbook, later as a Word annex and charts."""
