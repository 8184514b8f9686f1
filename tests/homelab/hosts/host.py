"""One Linux host: made, switched on and off, entered, and deleted."""

from __future__ import annotations

import socket
import subprocess
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from infra.linux.marks import MARKS_VARIABLE
from infra.linux.proc import Identity
from tests.homelab.hosts import cgroups, inotify, nspawn
from tests.homelab.hosts.command import run
from tests.homelab.hosts.disk import Disk
from tests.homelab.hosts.network import LabNetwork
from tests.homelab.hosts.nspawn import Booted
from tests.homelab.hosts.waiting import wait_until

_FIRST_BOOT = Path(__file__).parent / "first_boot.sh"
#: what each host gets besides its base, by its path there: a host must neither change the machine's settings
#: nor notice that it can't
_FILES = Path(__file__).parent / "files"
_SSH_PORT = 22
#: for other labs to end, when the machine is full
_ROOM_SECONDS = 180.0
#: by what this machine's kernel shows that it has what a module would bring
_MODULES = {
    "br_netfilter": Path("/proc/sys/net/bridge"),
    "nf_conntrack": Path("/proc/sys/net/netfilter"),
    # the host's disk is one
    "overlay": Path("/proc/filesystems"),
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a lab gives to its hosts."""

    lab: str
    network: LabNetwork
    environment: dict[str, str]
    apt_url: str
    parts: Callable[[], Path | None]


@dataclass(slots=True)
class Host:
    """A host of a lab; :meth:`Lab.create` makes it."""

    name: str
    address: IPv4Address
    user: str
    disk: Disk
    ground: Ground
    forget: Callable[[Host], None]
    _booted: Booted | None = field(default=None)

    @property
    def machine(self) -> str:
        """Its name on this machine, of 10 characters at most: its cable's has 3 more."""
        return f"{self.ground.lab}-{int(self.address) & 0xFF}"

    @property
    def console(self) -> Path:
        """What the host has printed while booting and shutting down."""
        return self.disk.folder / "console.log"

    @property
    def is_running(self) -> bool:
        """Whether it is switched on."""
        return self._booted is not None and self._booted.runs

    def prepare(self, authorized_keys: Sequence[str]) -> None:
        """Make its disk, and do to it what cloud-init does at the first boot."""
        self.disk.create()
        run(*self.disk.mounted("cp", "--recursive", "--no-preserve=all", f"{_FILES}/.", str(self.disk.root)))
        network = self.ground.network
        self.disk.script(
            _FIRST_BOOT.read_text(encoding="utf-8"),
            *(self.name, f"{self.address}/{network.network.prefixlen}", str(network.gateway), self.user),
            *("\n".join(authorized_keys), self.ground.apt_url, uuid.uuid4().hex),
            " ".join(name for name, sign in _MODULES.items() if sign.exists()),
        )

    def start(self) -> None:
        """Switch it on; nothing happens when it is on.

        Raises:
            MachineError: when this machine has no room for one more host.
        """
        if self.is_running:
            return
        inotify.wait_for_room(_ROOM_SECONDS)
        mark = (MARKS_VARIABLE, self.ground.environment[MARKS_VARIABLE])
        argv = nspawn.command(self.machine, self.name, self.disk.root, self.ground.parts(), mark)
        groups = cgroups.create(self.machine)
        argv = self.ground.network.inside(*self.disk.mounted(*argv))
        self._booted = nspawn.boot(argv, groups, self.console, self.ground.environment)

    def wait_for_ssh(self, deadline_seconds: float = 60.0) -> None:
        """Wait until users can log in over SSH.

        Raises:
            TimeoutError: with the last lines of the console, when it takes longer, or the host is off.
        """
        wait_until(self._answers, deadline_seconds, lambda: self._late("has no SSH", deadline_seconds))

    def shutdown(self, deadline_seconds: float = 60.0) -> None:
        """Switch it off in order, and wait until it is off; nothing happens when it is.

        Raises:
            TimeoutError: with the last lines of the console, when it takes longer.
        """
        if self._booted is None or not self._booted.runs:
            return
        booted = self._booted
        booted.press_power_button()
        wait_until(
            lambda: not booted.runs, deadline_seconds, lambda: self._late("is not off", deadline_seconds)
        )
        self._off()

    def kill(self, deadline_seconds: float = 20.0) -> None:
        """Cut its power; nothing happens when it is off."""
        if self._booted is not None:
            self._booted.cut_power(deadline_seconds)
            self._off()

    def reboot(self, deadline_seconds: float = 60.0) -> None:
        """Restart it from inside, and wait for SSH."""
        before = self._first()
        with suppress(subprocess.SubprocessError, AssertionError):
            # the command may die with the host
            self.run("systemctl", "reboot")
        wait_until(
            lambda: self._first() not in {None, before},
            deadline_seconds,
            lambda: self._late("did not boot again", deadline_seconds),
        )
        self.wait_for_ssh(deadline_seconds)

    def delete(self) -> None:
        """Cut its power and delete it with its disk; its name and address are free again."""
        self.kill()
        self.disk.delete()
        self.forget(self)

    def run(self, *command: str, given: bytes = b"", limit_seconds: float = 120.0) -> str:
        """Run a command in it as root, as a unit of its systemd, and return what it prints.

        Raises:
            RuntimeError: when the host is off, or has only begun to boot.
            CommandFailed: when it exits with another code than 0, or takes longer than ``limit_seconds``.
        """
        if self._booted is None:
            raise RuntimeError(f"the host {self.name} is off.")
        return run(
            *self._booted.inside(*command, limit_seconds=limit_seconds),
            given=given,
            limit_seconds=limit_seconds,
        )

    def write(self, path: str, content: str | bytes, mode: int = 0o644) -> None:
        """Write a file in it, running or not, with the folders above."""
        data = content.encode() if isinstance(content, str) else content
        script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"'
        self._anywhere("sh", "-c", script, "sh", path, f"{mode:o}", given=data)

    def read(self, path: str) -> str:
        """What a file in it holds, running or not."""
        return self._anywhere("cat", path)

    def _anywhere(self, *command: str, given: bytes = b"") -> str:
        if self.is_running:
            return self.run(*command, given=given)
        return run(*self.disk.mounted("chroot", str(self.disk.root), *command), given=given)

    def _off(self) -> None:
        self._booted = None
        cgroups.remove(self.machine)

    def _first(self) -> Identity | None:
        return self._booted.first() if self._booted is not None else None

    def _answers(self) -> bool:
        if not self.is_running:
            raise TimeoutError(self._late("has no SSH", 0))
        first = self._first()
        if first is None:
            return False
        inside = Path(f"/proc/{first.pid}/root/run")
        # as long as the file is there, only root may log in (pam_nologin(8)); the service takes it away, and
        # early in the boot neither is there
        lets_in = (inside / "systemd/units/invocation:systemd-user-sessions.service").is_symlink()
        if not lets_in or (inside / "nologin").exists():
            return False
        try:
            with socket.create_connection((str(self.address), _SSH_PORT), timeout=2.0) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _late(self, what: str, seconds: float) -> str:
        lines = self.console.read_text(errors="replace").splitlines()[-15:] if self.console.exists() else []
        state = "is on" if self.is_running else "is off"
        return f"the host {self.name} {what} after {seconds:g} s and {state}; its console:\n" + "\n".join(
            lines
        )
