"""The simulated homelab in a process of its own: it shares the cores with us, not the interpreter."""

from __future__ import annotations

import multiprocessing
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from infra.definition.document import Definition
from infra.proxmox.api.session import Session
from infra.proxmox.apply.apply import Manner, apply
from infra.proxmox.apply.reachable import assume_it_answers
from infra.proxmox.planning import plan
from tests.proxmox_simulator import Host
from tests.unit.infra.proxmox.site import GIB, TOKEN, open_site

HOST = Host("pve1", memory_bytes=1024 * GIB, cores=64)


class Apart:
    """The other process, told what to do by name."""

    def __init__(self, pipe: Connection, definition: Definition, secret: str) -> None:
        self._pipe = pipe
        self.definition = definition
        self._secret = secret

    def session(self) -> Session:
        """A session with it."""
        return Session.open(self.definition.proxmox, self._secret)

    def latency(self, seconds: float) -> None:
        """Answer every request that much later."""
        self._ask("latency", seconds)

    def slow(self, kind: str, seconds: float) -> None:
        """Let tasks of ``kind`` take that long."""
        self._ask("slow", (kind, seconds))

    def requests(self) -> int:
        """How many requests there were."""
        return self._ask("requests", None)

    def bring(self) -> None:
        """Make all machines."""
        with self.session() as session:
            outcome = apply(
                plan(self.definition, session),
                self.definition,
                session,
                lambda _name, _text: None,
                Manner(reachable=assume_it_answers, copies_at_a_time=32),
            )
        if outcome.failures:
            raise RuntimeError(str(outcome.failures))

    def _ask(self, what: str, value: Any) -> Any:
        self._pipe.send((what, value))
        return self._pipe.recv()


@contextmanager
def open_apart(folder: Path, nodes: tuple[dict[str, Any], ...]) -> Generator[Apart]:
    """Serve until the block is left."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, str(folder), nodes), daemon=True)
    process.start()
    try:
        definition, secret = ours.recv()
        yield Apart(ours, Definition.model_validate_json(definition), secret)
        ours.send(("end", None))
        process.join(30)
    finally:
        process.kill()


def _serve(pipe: Connection, folder: str, nodes: tuple[dict[str, Any], ...]) -> None:
    with open_site(Path(folder), hosts=(HOST,)) as site:
        pipe.send((site.definition(*nodes).model_dump_json(), site.proxmox.create_token(TOKEN)))
        while True:
            what, value = pipe.recv()
            if what == "end":
                return
            if what == "latency":
                site.proxmox.latency_seconds = value
            if what == "slow":
                site.proxmox.slow_task(*value)
            pipe.send(len(site.proxmox.requests))
