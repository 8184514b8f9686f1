"""Short commands that change the machine: bounded in time, and a failure is one sentence."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from infra.local.errors import CommandFailed

LIMIT_SECONDS = 60.0


def run(
    *command: str,
    given: str = "",
    limit_seconds: float = LIMIT_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run the command with ``given`` on its standard input, and return what it prints.

    Raises:
        CommandFailed: when it exits with another code than 0, or takes longer than ``limit_seconds``.
    """
    shown = " ".join(command)
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit_seconds,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"'{shown}' took longer than {limit_seconds:g} s.") from None
    except FileNotFoundError:
        raise CommandFailed(f"'{shown}': {command[0]} is not on PATH.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it failed without a word"]
        raise CommandFailed(f"'{shown}': {lines[-1].rstrip('.')}.")
    return done.stdout
