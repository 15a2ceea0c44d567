"""Procedure maps and Gantt charts as pictures."""
