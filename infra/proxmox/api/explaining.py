"""From Proxmox's answers to sentences: which kind of no it was, and what would help."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.proxmox.errors import (
    BadRequest,
    Conflict,
    Declined,
    Locked,
    LostAnswer,
    NotAllowed,
    NotThere,
    ProxmoxError,
    StorageFull,
    Unauthorized,
)
from infra.proxmox.privileges import grant

#: answers that say nothing of what became of the request: gateways, and pveproxy that lost another host
_LOST = frozenset({502, 503, 504, 595, 596, 597, 598, 599})
_EMPTY = frozenset({"", "internal server error", "internal error"})
_DENIED = re.compile(r"\((?P<path>/[^,()]*),\s*(?P<privileges>[A-Za-z.|,\s]+)\)")
_LOCKED = re.compile(
    r"can't lock file|is locked|got lock (request )?timeout|cfs-lock '|unable to acquire lock", re.IGNORECASE
)
_CHANGED = re.compile(r"detected modified configuration|file changed by other user", re.IGNORECASE)
_FULL = re.compile(
    r"no space left|out of (disk )?space|not enough (free )?space|insufficient free space|quota exceeded",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"does not exist|no such (vm|volume|storage|task|pool|node|file|logical volume)"
    r"|unable to find (configuration file|a? ?vm)|no such (resource|ha rule|ha group)",
    re.IGNORECASE,
)
#: where one of several rights would do, Proxmox names none: request -> path and privilege that we would grant
_UNNAMED = (
    (re.compile(r"POST (/nodes/[^/]+)/storage/[^/]+/download-url"), r"\1", "Sys.AccessNetwork"),
    (re.compile(r"POST /nodes/[^/]+/qemu(/\d+/clone)?"), "/vms", "VM.Allocate"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, without the values of its parameters."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is an error."""

    status: int
    reason: str
    mistakes: Mapping[str, str] = field(default_factory=dict[str, str])


def explain(answer: Answer, request: Request, token: str) -> ProxmoxError:
    """The error that ``answer`` is; a :class:`LostAnswer` when it says nothing of what happened."""
    reason = " ".join(answer.reason.split()).rstrip(".")
    if answer.status in _LOST or (answer.status == 500 and reason.lower() in _EMPTY):
        shown = f" ({reason})" if reason else ""
        return LostAnswer(
            f"Proxmox answers {answer.status}{shown} to {request}: whether it happened is unknown."
        )
    if answer.status in _EXPLAINED:
        return _EXPLAINED[answer.status](answer, request, token)
    if answer.status == 404 or _ABSENT.search(reason):
        return NotThere(f"{request}: {reason or 'Proxmox has nothing there'}.")
    return explain_reason(reason, str(request)) or Declined(
        f"Proxmox refuses {request}: {reason} ({answer.status})."
    )


def explain_reason(reason: str, what: str) -> ProxmoxError | None:
    """The kind of error that Proxmox's sentence ``reason`` tells of, in an answer or at a task's end."""
    if _LOCKED.search(reason):
        return Locked(f"{what}: {reason}. Something else works on it; see the task list of Proxmox.")
    if _CHANGED.search(reason):
        return Conflict(
            f"{what}: someone else changed the same settings meanwhile; look at them and run it again."
        )
    if _FULL.search(reason):
        return StorageFull(
            f"{what}: {reason}. Free space on the storage, or name another one in cluster.yaml."
        )
    return None


def _unauthorized(answer: Answer, _request: Request, token: str) -> ProxmoxError:
    user, _, name = token.partition("!")
    return Unauthorized(
        f"Proxmox does not accept the token '{token}' ({_told(answer)}): its id or secret is wrong, or "
        f"it has expired. 'pveum user token list {user}' shows it; 'pveum user token remove {user} {name}' "
        f"and 'pveum user token add {user} {name}' give it a new secret."
    )


def _not_allowed(answer: Answer, request: Request, token: str) -> ProxmoxError:
    path, privileges = _denied(answer.reason, request)
    if not privileges:
        return NotAllowed(f"The token '{token}' may not {request}: {_told(answer)}.")
    either = " or ".join(privileges)
    return NotAllowed(
        f"The token '{token}' may not {request}: it lacks {either} on {path}. "
        f"As root on a Proxmox host: {grant(path, privileges[:1], token)}",
        path,
        privileges,
    )


def _denied(reason: str, request: Request) -> tuple[str, tuple[str, ...]]:
    """The path, and the privileges of which one is missing there."""
    if found := _DENIED.search(reason):
        return found["path"], tuple(name for name in re.split(r"[|,\s]+", found["privileges"]) if name)
    for pattern, path, privilege in _UNNAMED:
        if "(" not in reason and (asked := pattern.fullmatch(str(request))):
            return asked.expand(path), (privilege,)
    return "", ()


def _bad_request(answer: Answer, request: Request, _token: str) -> ProxmoxError:
    listed = "; ".join(f"'{name}': {why.rstrip('.')}" for name, why in sorted(answer.mistakes.items()))
    return BadRequest(
        f"Proxmox refuses the parameters of {request}: {listed or _told(answer)}.", answer.mistakes
    )


def _unknown(_answer: Answer, request: Request, _token: str) -> ProxmoxError:
    return NotThere(
        f"{request} is unknown to this Proxmox: its version is not one of those supported (8 and 9)."
    )


def _told(answer: Answer) -> str:
    return " ".join(answer.reason.split()).rstrip(".") or "no reason given"


_EXPLAINED: Mapping[int, Callable[[Answer, Request, str], ProxmoxError]] = {
    400: _bad_request,
    401: _unauthorized,
    403: _not_allowed,
    501: _unknown,
}
