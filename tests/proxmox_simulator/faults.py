"""Failures of requests that a test asks for."""

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

#: in place of a status: the connection is closed without an answer
CLOSE_CONNECTION = 0


@dataclass(slots=True)
class Fault:
    """The next `times` requests that match get `status` instead of their answer.

    Attributes:
        path_pattern: as of a shell, below /api2/json: `/nodes/*/qemu/*/clone`; `*` goes past slashes.
        after_effect: the request is done, only its answer is lost.
    """

    method: str
    path_pattern: str
    status: int
    times: int
    after_effect: bool
    message: str


@dataclass(slots=True)
class Faults:
    """What is still to fail."""

    _pending: list[Fault] = field(default_factory=list[Fault])
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Ask for a failure."""
        with self._guard:
            self._pending.append(fault)

    def clear(self) -> None:
        """Let everything succeed again."""
        with self._guard:
            self._pending.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, which counts it down."""
        with self._guard:
            for fault in self._pending:
                if (
                    fault.times > 0
                    and fault.method in (method, "*")
                    and fnmatchcase(path, fault.path_pattern)
                ):
                    fault.times -= 1
                    return fault
        return None
