"""Tasks: what Proxmox does behind an answer, followed to its end.

A write that starts a task answers with the task's UPID. When that answer is lost, the task is looked for
among the host's tasks (by kind, machine and user, since the time of the call) before it is started again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from infra.proxmox.api.calls import Calls, Reads
from infra.proxmox.api.explaining import explain_reason
from infra.proxmox.api.patience import LOCKS, Patience
from infra.proxmox.api.upid import Upid
from infra.proxmox.api.writing import Say, write
from infra.proxmox.errors import (
    BadRequest,
    Locked,
    NotThere,
    ProxmoxError,
    StorageFull,
    TaskFailed,
    TookTooLong,
)

#: pauses between looking at a task
_POLLING = Patience(deadline_seconds=0, first_seconds=0.05, longest_seconds=2.0, growth=1.5)
#: the host writes dates with whole seconds, and clocks are read at both ends
_CLOCK_SLACK_SECONDS = 3
#: run() waits for locks itself
_NOT_AT_ALL = Patience(deadline_seconds=0)
_LAST_LINES = 12
_QUIET_POLLS = 4


@dataclass(frozen=True, slots=True)
class Expected:
    """The task that a write starts, as far as it is known before."""

    node: str
    #: the kinds that Proxmox may name it, such as qmclone
    kinds: frozenset[str]
    #: what it works on; None when the write does not say
    id: str | None


def run(
    api: Calls,
    start: Callable[[], Any],
    expected: Expected,
    say: Say,
    deadline_seconds: float,
    is_done: Callable[[], bool] = lambda: False,
    locks: Patience = LOCKS,
) -> None:
    """Start a task and follow it to its end; some writes need none and answer without a UPID.

    Args:
        api: the session.
        start: the write, which answers with a UPID.
        expected: by what the task is found when that answer is lost.
        say: hears the lines of the task's log.
        deadline_seconds: how long the task may take.
        is_done: reads whether all of it has happened already.
        locks: how long a lock is waited for, of the machine or of a storage.

    Raises:
        TaskFailed: it ended badly.
        TookTooLong: it still runs.
        ProxmoxError: it did not start.
    """
    locked: Locked | None = None
    for _ in locks.attempts(api.clock):
        try:
            return _run_once(api, start, expected, say, deadline_seconds, is_done)
        except Locked as error:
            if is_done():
                return None
            say(f"waits: {error}")
            locked = error
    assert locked is not None  # noqa: S101 - attempts() yields at least one, which returned, raised or was locked
    raise locked


def _run_once(
    api: Calls,
    start: Callable[[], Any],
    expected: Expected,
    say: Say,
    deadline_seconds: float,
    is_done: Callable[[], bool],
) -> None:
    since = api.server_time() - _CLOCK_SLACK_SECONDS
    before = frozenset(api.started)
    found: list[Upid] = []

    def has_started() -> bool:
        found[:] = [task for task in find(api, expected, since) if task.text not in before]
        return bool(found) or is_done()

    answer = write(start, has_started, api.clock, say, locks=_NOT_AT_ALL)
    upid = Upid.parse(answer) or (found[0] if found else None)
    if upid is not None:
        api.started.add(upid.text)
        follow(api, upid, say, deadline_seconds)


def follow(api: Calls, task: Upid | str, say: Say, deadline_seconds: float) -> None:
    """Wait for the end of ``task``, telling the lines of its log; warnings are told as well.

    Raises:
        TaskFailed: with the end of its log.
        Locked: it ended since something else held a lock.
        StorageFull: it ended for want of space.
        TookTooLong: it still runs after ``deadline_seconds``; it is not stopped.
    """
    upid = Upid.parse(task) if isinstance(task, str) else task
    if upid is None:
        raise ValueError(f"{task} is no UPID")
    log = _Log(api, upid, say)
    ends = api.clock.now() + deadline_seconds
    for polls, pause in enumerate(_POLLING.pauses()):
        state = _status(api, upid)
        if state.get("status") != "running":
            return _ended(upid, str(state.get("exitstatus", "no exit status")), log, say)
        if api.clock.now() >= ends:
            raise TookTooLong(
                f"The task {_named(upid)} still runs after {deadline_seconds:.0f} s; Proxmox goes on "
                "with it. Run it again to wait for it, or stop it in the task list of Proxmox."
            )
        if polls >= _QUIET_POLLS:
            log.tell()
        api.clock.wait(pause)
    return None


def find(api: Calls, expected: Expected, since: float) -> Sequence[Upid]:
    """Our tasks of the ``expected`` kind since ``since`` (seconds since 1970, the host's), newest first."""
    vmid = expected.id if expected.id and expected.id.isdigit() else None
    listed = api.get(f"/nodes/{expected.node}/tasks", source="all", since=int(since), vmid=vmid, limit=100)
    tasks = [task for entry in listed if (task := Upid.parse(entry.get("upid")))]
    ours = [
        task
        for task in tasks
        if task.kind in expected.kinds
        and task.user == api.user
        and task.started >= int(since)
        and expected.id in {None, task.id}
    ]
    return sorted(ours, key=lambda task: task.started, reverse=True)


def running(
    api: Reads,
    node: str,
    *,
    kind: str | None = None,
    id: str | None = None,  # noqa: A002 - Proxmox's word, as in Expected
    user: str | None = None,
) -> Sequence[Upid]:
    """The tasks that run on ``node`` now, as far as the token may see them, oldest first."""
    vmid = id if id and id.isdigit() else None
    listed = api.get(f"/nodes/{node}/tasks", source="active", typefilter=kind, vmid=vmid, limit=100)
    tasks = [task for entry in listed if (task := Upid.parse(entry.get("upid")))]
    found = [
        task
        for task in tasks
        if kind in {None, task.kind} and id in {None, task.id} and user in {None, task.user}
    ]
    return sorted(found, key=lambda task: task.started)


def _status(api: Reads, upid: Upid) -> dict[str, Any]:
    try:
        return api.get(f"/nodes/{upid.node}/tasks/{upid.text}/status")
    except (NotThere, BadRequest):
        # Proxmox calls it a wrong parameter when it has no such task
        return {"status": "stopped", "exitstatus": "Proxmox does not know the task any more"}


def _ended(upid: Upid, outcome: str, log: _Log, say: Say) -> None:
    if outcome == "OK":
        return
    log.tell()
    if outcome.startswith("WARNINGS"):
        told = " | ".join(log.warnings()) or "see its log"
        say(f"the task {_named(upid)} ended with {outcome.lower()}: {told}")
        return
    raise _failure(upid, outcome, log.last())


def _failure(upid: Upid, outcome: str, last: Sequence[str]) -> ProxmoxError:
    known = explain_reason(outcome, f"The task {_named(upid)} failed")
    if isinstance(known, Locked | StorageFull):
        return known
    told = "".join(f"\n    {line}" for line in last) or " (it is empty)"
    return TaskFailed(
        f"The task {_named(upid)} failed: {outcome.rstrip('.')}. The end of its log:{told}",
        upid.text,
        outcome,
        last,
    )


def _named(upid: Upid) -> str:
    return f"{upid.kind} {upid.id} on {upid.node}".replace("  ", " ")


class _Log:
    """A task's log, told line by line as it grows."""

    def __init__(self, api: Reads, upid: Upid, say: Say) -> None:
        self._api = api
        self._path = f"/nodes/{upid.node}/tasks/{upid.text}/log"
        self._say = say
        self._lines: list[str] = []

    def tell(self) -> None:
        """Tell the lines that are new; a log that can't be read is no reason to fail."""
        try:
            new = self._api.get(self._path, start=len(self._lines), limit=500)
        except ProxmoxError:
            return
        for entry in new:
            line = str(entry.get("t", ""))
            # an empty log is answered with this line
            if line and line != "no content":
                self._lines.append(line)
                self._say(line)

    def last(self) -> Sequence[str]:
        """The end of it."""
        return self._lines[-_LAST_LINES:]

    def warnings(self) -> Sequence[str]:
        """The lines that warn."""
        return [line for line in self._lines if line.startswith("WARN")]
