"""Fixtures of the stand-in's tests."""

from __future__ import annotations

from tests.apiserver import apiserver

__all__ = ["apiserver"]
