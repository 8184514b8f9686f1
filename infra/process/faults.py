"""The switch that makes a model server slow on purpose, so that alerting and triage can be seen at work.

Only this provider hands servers the name of the file; anywhere else a server has no such switch.
"""

from __future__ import annotations

import json
from pathlib import Path

from homeostat import atomic
from homeostat.errors import Refused
from infra.process.status import PlatformStatus

MODEL_PREFIX = "model-"
_FILE = "faults.json"


def slow(platform: PlatformStatus, model: str, delay_seconds: float) -> Path:
    """Let every prediction of ``model`` take ``delay_seconds`` longer.

    Raises:
        Refused: when no such model is served, or the delay is not between 0 and 60 seconds.
    """
    if not 0 < delay_seconds <= 60:
        raise Refused(f"--seconds is {delay_seconds:g}; it must be above 0 and at most 60.")
    path = fault_file(platform, model)
    atomic.write_text(path, json.dumps({"predict_delay_seconds": delay_seconds}) + "\n")
    return path


def clear(platform: PlatformStatus, model: str) -> bool:
    """End the fault of ``model``; False when there was none.

    Raises:
        Refused: when no such model is served.
    """
    path = fault_file(platform, model)
    was_there = path.exists()
    path.unlink(missing_ok=True)
    return was_there


def fault_file(platform: PlatformStatus, model: str) -> Path:
    """Where the server of ``model`` looks for its faults.

    Raises:
        Refused: when no such model is served.
    """
    served = [
        service.name.removeprefix(MODEL_PREFIX)
        for service in platform.services
        if service.name.startswith(MODEL_PREFIX)
    ]
    if model not in served:
        known = ", ".join(sorted(served)) or "none yet"
        raise Refused(f"no model '{model}' is served here; served are: {known}.")
    return platform.state / "services" / f"{MODEL_PREFIX}{model}" / _FILE
