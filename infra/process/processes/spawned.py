"""The first instructions of every child: tie its life to the supervisor's, then become the service.

Run as a script by a bare interpreter (``-I -S``), for code between fork and exec must not touch a process
that has threads. Arguments: the supervisor's process id, then the command. The kernel's parent-death signal
(prctl(2)) is kept across exec; the check after it closes the gap in which the supervisor may already have
died.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: signal.Signals) -> bool:
    """Ask for ``number`` when the parent dies; False when it isn't ``parent`` (any more)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    return os.getppid() == parent


def main(arguments: list[str]) -> None:
    """Become the command in ``arguments``, or exit 127 with one sentence."""
    parent, command = int(arguments[0]), arguments[1:]
    if not die_with_parent(parent, signal.SIGKILL):
        sys.exit("the supervisor is gone.")
    try:
        os.execvp(command[0], command)  # noqa: S606 - an argument list, on purpose without a shell
    except OSError as error:
        sys.stderr.write(f"{command[0]} can't be started: {error.strerror}.\n")
        sys.exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
