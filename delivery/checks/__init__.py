"""The checks of a push: each passes, fails, or is skipped with its reason.

What did not run never counts as passed.
"""
