"""Processes of a service: how they start, how they are known, and that none of them stays."""
