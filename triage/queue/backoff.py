"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling waits with full jitter, so that jobs that failed together don't come back together."""

    base_seconds: float = 2.0
    most_seconds: float = 300.0
    chance: random.Random = field(default_factory=random.Random)

    def after(self, attempt: int) -> timedelta:
        """The wait after attempt number ``attempt`` (from 1) failed."""
        ceiling = min(self.most_seconds, self.base_seconds * 2 ** min(attempt - 1, 30))
        return timedelta(seconds=self.chance.uniform(self.base_seconds / 2, ceiling))
