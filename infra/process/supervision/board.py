"""Where the keepers write down how their services are, and whence the status is read."""

from __future__ import annotations

import asyncio
from typing import Any

from infra.process.status import Phase, ServiceStatus, now


class Board:
    """The state of every service, and an event for whoever writes it down."""

    def __init__(self) -> None:
        self._services: dict[str, ServiceStatus] = {}
        self.changed = asyncio.Event()

    def __getitem__(self, service: str) -> ServiceStatus:
        return self._services[service]

    def services(self) -> tuple[ServiceStatus, ...]:
        """All of them, in the order in which they were added."""
        return tuple(self._services.values())

    def add(self, service: ServiceStatus) -> None:
        """Start to keep an eye on a service."""
        self._services[service.name] = service
        self.changed.set()

    def remove(self, service: str) -> None:
        """Forget ``service``."""
        self._services.pop(service, None)
        self.changed.set()

    def enter(self, service: str, phase: Phase, **changes: Any) -> None:
        """Write down that ``service`` is in ``phase``, with other ``changes`` of its status."""
        before = self._services[service]
        if before.phase is not phase:
            changes = {"since": now(), "doing": "", **changes}
        self.note(service, phase=phase, **changes)

    def note(self, service: str, **changes: Any) -> None:
        """Write down ``changes`` of the status of ``service``."""
        before = self._services[service]
        after = before.model_copy(update=changes)
        if after != before:
            self._services[service] = after
            self.changed.set()
