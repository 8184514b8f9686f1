"""The platform's reading of schedules, for tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from infra.playbooks.calendar import on_calendar


class FilterModule:
    """The filters of this file, by the names that tasks use."""

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Name -> filter."""
        return {"on_calendar": on_calendar}
