"""How many inotify instances are left: the kernel bounds them per user, over all hosts of this machine.

Without one, systemd waits for ever for units that have ended, and a host hangs while it boots.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from homeostat.errors import MachineError
from infra.linux import proc
from tests.homelab.hosts.waiting import wait_until

_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
#: what a host takes with what roles install, and something for hosts that have only begun to boot
_ROOM = 10


def wait_for_room(deadline_seconds: float) -> None:
    """Wait until one more host can boot; other labs may end meanwhile.

    Raises:
        MachineError: when too few instances are left all the time.
    """
    try:
        wait_until(_has_room, deadline_seconds, _too_few, poll_seconds=1.0)
    except TimeoutError as error:
        raise MachineError(str(error)) from None


def _has_room() -> bool:
    return _used() + _ROOM <= int(_LIMIT.read_text())


def _too_few() -> str:
    limit = _LIMIT.read_text().strip()
    return (
        f"{_used()} of {limit} inotify instances of this user are taken, too many for one more host: "
        "let other labs end, or raise the setting fs.inotify.max_user_instances of this machine."
    )


def _used() -> int:
    return sum(1 for _ in _instances())


def _instances() -> Iterator[str]:
    for pid in proc.own_processes():
        folder = proc.PROC / str(pid) / "fd"
        try:
            names = os.listdir(folder)  # noqa: PTH208 - names are enough, and there are many
        except OSError:
            continue
        for name in names:
            try:
                target = os.readlink(folder / name)  # noqa: PTH115 - as above
            except OSError:
                continue
            if target == "anon_inode:inotify":
                yield name
