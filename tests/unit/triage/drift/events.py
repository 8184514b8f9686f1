"""Drift events as a detector posts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.triage.story import MODEL

OBSERVED = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)


def lost(loss: float = 0.2, n: int = 3000, **changes: Any) -> dict[str, Any]:
    """Accuracy that fell by ``loss``."""
    return {
        "statistic": "accuracy", "window": "7d", "baseline": 0.9, "current": round(0.9 - loss, 4), "n": n,
        **changes,
    }  # fmt: skip


def shifted(
    effect: float = 0.4, feature: str = "url_length", n: int = 3000, **changes: Any
) -> dict[str, Any]:
    """An input that moved so far."""
    return {
        "statistic": "feature_shift", "feature": feature, "window": "7d", "baseline": 24.0, "current": 57.0,
        "effect": effect, "n": n, **changes,
    }  # fmt: skip


def event(*statistics: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One event."""
    return {
        "model": MODEL,
        "version": "4",
        "detector": "nightly",
        "observed_at": OBSERVED.isoformat(),
        "statistics": list(statistics),
        **changes,
    }
