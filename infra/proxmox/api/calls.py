"""The seam: what the rest of the room knows of Proxmox's API.

Paths are as in Proxmox's API viewer, such as ``/nodes/pve1/qemu/201/config``. Parameters are given by name
(those with a hyphen as ``**{"import-from": ...}``): booleans become 1 and 0, and None is left out.
"""

from __future__ import annotations

from typing import Any, Protocol

from infra.proxmox.api.clock import Clock

#: what a parameter may be; a list is sent as the same parameter several times
Value = str | int | float | bool | list[str] | None


class Reads(Protocol):
    """Asks Proxmox, without changing anything."""

    def get(self, path: str, /, **params: Value) -> Any:
        """The ``data`` of the answer.

        A broken way and Proxmox's passing faults (5xx) are tried again until the session's patience ends.

        Raises:
            ProxmoxError: one of its kinds, with a sentence.
        """
        ...


class Calls(Reads, Protocol):
    """Asks Proxmox, and changes it. A write is sent once: see ``writing.write`` for one that is repeated."""

    @property
    def clock(self) -> Clock:
        """The time by which this session waits."""
        ...

    @property
    def user(self) -> str:
        """Whose tasks ours are, as in a UPID: ``homeostat@pve!platform``."""
        ...

    @property
    def started(self) -> set[str]:
        """The UPIDs of the tasks that this session's writes started."""
        ...

    def server_time(self) -> float:
        """The host's time in seconds since 1970, after what its last answer said."""
        ...

    def create(self, path: str, /, **params: Value) -> Any:
        """POST.

        Raises:
            LostAnswer: it may or may not have happened.
            ProxmoxError: one of its other kinds: it did not happen.
        """
        ...

    def set(self, path: str, /, **params: Value) -> Any:
        """PUT.

        Raises:
            LostAnswer: it may or may not have happened.
            ProxmoxError: one of its other kinds: it did not happen.
        """
        ...

    def delete(self, path: str, /, **params: Value) -> Any:
        """DELETE.

        Raises:
            LostAnswer: it may or may not have happened.
            ProxmoxError: one of its other kinds: it did not happen.
        """
        ...
