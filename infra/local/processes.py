"""The cluster's processes: started in its network namespace, and found again by their marks.

No list of process ids is kept. Each process carries in its environment which cluster it is of, which
component it is and what it was started with (``S`` and ``S.kubelet.REVISION``), so what ``/proc`` says is the
whole truth: also after a command was killed between starting a process and writing that down, and after a
process id was used again. What a component starts inherits its marks; the component itself is the one process
whose environment also names its own process id.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.linux import proc
from infra.linux.marks import MARKS_VARIABLE
from infra.linux.proc import Identity
from infra.local.component import Component, parse_marks
from infra.local.errors import ComponentNotReady
from infra.local.namespaces import entrance
from infra.local.place import Place

#: holds the process id of the component; what it starts inherits that number, and has another
_PID_VARIABLE = "HOMEOSTAT_COMPONENT_PID"
#: a shell keeps its process id when it becomes the program
_KNOWING_ITSELF = ("sh", "-c", f'export {_PID_VARIABLE}=$$; exec "$@"', "sh")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LOG_LINES = 3
_LOG_BYTES = 32 * 1024**2
_POLL_SECONDS = 0.1
_SHELL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A component's process."""

    component: str
    revision: str
    identity: Identity


def environment_of(place: Place, component: Component) -> dict[str, str]:
    """All that the process finds in its environment: nothing of the shell that it was started from."""
    return {
        "PATH": f"{place.programs}:{_SYSTEM_PATH}",
        "HOME": str(place.folder),
        **component.environment,
        MARKS_VARIABLE: f"{place.mark}:{place.mark}.{component.name}.{component.revision}",
    }


def running(place: Place) -> Sequence[Running]:
    """Every component of this cluster that runs now."""
    found: list[Running] = []
    for pid in proc.own_processes():
        told = parse_marks(place.mark, proc.variable(pid, MARKS_VARIABLE))
        if told and proc.variable(pid, _PID_VARIABLE) == str(pid) and (identity := proc.identity(pid)):
            found.append(Running(*told, identity))
    return found


def start(place: Place, component: Component) -> Identity | None:
    """Start the component's process; it outlives the command that started it. None when it ended at once.

    Raises:
        OSError: when its log can't be written.
    """
    for path, text in component.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    place.logs.mkdir(parents=True, exist_ok=True)
    _shorten(place.log(component.name))
    with place.log(component.name).open("ab") as log:
        started = subprocess.Popen(
            [*_KNOWING_ITSELF, *entrance(place, component), *component.argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment_of(place, component),
            start_new_session=True,
        )
    deadline = time.monotonic() + _SHELL_SECONDS
    while started.poll() is None and not proc.variable(started.pid, _PID_VARIABLE):
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS / 10)
    return proc.identity(started.pid)


def stop(process: Running, grace_seconds: float = 10.0) -> None:
    """Ask the process to end, and end it when it has not after ``grace_seconds``."""
    _signal(process.identity, signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while proc.is_alive(process.identity):
        if time.monotonic() > deadline:
            _signal(process.identity, signal.SIGKILL)
        time.sleep(_POLL_SECONDS / 2)


def stop_named(place: Place, *names: str) -> list[str]:
    """Stop the components of these names, in this order; return the names of those that ran."""
    there = {found.component: found for found in running(place)}
    stopped = [name for name in names if name in there]
    for name in stopped:
        stop(there[name])
    return stopped


def await_ready(place: Place, component: Component, process: Identity | None) -> None:
    """Wait until the component, which runs as ``process``, works.

    Raises:
        ComponentNotReady: when it ends, or does not work in time; with the last lines of its log.
    """
    deadline = time.monotonic() + component.patience_seconds
    while (complaint := component.check()) is not None:
        if process is None or not proc.is_alive(process):
            raise ComponentNotReady(f"{component.name} ended at once. {_last_words(place, component)}")
        if time.monotonic() > deadline:
            raise ComponentNotReady(
                f"{component.name} does not work after {component.patience_seconds:.0f} s: {complaint}. "
                f"{_last_words(place, component)}"
            )
        time.sleep(_POLL_SECONDS)


def _shorten(log: Path) -> None:
    """Put a long log aside, in the place of the one before it."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _last_words(place: Place, component: Component) -> str:
    path = place.log(component.name)
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    shown = "\n".join(f"  {line[:400]}" for line in lines[-_LOG_LINES:])
    return f"The end of {path}:\n{shown}"


def _signal(identity: Identity, number: signal.Signals) -> None:
    try:
        descriptor = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return
    try:
        # asked again: the number may have changed hands before the descriptor was opened
        if proc.is_alive(identity):
            signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)
