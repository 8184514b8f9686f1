"""What the tools of a pipeline print, understood: observations out of a run's log or a saved report."""
