"""All keepers together: which services are kept, and in which order they end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from homeostat.service import Service
from infra.process.state.targets import remove_target
from infra.process.status import MOST_FAILURES, Phase, ServiceStatus, now
from infra.process.supervision.ground import Ground
from infra.process.supervision.keeper import Keeper
from infra.process.supervision.order import start_order


class Fleet:
    """The services that are kept running."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._keepers: dict[str, Keeper] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._log = structlog.stdlib.get_logger()

    def is_up(self) -> bool:
        """Whether each essential service has been healthy once."""
        return all(keeper.ready.is_set() for keeper in self._keepers.values() if keeper.essential)

    async def adopt(self, services: Mapping[str, Service]) -> None:
        """Keep just ``services`` running: start new ones, stop others, hand changes to their keepers.

        Raises:
            NeedsError: when they can't be ordered; nothing is changed then.
        """
        order = start_order(services)
        for service in services.values():
            if service.default_port is not None:
                self._ground.site.ports.declare(service.name, service.default_port)
        gone = [name for name in self._keepers if name not in services]
        await asyncio.gather(*(self._end(name) for name in gone))
        for name in order:
            if keeper := self._keepers.get(name):
                keeper.want(services[name])
            else:
                self._begin(services[name])

    async def stop(self) -> None:
        """Stop all services, each after those that need it."""
        await asyncio.gather(*(self._end_after_its_users(name) for name in list(self._tasks)))
        self._keepers.clear()

    def _begin(self, service: Service) -> None:
        name = service.name
        self._ground.board.add(self._first_status(service))
        keeper = Keeper(service, self._ground, self._ready)
        self._keepers[name] = keeper
        task = asyncio.create_task(keeper.keep(), name=name)
        task.add_done_callback(self._tell_if_broken)
        self._tasks[name] = task

    def _first_status(self, service: Service) -> ServiceStatus:
        status = ServiceStatus(name=service.name, essential=service.essential, since=now())
        if service.default_port is None:
            return status
        site, name = self._ground.site, service.name
        where = {"port": site.port(name), "wished_port": site.ports.wished(name), "url": site.url(name)}
        return status.model_copy(update=where)

    def _tell_if_broken(self, task: asyncio.Task[None]) -> None:
        """A keeper ends only when it is cancelled: anything else is a mistake of ours that must not hide."""
        if not task.cancelled() and (error := task.exception()):
            self._log.error("keeper broke", service=task.get_name(), exc_info=error)
            reason = f"its keeper broke ({type(error).__name__}: {error}): please report this."
            board, name = self._ground.board, task.get_name()
            board.enter(name, Phase.RESTING, last_error=reason, failures=MOST_FAILURES)

    def _ready(self, name: str) -> asyncio.Event:
        return self._keepers[name].ready

    async def _end(self, name: str) -> None:
        await self._cancel(name)
        self._keepers.pop(name).close()
        self._tasks.pop(name)
        self._ground.board.remove(name)
        remove_target(self._ground.site.scrape_targets, name)

    async def _end_after_its_users(self, name: str) -> None:
        users = [self._tasks[user] for user, keeper in self._keepers.items() if name in keeper.needs]
        if users:
            await asyncio.wait(users)
        await self._cancel(name)
        self._keepers[name].close()

    async def _cancel(self, name: str) -> None:
        task = self._tasks[name]
        task.cancel()
        await asyncio.wait([task])
