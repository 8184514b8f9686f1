"""Requests to a predictor for as long as a block lasts, and what became of each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from demo.chapters.predict import sample_rows, v2_body


@dataclass
class Load:
    """What clients saw: the versions that answered, and every request that was not answered with 200."""

    versions: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def load_on(url: str, model: str, clients: int = 4) -> Iterator[Load]:
    """Clients that keep their connections open, as real ones do, and one that opens one a request."""
    load, done = Load(), threading.Event()
    body = v2_body(sample_rows(1))

    def ask(client: httpx.Client) -> None:
        try:
            answer = client.post(f"/v2/models/{model}/infer", json=body)
        except httpx.HTTPError as error:
            load.failures.append(repr(error))
            return
        if answer.status_code == 200:
            load.versions.append(answer.json()["model_version"])
        else:
            load.failures.append(f"{answer.status_code}: {answer.text[:200]}")

    def keep_asking(kept: int) -> None:
        limits = httpx.Limits(max_keepalive_connections=kept)
        with httpx.Client(base_url=url, trust_env=False, timeout=30, limits=limits) as client:
            while not done.wait(0.01):
                ask(client)

    threads = [threading.Thread(target=keep_asking, args=(min(number, 1),)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        done.set()
        for thread in threads:
            thread.join()
