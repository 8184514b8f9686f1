"""The platform as others use it: bring it up, ask how it is, take it down.

The command line, the demo and the tests all go through here.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from infra import disk
from infra.linux.marks import MARKS_VARIABLE, mark_of_state, with_marks
from infra.linux.proc import Identity, identity, is_alive
from infra.linux.sweep import Leftover, sweep
from infra.process.errors import AlreadyRunning, PlatformNotUp
from infra.process.processes.environment import service_environment
from infra.process.site import DIVISOR_VARIABLE
from infra.process.state.lock import is_locked
from infra.process.state.logs import last_lines, log_path, open_log
from infra.process.status import PlatformPhase, PlatformStatus, read_status

_LOOK_SECONDS = 0.1
#: for an orderly end of everything, before what is left is ended for good
_DOWN_SECONDS = 60.0
SUPERVISE = (sys.executable, "-m", "homeostat", "process", "supervise")


@dataclass(frozen=True, slots=True)
class Platform:
    """A clone and the state folder of what it runs."""

    root: Path
    state: Path
    #: starts the supervisor; tests have their own, with services of their own
    supervise: Sequence[str] = SUPERVISE
    #: added to the supervisor's environment
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Stopped:
    """What ``down`` ended."""

    was_running: bool
    services: Sequence[str]
    #: processes of the platform that nobody looked after any more
    leftovers: Sequence[Leftover]


def _unwatched(status: PlatformStatus) -> None:
    del status


def up(
    platform: Platform,
    on_change: Callable[[PlatformStatus], None] = _unwatched,
    with_parent: int | None = None,
    alert_time_divisor: float | None = None,
) -> PlatformStatus:
    """Bring the platform up and wait until every service is healthy; one that already runs is left as it is.

    A service that is not essential may have failed when this returns: the rest runs, so that its owner can
    push what cures it.

    Args:
        platform: what to bring up.
        on_change: told about every change while the caller waits.
        with_parent: the caller's process id, when the platform is to end with the caller.
        alert_time_divisor: divides the durations of alert rules; by default what ``homeostat.yaml`` says.

    Raises:
        PlatformNotUp: when an essential service can't be started; nothing of the platform runs then.
        AlreadyRunning: when somebody else brought it up at the same moment; theirs runs on.
    """
    if running := status(platform.state):
        return _await_up(platform, Identity(running.pid, running.started_ticks), on_change)
    try:
        supervisor = _start_supervisor(platform, with_parent, alert_time_divisor)
        return _await_up(platform, supervisor, on_change)
    except AlreadyRunning:
        raise
    except BaseException:
        down(platform.state)
        raise


def status(state: Path) -> PlatformStatus | None:
    """How the platform in ``state`` is; None when it does not run."""
    if not is_locked(state):
        return None
    found = read_status(state)
    return found if found and is_alive(Identity(found.pid, found.started_ticks)) else None


def down(state: Path) -> Stopped:
    """Take the platform down, and end whatever a crash left of it; its data stays."""
    found = read_status(state) if is_locked(state) else None
    if found:
        _end(Identity(found.pid, found.started_ticks))
    leftovers = sweep(mark_of_state(state))
    services = [service.name for service in found.services] if found else []
    return Stopped(found is not None, services, leftovers)


def _start_supervisor(platform: Platform, with_parent: int | None, divisor: float | None) -> Identity:
    environment = _supervisor_environment(platform, divisor)
    options = ["--with-parent", str(with_parent)] if with_parent is not None else []
    command = [*platform.supervise, *options]
    try:
        log = open_log(platform.state / "logs", "supervisor")
    except OSError as error:
        raise PlatformNotUp(
            f"the supervisor can't be started: {disk.explain(error, platform.state)}"
        ) from None
    try:
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, log, 1),
            (os.POSIX_SPAWN_DUP2, log, 2),
        ]
        # posix_spawn and not Popen: the supervisor outlives this process, and nobody here waits for it
        pid = os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True)
    except OSError as error:
        raise PlatformNotUp(
            f"the supervisor can't be started: {disk.explain(error, platform.state)}"
        ) from None
    finally:
        os.close(log)
    return _known(pid)


def _supervisor_environment(platform: Platform, divisor: float | None) -> dict[str, str]:
    environment = {**service_environment(os.environ, platform.root, platform.state), **platform.environment}
    environment[MARKS_VARIABLE] = with_marks(os.environ, mark_of_state(platform.state))
    if divisor is not None:
        environment[DIVISOR_VARIABLE] = f"{divisor:g}"
    return environment


def _await_up(
    platform: Platform, supervisor: Identity, on_change: Callable[[PlatformStatus], None]
) -> PlatformStatus:
    last: PlatformStatus | None = None
    while True:
        found = read_status(platform.state)
        alive = is_alive(supervisor)  # asked after reading: a dead one's last word doesn't count
        if found and found.pid == supervisor.pid and (found != last or not alive):
            last = found
            on_change(found)
            _give_up_if_hopeless(found)
            if alive and found.settled:
                return found
        if not alive and is_locked(platform.state):
            raise AlreadyRunning(
                f"somebody else is bringing up {platform.state}: see it with 'homeostat process status'."
            )
        if not alive:
            raise PlatformNotUp(_why_it_ended(platform.state, last))
        time.sleep(_LOOK_SECONDS)


def _give_up_if_hopeless(found: PlatformStatus) -> None:
    for service in found.services:
        if found.phase is PlatformPhase.STARTING and service.essential and service.failed:
            raise PlatformNotUp(
                f"{service.name} could not be started ({service.failures} attempts): {service.last_error}"
            )


def _why_it_ended(state: Path, last: PlatformStatus | None) -> str:
    if last and last.phase is PlatformPhase.FAILED and last.problems:
        return f"the platform could not be started: {' '.join(last.problems)}"
    lines = "\n".join(f"  {line}" for line in last_lines(log_path(state / "logs", "supervisor"), 8))
    return f"the supervisor ended; its last log lines:\n{lines}"


def _end(supervisor: Identity) -> None:
    """Ask the supervisor to stop everything; end it for good when it takes too long."""
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(supervisor.pid)
        try:
            if is_alive(supervisor):
                signal.pidfd_send_signal(descriptor, signal.SIGTERM)
                if not _ends(supervisor, _DOWN_SECONDS):
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                    _ends(supervisor, 5.0)
        finally:
            os.close(descriptor)
    with suppress(ChildProcessError):
        os.waitpid(supervisor.pid, os.WNOHANG)  # when it was a child of this process


def _ends(who: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(who):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _known(pid: int) -> Identity:
    return identity(pid) or Identity(pid, 0)
