"""How a playbook ended, host by host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.playbooks.events import Ended, Event, Result


@dataclass(frozen=True, slots=True)
class HostRecap:
    """What happened on one host: numbers of tasks."""

    host: str
    ok: int
    changed: int
    failed: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class Recap:
    """How a playbook ended."""

    playbook: str
    hosts: tuple[HostRecap, ...]
    #: what tasks told people, in order
    told: tuple[str, ...]
    #: what each change would be or was, where it was asked for: host, task, unified diff
    diffs: tuple[tuple[str, str, str], ...]
    #: what the plays leave for whoever started them
    left: Mapping[str, Any]
    #: all that Ansible said, readable by the owner alone
    log: Path
    seconds: float

    @property
    def changed(self) -> int:
        """How many tasks changed something, on all hosts together."""
        return sum(host.changed for host in self.hosts)

    def in_short(self) -> str:
        """The changes by host, in a few words."""
        changes = [f"{host.host}: {host.changed}" for host in self.hosts if host.changed]
        return f"changed {', '.join(changes)}" if changes else "nothing was changed"


@dataclass(slots=True)
class Gathering:
    """What events have told so far."""

    bad: list[Result] = field(default_factory=list[Result])
    told: list[str] = field(default_factory=list[str])
    diffs: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    ended: Ended | None = None

    def take(self, event: Event) -> None:
        """Keep what a recap or a failure is told from."""
        if isinstance(event, Ended):
            self.ended = event
        if not isinstance(event, Result):
            return
        if event.bad:
            self.bad.append(event)
        if event.told and event.message and event.message not in self.told:
            self.told.append(event.message)
        if event.diff:
            self.diffs.append((event.host, event.task, event.diff))

    def hosts(self) -> Sequence[HostRecap]:
        """The counts of every host; none when the run ended before it could count."""
        if self.ended is None:
            return []
        return [
            HostRecap(name, found.ok, found.changed, found.failures, found.unreachable)
            for name, found in sorted(self.ended.hosts.items())
        ]
