"""A stage's processes never outlive the runner: ``leash.py PARENT COMMAND...``.

A pipeline's stage starts make, which starts Python, which starts what it likes. When the runner is killed,
even by SIGKILL, all of them must go, or two runs would train and hand off at once after the restart. So a
stage runs on a leash: this small process asks the kernel for a signal when its parent dies
(``PR_SET_PDEATHSIG``) and to inherit every orphan below it (``PR_SET_CHILD_SUBREAPER``); when the command or
the parent ends, it kills what is left.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def command(argv: Sequence[str]) -> tuple[str, ...]:
    """The command line that runs ``argv`` on a leash held by this process."""
    return (sys.executable, "-P", str(Path(__file__)), str(os.getpid()), *argv)


def main(arguments: Sequence[str]) -> int:
    """Run ``arguments[1:]`` until it ends or the process ``arguments[0]`` does; return its exit code."""
    parent, argv = int(arguments[0]), arguments[1:]
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _let_go)
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was asked to tell
        return 128 + signal.SIGTERM
    try:
        # preexec_fn is safe here: this process has one thread
        with subprocess.Popen(argv, start_new_session=True, preexec_fn=_die_with_parent) as child:  # noqa: PLW1509
            code = child.wait()
    except FileNotFoundError:
        sys.stderr.write(f"{argv[0]} is not on PATH\n")
        code = 127
    finally:
        _kill_descendants()
    return code if code >= 0 else 128 - code


def _let_go(number: int, _frame: FrameType | None) -> None:
    _kill_descendants()
    os._exit(128 + number)


def _die_with_parent() -> None:
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _kill_descendants() -> None:
    """SIGKILL the children until none is left; a killed one's children become ours and are next."""
    while children := _children():
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _children() -> list[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return [int(child) for child in listed.split()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
