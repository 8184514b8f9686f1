"""A booted host as a process: systemd-nspawn, and below it the host's own first process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.linux import proc
from infra.local.containers import first_in_namespace
from tests.homelab.hosts.network import BRIDGE

#: systemd.special(7) and systemd(1): power off in order, as an ACPI button does
_POWER_BUTTON = signal.SIGRTMIN + 4
#: what systemd-nspawn exits with when the host asks for a restart
_RESTART = 133
#: what it notes down lies in memory and goes with it; the kernel keeps a dead host's cable for a while
_UNTIL_OFF = f"""
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
cable=$1 code={_RESTART}
shift
while [ $code -eq {_RESTART} ]; do
    ip link delete "$cable" 2>/dev/null || true
    code=0
    "$@" || code=$?
done
exit $code
"""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_INTO_GROUPS = 'for group in $1; do echo $$ > "$group/cgroup.procs" || exit; done; shift; exec "$@"'


def command(
    machine: str, hostname: str, root: Path, parts: Path | None, mark: Sequence[str]
) -> Sequence[str]:
    """The command line that boots what is at ``root``.

    Without the capability to set the clock or to load modules, so a host can't change the machine.
    """
    variable, marks = mark
    return (
        *("sh", "-euc", _UNTIL_OFF, "sh", f"vb-{machine}"),
        *("systemd-nspawn", "--quiet", "--settings=no", "--register=no", "--keep-unit"),
        *(
            f"--directory={root}",
            f"--machine={machine}",
            f"--hostname={hostname}",
            f"--setenv={variable}={marks}",
        ),
        *("--network-veth", f"--network-bridge={BRIDGE}", "--console=read-only"),
        *("--link-journal=no", "--resolv-conf=off", "--timezone=off"),
        *((f"--bind-ro={parts}:/opt/parts",) if parts else ()),
        *("--", "/bin/sh", "/usr/local/lib/homelab/init.sh", "--show-status=yes"),
    )


def boot(argv: Sequence[str], groups: Sequence[Path], console: Path, environment: dict[str, str]) -> Booted:
    """Start ``argv``, which ends in :func:`command`, in control groups of its own."""
    with console.open("ab") as stream:
        process = subprocess.Popen(
            ["sh", "-c", _INTO_GROUPS, "sh", " ".join(map(str, groups)), *argv],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    return Booted(process)


@dataclass(frozen=True, slots=True)
class Booted:
    """A host that was started; it may have ended since."""

    process: subprocess.Popen[bytes]

    @property
    def runs(self) -> bool:
        """Whether the host is switched on."""
        return self.process.poll() is None

    def first(self) -> proc.Identity | None:
        """The host's own first process; None before it is there, and between power-off and boot."""
        # below the loop is systemd-nspawn, and below that the host
        for nspawn in _children(self.process.pid):
            for pid in _children(nspawn):
                if _is_first(pid):
                    return proc.identity(pid)
        return None

    def press_power_button(self) -> None:
        """Ask the host to shut down."""
        self._signal_first(_POWER_BUTTON)

    def cut_power(self, deadline_seconds: float) -> None:
        """End every process of the host at once."""
        self._signal_first(signal.SIGKILL)
        try:
            self.process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self._signal_first(signal.SIGKILL)

    def inside(self, *command: str, limit_seconds: float) -> tuple[str, ...]:
        """The command line that has the host's systemd run ``command`` as root.

        A command that entered the namespaces itself would keep this machine's capabilities: it could set the
        machine's clock.

        Raises:
            RuntimeError: when the host does not run.
        """
        first = self.first() if self.runs else None
        if first is None:
            raise RuntimeError("the host does not run.")
        return (
            *("nsenter", f"--target={first.pid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"),
            *("--root", "--wd", "--", "env", "-i", f"PATH={_PATH}"),
            *("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"),
            *("--setenv=HOME=/root", "--setenv=LANG=C.UTF-8", f"--setenv=PATH={_PATH}"),
            *(f"--property=RuntimeMaxSec={limit_seconds:g}", "--", *command),
        )

    def _signal_first(self, number: int) -> None:
        first = self.first()
        if first is None:
            return
        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(first.pid)
            try:
                # between the listing and the descriptor the number may have changed hands
                if proc.is_alive(first):
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in (proc.PROC / f"{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _is_first(pid: int) -> bool:
    try:
        status = (proc.PROC / str(pid) / "status").read_text(errors="replace")
    except OSError:
        return False
    return first_in_namespace(status)
