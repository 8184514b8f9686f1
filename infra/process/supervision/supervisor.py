"""The one process that keeps the platform running, and takes it along when it goes.

It starts what the rooms declare, follows the local forge's main, writes down how things are, and keeps the
logs bounded. However it ends, no process of the platform outlives it: its children are tied to it by the
kernel, a warden ends their children, and the next run sweeps before it starts anything.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Mapping

import structlog

from homeostat.errors import HomeostatError
from homeostat.service import Service, Site
from infra import disk
from infra.linux.marks import MARKS_VARIABLE, mark_of_state, with_marks
from infra.linux.proc import identity
from infra.linux.sweep import sweep
from infra.process import ownership
from infra.process.processes.warden import warden
from infra.process.site import ProcessSite
from infra.process.state import deployed, logs
from infra.process.state.lock import supervisor_lock
from infra.process.state.targets import clear_targets
from infra.process.status import PlatformPhase, PlatformStatus, now, write_status
from infra.process.supervision.board import Board
from infra.process.supervision.fleet import Fleet
from infra.process.supervision.ground import Ground
from infra.process.supervision.health import Health
from infra.process.supervision.pace import Pace

#: what the rooms want to run at a site
Declare = Callable[[Site], Mapping[str, Service]]

_LOGS_SECONDS = 5.0
#: so that a burst of changes is written once
_GATHER_SECONDS = 0.05


class Supervisor:
    """Runs the services that ``declare`` names at ``site`` until it is asked to stop."""

    def __init__(self, site: ProcessSite, declare: Declare, pace: Pace) -> None:
        self._site = site
        self._declare = declare
        self._pace = pace
        self._log = structlog.stdlib.get_logger()
        self._phase = PlatformPhase.STARTING
        self._since = now()
        self._deployed = deployed.deployed(site.manifests_link)
        #: what could not be deployed; not tried again until the next push
        self._refused: str | None = None
        self._board = Board()
        #: where a problem comes from, and its sentence
        self._problems: dict[str, str] = {}
        self._stopping = asyncio.Event()
        self._mark = f"{mark_of_state(site.state)}.{secrets.token_hex(4)}"

    async def run(self) -> None:
        """Supervise until SIGTERM or SIGINT; nothing of the platform runs then.

        Raises:
            AlreadyRunning: when another supervisor runs for the same state folder.
            HomeostatError: when what the rooms declare can't be run; the status says so too.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        with supervisor_lock(self._site.state):
            ownership.claim(self._site.state)
            await asyncio.to_thread(sweep, mark_of_state(self._site.state))
            self._site.ports.revisit()
            clear_targets(self._site.scrape_targets)
            state, run = mark_of_state(self._site.state), self._mark
            os.environ[MARKS_VARIABLE] = with_marks(os.environ, state, run)
            with warden(run) as pid:
                await self._supervise(pid)

    async def _supervise(self, warden_pid: int) -> None:
        health = Health(self._pace.answer_seconds)
        fleet = Fleet(Ground(self._site, self._pace, self._board, health, self._mark))
        chores = [asyncio.create_task(self._write_changes()), asyncio.create_task(self._bound_logs())]
        try:
            await self._take_up_first(fleet)
            while not self._stopping.is_set():
                if self._phase is PlatformPhase.STARTING and fleet.is_up():
                    self._enter(PlatformPhase.RUNNING)
                await self._follow_the_forge(fleet)
        except Exception as error:
            expected = isinstance(error, HomeostatError)
            self._problems["start"] = str(error) if expected else f"{type(error).__name__}: {error}"
            self._enter(PlatformPhase.FAILED)
            raise
        finally:
            if self._phase is not PlatformPhase.FAILED:
                self._enter(PlatformPhase.STOPPING)
            await fleet.stop()
            await asyncio.to_thread(sweep, self._mark, [warden_pid])
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            self._write()
            await health.close()

    async def _follow_the_forge(self, fleet: Fleet) -> None:
        """Wait for the next look, and take up what was pushed since the last one."""
        try:
            await asyncio.wait_for(self._stopping.wait(), self._pace.look_seconds)
        except TimeoutError:
            pass
        else:
            return
        head = await asyncio.to_thread(self._head)
        if head and head not in {self._deployed, self._refused}:
            await self._take_up(fleet, head)

    async def _take_up_first(self, fleet: Fleet) -> None:
        """Take up what main says or, when that can't be, what was deployed before it."""
        if head := self._head():
            await self._take_up(fleet, head)
        if head is None or head == self._refused:
            await fleet.adopt(await asyncio.to_thread(self._declare, self._site))

    async def _take_up(self, fleet: Fleet, commit: str) -> None:
        site = self._site
        try:
            exported = await asyncio.to_thread(deployed.export, site.forge, commit, site.manifests_link)
            await fleet.adopt(await asyncio.to_thread(self._declare, site.taking_up(exported)))
            await asyncio.to_thread(deployed.deploy, exported, site.manifests_link)
        except Exception as error:  # noqa: BLE001 - what was pushed may be anything; what runs must run on
            self._refused = commit
            self._problems["deploy"] = f"{commit[:12]} can't be deployed: {error}"
            self._log.error("deploy failed", commit=commit, error=str(error))
        else:
            self._deployed, self._refused = commit, None
            self._problems.pop("deploy", None)
            self._log.info("deployed", commit=commit)
        self._board.changed.set()

    def _head(self) -> str | None:
        try:
            head = deployed.head(self._site.forge)
        except (OSError, subprocess.SubprocessError) as error:
            self._problems["forge"] = f"the forge can't be read: {error}"
            return self._deployed
        self._problems.pop("forge", None)
        return head

    def _enter(self, phase: PlatformPhase) -> None:
        self._phase = phase
        self._since = now()
        self._log.info("supervisor", phase=phase.value)
        self._board.changed.set()

    async def _write_changes(self) -> None:
        while True:
            await self._board.changed.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._board.changed.clear()
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        try:
            write_status(self._status())
            self._problems.pop("status", None)
        except OSError as error:
            # the status command looks at the disk itself, so a person is told all the same
            self._problems["status"] = disk.explain(error, self._site.state)
            self._log.error("status not written", error=str(error))

    async def _bound_logs(self) -> None:
        while True:
            running = [service.name for service in self._board.services()]
            try:
                await asyncio.to_thread(logs.bound, self._site.logs, ["supervisor", *running])
            except OSError as error:
                self._problems["logs"] = disk.explain(error, self._site.logs)
            else:
                self._problems.pop("logs", None)
            self._tell_about_the_disk()
            await asyncio.sleep(_LOGS_SECONDS)

    def _tell_about_the_disk(self) -> None:
        if warning := disk.warning(self._site.state):
            if self._problems.get("disk") != warning:
                self._problems["disk"] = warning
                self._board.changed.set()
        elif self._problems.pop("disk", None) or "status" in self._problems:
            self._board.changed.set()

    def _status(self) -> PlatformStatus:
        who = identity(os.getpid())
        return PlatformStatus(
            phase=self._phase,
            since=self._since,
            pid=os.getpid(),
            started_ticks=who.started_ticks if who else 0,
            root=self._site.root,
            state=self._site.state,
            forge=self._site.forge,
            deployed=self._deployed,
            refused=self._refused,
            alert_time_divisor=self._site.alert_time_divisor,
            services=self._board.services(),
            programs=tuple(self._site.programs.in_use()),
            problems=tuple(self._problems.values()),
        )
