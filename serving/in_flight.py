"""The requests that this worker is answering right now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class InFlight:
    """uvicorn keeps one task for each request: this is its set, made before the server is."""

    tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])

    def alone(self) -> bool:
        """Whether the request that asks is the only one: nobody waits while it computes."""
        return len(self.tasks) <= 1
