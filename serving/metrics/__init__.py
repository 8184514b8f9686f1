"""The numbers that alerts and diagnoses are made of, of all workers together."""

from __future__ import annotations

from serving.metrics.board import Board
from serving.metrics.exposition import CONTENT_TYPE
from serving.metrics.families import Refusal
from serving.metrics.layout import Layout
from serving.metrics.metrics import Metrics

__all__ = ["CONTENT_TYPE", "Board", "Layout", "Metrics", "Refusal"]
