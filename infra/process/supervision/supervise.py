"""The supervisor's process: how it begins, and how it may be tied to the process that began it."""

from __future__ import annotations

import asyncio
import logging
import signal

from homeostat.errors import MachineError
from homeostat.log import configure_logging
from infra.process.processes.spawned import die_with_parent
from infra.process.site import ProcessSite
from infra.process.supervision.pace import Pace
from infra.process.supervision.supervisor import Declare, Supervisor


def supervise(site: ProcessSite, declare: Declare, pace: Pace, with_parent: int | None) -> None:
    """Run what ``declare`` names until SIGTERM, SIGINT or, with ``with_parent``, the parent's end.

    Raises:
        MachineError: when the parent ended before this process could be tied to it.
        HomeostatError: when what is declared can't be run.
    """
    configure_logging("supervisor")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # else every health check would be a line
    if with_parent is not None and not die_with_parent(with_parent, signal.SIGTERM):
        raise MachineError(f"process {with_parent}, which this platform was to end with, is gone.")
    asyncio.run(Supervisor(site, declare, pace).run())
