"""Drift: from computed statistics to a class, an urgency, and what code does about it."""
