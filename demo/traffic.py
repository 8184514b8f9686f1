"""A light, steady load on the endpoint, so that the alert rules have something to measure."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

RATE_PER_SECOND = 8.0
_WORKERS = 8


@dataclass(slots=True)
class Traffic:
    """What the load has seen so far."""

    answered: int = 0
    failed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, ok: bool) -> None:
        """Note one answer."""
        with self._lock:
            self.answered += ok
            self.failed += not ok


@contextmanager
def steady_traffic(url: str, body: Mapping[str, object]) -> Generator[Traffic]:
    """POST ``body`` to ``url`` about eight times a second from a few threads until the block ends."""
    traffic, stop = Traffic(), threading.Event()
    workers = [
        threading.Thread(target=_send, args=(url, body, traffic, stop, index), daemon=True)
        for index in range(_WORKERS)
    ]
    for worker in workers:
        worker.start()
    try:
        yield traffic
    finally:
        stop.set()
        for worker in workers:
            worker.join(timeout=10)


def _send(url: str, body: Mapping[str, object], traffic: Traffic, stop: threading.Event, index: int) -> None:
    every_seconds = _WORKERS / RATE_PER_SECOND
    with httpx.Client(timeout=10, trust_env=False) as client:
        delay = every_seconds * index / _WORKERS
        while not stop.wait(delay):
            delay = every_seconds
            try:
                traffic.count(ok=client.post(url, json=body).is_success)
            except httpx.HTTPError:
                traffic.count(ok=False)
