"""Every dashboard, by the name of its file."""

from __future__ import annotations

from collections.abc import Mapping

from alerting.dashboards import models, platform, serving, training, triage
from alerting.dashboards.board import Board

BOARDS: Mapping[str, Board] = {
    "models": models.BOARD,
    "platform": platform.BOARD,
    "serving": serving.BOARD,
    "training": training.BOARD,
    "triage": triage.BOARD,
}
