"""One process of a service: how it is started, and how it and everything that it started end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.linux.proc import Identity, identity
from infra.linux.sweep import sweep
from infra.process.processes import spawned
from infra.process.state.logs import open_log


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that a process is started with."""

    service: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    logs: Path
    #: carried by this process and all that it starts, and by nothing else
    mark: str
    inherited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Child:
    """A running process of a service, the leader of its own session."""

    process: asyncio.subprocess.Process
    mark: str
    identity: Identity | None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.returncode

    async def wait(self) -> int:
        """Wait for its end, and return its exit code (negative: the signal that ended it)."""
        return await self.process.wait()

    async def stop(self, drain_seconds: float) -> None:
        """Let it finish what it does, for ``drain_seconds`` at most; leave none of its processes behind."""
        if self.exit_code is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), drain_seconds)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    os.killpg(self.pid, signal.SIGKILL)
                await self.process.wait()
        await self.bury()

    async def bury(self) -> None:
        """End what the process started and left."""
        await asyncio.to_thread(sweep, self.mark)


async def spawn(order: Order) -> Child:
    """Start a process whose life is tied to this one's.

    Raises:
        OSError: when the machine can't start it or can't write its log.
    """
    log = open_log(order.logs, order.service)
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", spawned.__file__, str(os.getpid())),
            *order.argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=order.folder,
            env=dict(order.environment),
            pass_fds=order.inherited,
            start_new_session=True,
        )
    finally:
        os.close(log)
    return Child(process, order.mark, identity(process.pid))
