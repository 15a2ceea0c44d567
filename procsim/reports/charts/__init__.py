"""The charts that app, notebooks and reports share."""
