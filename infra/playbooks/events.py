"""What ``ansible/plugins/callback/homeostat_events.py`` tells, line by line, as types."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Event(BaseModel):
    # a newer plugin may tell more than this reader knows
    model_config = ConfigDict(extra="ignore", frozen=True)


class Status(StrEnum):
    """How a task ended on a host."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


class PlayBegan(_Event):
    """A play begins; a playbook has one or more."""

    event: Literal["play"]
    name: str


class TaskBegan(_Event):
    """A task begins on the first of its hosts."""

    event: Literal["task"]
    name: str


class Retried(_Event):
    """A task waits for something on a host."""

    event: Literal["retry"]
    host: str
    task: str
    attempt: int = 0
    most: int = 0


class Result(_Event):
    """A task ended on a host."""

    event: Literal["result"]
    host: str
    task: str
    status: Status
    #: it failed, and the play goes on as if it had not
    ignored: bool = False
    #: the task handles a secret, so nothing of its output is told
    hidden: bool = False
    #: the task exists to tell ``message`` to a person
    told: bool = False
    message: str = ""
    errors: str = ""
    diff: str = ""

    @property
    def bad(self) -> bool:
        """Whether the host goes no further because of it."""
        return self.status in {Status.FAILED, Status.UNREACHABLE} and not self.ignored


class Counts(_Event):
    """How often each outcome was, on one host."""

    ok: int = 0
    changed: int = 0
    failures: int = 0
    unreachable: int = 0
    skipped: int = 0
    rescued: int = 0


class Ended(_Event):
    """The last event: the counts of every host, and what the plays leave by ``set_stats``."""

    event: Literal["stats"]
    hosts: Mapping[str, Counts]
    left: Mapping[str, Any] = {}


Event = PlayBegan | TaskBegan | Retried | Result | Ended

_ANY: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])


def parse(line: str | bytes) -> Event:
    r"""The event on one line.

    >>> parse('{"event": "task", "name": "Wait for the API"}').name
    'Wait for the API'
    """
    return _ANY.validate_json(line)
