"""Short commands on this machine: bounded in time, and a failure is one sentence with what was printed."""

from __future__ import annotations

import subprocess

LIMIT_SECONDS = 120.0


class CommandFailed(AssertionError):  # noqa: N818 - it reads as the sentence that it starts
    """A command exited with another code than 0, or took too long."""


def run(*command: str, given: bytes = b"", limit_seconds: float = LIMIT_SECONDS) -> str:
    """Run the command with ``given`` on its standard input, and return what it prints.

    Raises:
        CommandFailed: when it exits with another code than 0, or takes longer than ``limit_seconds``.
    """
    shown = " ".join(command)[:500]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=limit_seconds, check=False)
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"'{shown}' took longer than {limit_seconds:g} s.") from None
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip()[-2000:]
        raise CommandFailed(f"'{shown}' exited with {done.returncode}: {said}")
    return done.stdout.decode(errors="replace")
