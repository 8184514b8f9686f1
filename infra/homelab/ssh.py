"""Entering the machines by SSH, with the key and the host keys of the homelab alone."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import HomeostatError
from infra import ssh
from infra.definition.document import Definition
from infra.definition.values import Address

_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 60
_BOOT_SECONDS = 180.0
_PAUSE_SECONDS = 0.5


class SshFailed(HomeostatError):  # noqa: N818 - says what happened to whom
    """A machine could not be entered, or a command on it failed."""


@dataclass(frozen=True, slots=True)
class Ssh:
    """How the machines of one cluster are entered."""

    user: str
    key: Path
    known_hosts: Path

    def run(self, address: Address, *command: str) -> str:
        """Run a command on the machine and return what it prints.

        Args:
            address: of the machine.
            command: its words; the shell of the machine splits them again, so none may hold blanks.

        Raises:
            SshFailed: when the machine can't be entered or the command fails.
        """
        begun = ssh.command(self.key, ssh.held_to(self.known_hosts), _CONNECT_SECONDS)
        argv = [*begun, f"{self.user}@{address}", "--", *command]
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False)
        except FileNotFoundError:
            raise SshFailed("ssh is not on PATH: install openssh-client.") from None
        except subprocess.TimeoutExpired:
            raise SshFailed(f"{address} did not answer within {_ANSWER_SECONDS} s.") from None
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise SshFailed(f"'{' '.join(command)}' failed on {address}: {said}")
        return done.stdout

    def wait_for_login(self, address: Address, limit_seconds: float = _BOOT_SECONDS) -> None:
        """Wait until the machine lets us in: a booting one answers before it does (pam_nologin).

        Raises:
            SshFailed: when it does not within ``limit_seconds``.
        """
        deadline = time.monotonic() + limit_seconds
        while True:
            try:
                self.run(address, "true")
            except SshFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def forget(self, address: Address) -> bool:
        """Forget the host key of a machine that was made anew; return whether one was known."""
        if not self.known_hosts.exists():
            return False
        before = self.known_hosts.read_bytes()
        subprocess.run(
            ["ssh-keygen", "-R", str(address), "-f", str(self.known_hosts)], capture_output=True, check=False
        )
        self.known_hosts.with_name(f"{self.known_hosts.name}.old").unlink(missing_ok=True)
        return self.known_hosts.read_bytes() != before


def ssh_of(definition: Definition, known_hosts: Path) -> Ssh:
    """How the machines of ``definition`` are entered."""
    return Ssh(definition.ssh.user, definition.ssh.key_file.expanduser(), known_hosts)
