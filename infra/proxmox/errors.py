"""What can go wrong with Proxmox.

HomeostatError
+-- ProxmoxError         Proxmox, or the way to it, kept us from what we wanted
|   +-- Unreachable      no endpoint answers
|   |   +-- NotTrusted   one answers with a certificate that this machine does not trust
|   +-- LostAnswer       a write was sent and its answer was lost: it may or may not have happened
|   +-- Unauthorized     the token is wrong or has expired
|   +-- NotAllowed       the token lacks a privilege
|   +-- BadRequest       Proxmox refuses parameters, each with a reason
|   +-- NotThere         what was asked for does not exist
|   +-- Declined         Proxmox said no, and would say it again
|   |   +-- Conflict     someone else changed the same settings in between
|   |   +-- StorageFull  a storage has no space left
|   +-- Locked           something else works on the machine or the storage, and did not end in time
|   +-- TaskFailed       a task ended badly; the end of its log says why
|   +-- TookTooLong      a task still runs, longer than we wait
+-- Refused
    +-- NotOurs          something of the same number exists that this platform did not make
    +-- NotSuitable      the host or a storage cannot do what is needed, and the sentence says what would help
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homeostat.errors import HomeostatError, Refused


class ProxmoxError(HomeostatError):
    """Proxmox, or the way to it, kept us from what we wanted."""


class Unreachable(ProxmoxError):  # noqa: N818 - a state, and its reason
    """No endpoint answers."""


class NotTrusted(Unreachable):
    """An endpoint answers with a certificate that this machine does not trust."""


class LostAnswer(ProxmoxError):  # noqa: N818 - says what happened to whom
    """A write was sent and its answer was lost: it may or may not have happened."""


class Unauthorized(ProxmoxError):  # noqa: N818 - the field's word
    """The token is wrong or has expired."""


class NotAllowed(ProxmoxError):  # noqa: N818 - says what happened to whom
    """The token lacks one of ``privileges`` on ``path``; both are empty when Proxmox did not name them."""

    def __init__(self, message: str, path: str = "", privileges: Sequence[str] = ()) -> None:
        self.path = path
        self.privileges = tuple(privileges)
        super().__init__(message)


class BadRequest(ProxmoxError):  # noqa: N818 - the field's word
    """Proxmox refuses parameters; ``mistakes`` are its reasons by parameter."""

    def __init__(self, message: str, mistakes: Mapping[str, str]) -> None:
        self.mistakes = dict(mistakes)
        super().__init__(message)


class NotThere(ProxmoxError):  # noqa: N818 - a state
    """What was asked for does not exist."""


class Declined(ProxmoxError):  # noqa: N818 - says what happened to whom
    """Proxmox said no, and would say it again."""


class Conflict(Declined):
    """Someone else changed the same settings between our reading and our writing."""


class StorageFull(Declined):
    """A storage has no space left for what should be written to it."""


class Locked(ProxmoxError):  # noqa: N818 - a state
    """Something else works on the machine or the storage, and did not end in time."""


class TaskFailed(ProxmoxError):  # noqa: N818 - says what happened to whom
    """A task ended badly: ``reason`` in Proxmox's words, with the ``log`` lines that it ended with."""

    def __init__(self, message: str, upid: str, reason: str, log: Sequence[str]) -> None:
        self.upid = upid
        self.reason = reason
        self.log = tuple(log)
        super().__init__(message)


class TookTooLong(ProxmoxError):  # noqa: N818 - says what happened to whom
    """A task still runs in Proxmox, longer than we wait for it."""


class NotOurs(Refused):
    """Something of the same number or name exists that this platform did not make."""


class NotSuitable(Refused):
    """The host or a storage cannot do what is needed; the sentence says what would help."""
