"""The plan as a Word annex."""
