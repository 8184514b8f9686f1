"""Run a command that fetches or builds a program: for a bounded time, and a failure is one sentence."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.programs.program import Unavailable

_FULL = ("no space left on device", "not enough free space")


@dataclass(frozen=True, slots=True)
class Commands:
    """How the commands of one source are run."""

    limit_seconds: int
    #: finds the line that tells why, among those that the command complained with (at least one)
    reason: Callable[[Sequence[str]], str]
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def run(self, command: Sequence[str], folder: Path) -> None:
        """Run ``command`` in ``folder``.

        Raises:
            Unavailable: when it fails or takes too long.
        """
        try:
            ran = subprocess.run(
                command,
                cwd=folder,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.limit_seconds,
                check=False,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **self.variables},
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{command[0]} took longer than {self.limit_seconds} s.") from None
        if ran.returncode == 0:
            return
        if any(words in ran.stderr.lower() for words in _FULL):
            raise Unavailable(f"{command[0]} found the disk full: make room and start again.")
        lines = ran.stderr.strip().splitlines() or ["it failed without a word"]
        raise Unavailable(f"{self.reason(lines).strip().rstrip('.')}.")
