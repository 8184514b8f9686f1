"""When a connection is read: not while requests wait for their turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """uvicorn's, which every request resumes for its body, also while there are enough requests already."""

    def __init__(self, transport: asyncio.Transport, enough: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._enough = enough

    def resume_reading(self) -> None:
        """Read on, unless what was read is enough for now."""
        if not self._enough():
            super().resume_reading()
