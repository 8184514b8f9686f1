"""``drift``: look, write down what was seen, and tell since when each difference is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.definition.document import Definition
from infra.proxmox.api.calls import Calls, Reads
from infra.proxmox.drift.comparison import HOST, MACHINE, Difference, differences
from infra.proxmox.drift.journal import append
from infra.proxmox.drift.observation import Observation, observe
from infra.proxmox.errors import ProxmoxError
from infra.proxmox.public_keys import public_keys
from infra.proxmox.reading import read_landscape
from infra.proxmox.wanted import wanted

_TASKS = 20


@dataclass(frozen=True, slots=True)
class Task:
    """A task that worked on the machine meanwhile."""

    kind: str
    user: str
    at: datetime
    status: str


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference, and when it came to be."""

    difference: Difference
    #: the last check that saw another value; None when no check did
    last_other: datetime | None
    #: what it was then
    before: str | None
    #: the first check that saw it as it is
    first_seen: datetime
    #: what worked on the machine between the two
    tasks: Sequence[Task] = ()

    @property
    def since(self) -> str:
        """When it came to be, in a sentence."""
        if self.last_other is None:
            return f"it was so at the first check, {_text(self.first_seen)}"
        return f"it changed between the checks of {_text(self.last_other)} and {_text(self.first_seen)}"

    @property
    def by(self) -> str:
        """Who may have done it, in a sentence; nothing without a time to look at."""
        if self.last_other is None:
            return ""
        if not self.tasks:
            return (
                "no task worked on it meanwhile: a change of options leaves none in Proxmox, nor its author"
            )
        told = ", ".join(f"{task.kind} of {task.user} at {_text(task.at)}" for task in self.tasks)
        return f"tasks on it meanwhile: {told} (a change of options itself leaves no task)"


@dataclass(frozen=True, slots=True)
class Report:
    """What one check found."""

    cluster: str
    at: datetime
    drifts: Sequence[Drift]

    def document(self) -> dict[str, Any]:
        """The report as plain data, with times in ISO 8601."""
        return {
            "cluster": self.cluster,
            "at": self.at.isoformat(),
            "differences": [_document(drift) for drift in self.drifts],
        }


def check(definition: Definition, api: Calls, journal: Path) -> Report:
    """Compare what is there with ``definition``, and add what was seen to ``journal``.

    Raises:
        ConfigError: the public SSH key can't be read.
        ProxmoxError: Proxmox does not answer, or does not let us see it.
    """
    wishes = wanted(definition, public_keys(definition))
    landscape = read_landscape(api, wishes)
    history = append(journal, observe(landscape, wishes, api.server_time()))
    drifts = [_traced(api, one, history) for one in differences(wishes, landscape)]
    return Report(definition.name, history[-1].last_at, drifts)


def _traced(api: Reads, difference: Difference, history: Sequence[Observation]) -> Drift:
    first, before, last_other = history[-1].first_at, None, None
    now = _value(history[-1], difference)
    for observation in reversed(history):
        if difference.vmid in observation.unseen and not _is_of_host(difference):
            continue
        value = _value(observation, difference)
        if value != now:
            before, last_other = value, observation.last_at
            break
        first = observation.first_at
    asks = last_other is not None and not _is_of_host(difference)
    tasks = _tasks(api, difference, last_other, first) if asks and last_other else ()
    return Drift(difference, last_other, before, first, tasks)


def _is_of_host(difference: Difference) -> bool:
    return difference.field == f"{HOST} {difference.host}"


def _value(observation: Observation, difference: Difference) -> str | None:
    if _is_of_host(difference):
        return "offline" if difference.vmid in observation.unseen else "online"
    if difference.field == MACHINE:
        return "there" if difference.vmid in observation.machines else None
    return observation.value(difference.vmid, difference.field)


def _tasks(api: Reads, difference: Difference, since: datetime, until: datetime) -> Sequence[Task]:
    """What the host wrote down; a token that may not see others' tasks gets none."""
    try:
        rows: Sequence[Mapping[str, Any]] = api.get(
            f"/nodes/{difference.host}/tasks",
            source="all",
            vmid=difference.vmid,
            since=int(since.timestamp()),
            until=int(until.timestamp()) + 1,
            limit=_TASKS,
        )
    except ProxmoxError:
        return ()
    found = [
        Task(
            str(row["type"]),
            "!".join(filter(None, (str(row["user"]), row.get("tokenid")))),
            datetime.fromtimestamp(int(row["starttime"]), UTC),
            str(row.get("status", "running")),
        )
        # newest first, and times are whole seconds
        for row in reversed(rows)
    ]
    return sorted(found, key=lambda task: task.at)


def _document(drift: Drift) -> dict[str, Any]:
    return {
        **asdict(drift.difference),
        "before": drift.before,
        "last_other": drift.last_other.isoformat() if drift.last_other else None,
        "first_seen": drift.first_seen.isoformat(),
        "tasks": [{**asdict(task), "at": task.at.isoformat()} for task in drift.tasks],
    }


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
