"""Which loopback port each service listens on: the wished one when it is free, and the same one ever after.

The choice is remembered in the state folder, so that addresses survive a restart. A port that something else
listens on is replaced by the next free one, and who asked for what is kept, so that a person can be told.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from homeostat import atomic
from homeostat.config import Document
from homeostat.errors import MachineError
from infra.process.errors import UnknownServiceError

LOOPBACK = "127.0.0.1"
#: how far above a wished port a free one is looked for before any is taken
NEIGHBOURS = 200


class Choice(Document):
    """The port that a service has, and the one that was wished for it."""

    port: int
    wished: int


_CHOICES = TypeAdapter(dict[str, Choice])


def is_free(port: int) -> bool:
    """Whether nothing listens on the loopback ``port``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as servers do: connections that wait to die (TIME_WAIT) don't count, listeners do
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def any_free_port() -> int:
    """A port that the kernel holds to be free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class PortBook:
    """The ports of the services of one state folder."""

    def __init__(self, path: Path, wishes: Mapping[str, int], free: Callable[[int], bool] = is_free) -> None:
        self._path = path
        self._wishes = dict(wishes)
        self._free = free
        self._defaults: dict[str, int] = {}
        self._choices: dict[str, Choice] = _remembered(path)
        self._lock = threading.Lock()

    def declare(self, service: str, default: int) -> None:
        """Let ``service`` have ``default`` unless the owner of the clone wished otherwise."""
        self._defaults[service] = default

    def revisit(self) -> None:
        """Before anything of ours runs: forget choices whose port is taken or is no longer the wish."""
        with self._lock:
            self._choices = {
                service: choice
                for service, choice in self._choices.items()
                if self._free(choice.port) and choice.wished == self._wishes.get(service, choice.wished)
            }

    def port(self, service: str) -> int:
        """The port of ``service``, chosen now when it has none.

        Raises:
            UnknownServiceError: when no such service was declared here.
            MachineError: when no port is free.
        """
        with self._lock:
            if service not in self._choices:
                wished = self._wishes.get(service, self._defaults.get(service))
                if wished is None:
                    known = ", ".join(sorted({*self._defaults, *self._choices})) or "none yet"
                    raise UnknownServiceError(f"no service '{service}' listens here; known are: {known}.")
                self._choices[service] = Choice(port=self._choose(service, wished), wished=wished)
                self._remember()
            return self._choices[service].port

    def wished(self, service: str) -> int:
        """The port that was asked for, by the owner of the clone or by the service's room."""
        self.port(service)
        return self._choices[service].wished

    def _choose(self, service: str, wished: int) -> int:
        taken = {choice.port for choice in self._choices.values()}
        others = {**self._defaults, **self._wishes}
        promised = {port for other, port in others.items() if other != service and port != wished}
        for candidate in _candidates(wished):
            if candidate not in taken | promised and self._free(candidate):
                return candidate
        raise MachineError(f"no port from {wished} on is free for {service}: stop what listens there.")

    def _remember(self) -> None:
        content = {service: choice.model_dump() for service, choice in sorted(self._choices.items())}
        atomic.write_text(self._path, json.dumps(content, indent=2) + "\n")


def _candidates(wished: int) -> Iterator[int]:
    yield from range(wished, min(wished + NEIGHBOURS, 65535) + 1)
    for _ in range(NEIGHBOURS):
        yield any_free_port()


def _remembered(path: Path) -> dict[str, Choice]:
    try:
        return _CHOICES.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return {}  # a damaged memory costs new ports, nothing else
