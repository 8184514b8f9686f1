"""What a person sees while the platform starts, and the tables of how it is."""

from __future__ import annotations

import shlex
import time
from datetime import datetime
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from infra.process.status import Phase, PlatformStatus, ServiceStatus, now
from infra.programs.catalogue import CATALOGUE

_COLOURS = {Phase.HEALTHY: "green", Phase.UNHEALTHY: "red", Phase.RESTING: "red"}


class StartDisplay:
    """One line a service with the seconds until it was healthy; a moving line for each that is not yet."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._done: set[str] = set()
        self._said: dict[str, str] = {}
        self._live = Live(console=console, transient=True, refresh_per_second=8)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def show(self, status: PlatformStatus) -> None:
        """Take in how things are now."""
        for service in status.services:
            if service.name in self._done:
                continue
            if service.healthy:
                self._done.add(service.name)
                self._line("[green]ok[/green]", service, service.url or "")
            elif not self._console.is_terminal:
                self._say_once(service)
        waiting = [service for service in status.services if service.name not in self._done]
        self._live.update(Group(*(_spinner(service) for service in waiting)))

    def _say_once(self, service: ServiceStatus) -> None:
        """Off a terminal nothing moves, so each new thing that is done gets a line."""
        doing = service.doing if service.phase is Phase.PREPARING else ""
        if service.name not in self._said or (doing and doing != self._said[service.name]):
            self._said[service.name] = doing
            self._line("...", service, doing)

    def _line(self, mark: str, service: ServiceStatus, text: str) -> None:
        seconds = time.monotonic() - self._began
        line = f"{mark} {escape(service.name)} [dim]({seconds:.1f} s)[/dim] {escape(text)}".rstrip()
        self._console.print(line, highlight=False, soft_wrap=True)


def _spinner(service: ServiceStatus) -> Spinner:
    problem = f": {_in_one_line(service.last_error)}" if service.last_error else ""
    doing = service.doing or service.phase.value + problem
    return Spinner("dots", text=Text.from_markup(f"{escape(service.name)} [dim]{escape(doing)}[/dim]"))


def service_table(status: PlatformStatus) -> Table:
    """Every service: how and where it is, and since when."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("service", "state", "for", "starts", "where", "note"):
        table.add_column(column, overflow="fold")
    for service in status.services:
        colour = _COLOURS.get(service.phase, "yellow")
        state = "failed" if service.failed else service.phase.value
        table.add_row(
            service.name,
            f"[{colour}]{state}[/{colour}]",
            age(service.since, now()),
            str(service.restarts + 1),
            service.url or "",
            escape(note(service)),
        )
    return table


def note(service: ServiceStatus) -> str:
    """What a person should know about the service beyond its state."""
    notes: list[str] = []
    if service.port != service.wished_port:
        notes.append(f"port {service.wished_port} was busy, it listens on {service.port}")
    if service.rollout:
        notes.append(service.rollout)
    if service.last_error and not service.healthy:
        notes.append(_in_one_line(service.last_error))
    if service.doing and not service.healthy:
        notes.append(service.doing)
    return "; ".join(notes)


def complaint(status: PlatformStatus) -> str | None:
    """Why the platform that runs is not all well, in one sentence; None when it is."""
    ill = [service for service in status.services if not service.healthy]
    if not ill:
        return None
    reasons = "; ".join(f"{service.name}: {service.last_error or service.phase.value}" for service in ill)
    return f"not everything could be started, and the rest runs on: push a fix or a 'git revert'. {reasons}"


def _in_one_line(error: str) -> str:
    """What went wrong, without the log lines that follow it."""
    return error.partition("; its last log lines:")[0].splitlines()[0]


def about(status: PlatformStatus) -> list[str]:
    """The lines under the table: where to push, which programs run, what is out of the ordinary."""
    lines = [
        f"push      git push {shlex.quote(str(status.forge))} HEAD:main" if status.forge.is_dir() else "",
        f"deployed  {status.deployed}" if status.deployed else "",
        f"logs      {status.state / 'logs'}",
    ]
    for record in status.programs:
        supported = CATALOGUE[record.name].supported if record.name in CATALOGUE else ""
        lines.append(
            f"program   {record.name} {record.version} from {record.source} (supported: {supported})"
        )
    if status.alert_time_divisor != 1:
        lines.append(f"alerts    the durations of alert rules are divided by {status.alert_time_divisor:g}")
    lines += [f"problem   {problem}" for problem in status.problems]
    return [line for line in lines if line]


def age(since: datetime, until: datetime) -> str:
    """A span of time as a person says it: ``42s``, ``3m``, ``5h`` or ``2d``."""
    seconds = max(0, int((until - since).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
