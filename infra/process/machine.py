"""What this machine must have before the platform starts on it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from homeostat.errors import MachineError
from infra import disk


def check_machine(state: Path) -> Sequence[str]:
    """Look at the machine before anything is started; return what a person should know about it.

    Raises:
        MachineError: when the platform can't run here.
    """
    if sys.platform != "linux":
        raise MachineError(f"the process provider needs Linux, and this is {sys.platform}.")
    if shutil.which("git") is None:
        raise MachineError("git is not on PATH: install it (Debian and Ubuntu: apt-get install git).")
    if disk.free_bytes(state) < disk.LEAST_BYTES:
        raise MachineError(str(disk.warning(state)))
    warning = disk.warning(state)
    return [warning] if warning else []
