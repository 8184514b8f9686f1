"""Whether the token is allowed what it needs, and not much more."""

from __future__ import annotations

from collections.abc import Mapping

from homeostat.doctor import Finding, Level
from infra.definition.document import Definition
from infra.proxmox.api.calls import Reads
from infra.proxmox.privileges import by_path, grant, needs

#: with one of these everywhere, whoever has the token has the hosts
_POWERFUL = frozenset(
    {
        "Permissions.Modify",
        "User.Modify",
        "Realm.Allocate",
        "Realm.AllocateUser",
        "Group.Allocate",
        "Sys.Incoming",
        "Sys.PowerMgmt",
        "Datastore.Allocate",
    }
)


def allowed(api: Reads, definition: Definition) -> Mapping[str, frozenset[str]]:
    """What the token may do on the paths that matter, as Proxmox reckons it."""
    return {path: _on(api, path) for path in sorted({"/", *by_path(definition)})}


def missing(api: Reads, definition: Definition) -> Finding:
    """What the token lacks, with the commands that grant it."""
    may = allowed(api, definition)
    lacking = [
        (need, need.privileges - may[need.path])
        for need in needs(definition)
        if not need.privileges <= may[need.path]
    ]
    if not lacking:
        return Finding(Level.OK, "the token may do all that cluster.yaml needs.")
    told = "; ".join(
        f"{', '.join(sorted(lacks))} on {need.path} (to {need.purpose})" for need, lacks in lacking
    )
    commands = "\n".join(
        grant(need.path, need.privileges, definition.proxmox.token.id) for need, _ in lacking
    )
    return Finding(
        Level.FAILED,
        f"the token '{definition.proxmox.token.id}' lacks {told}.",
        f"As root on a Proxmox host:\n{commands}",
    )


def excess(api: Reads, definition: Definition) -> Finding:
    """What the token may do to the whole of Proxmox, though nothing needs it."""
    needed = by_path(definition).get("/", frozenset[str]())
    more = (_on(api, "/") - needed) & _POWERFUL
    if not more:
        return Finding(Level.OK, "the token has no right over the whole of Proxmox that nothing needs.")
    user = definition.proxmox.token.id.partition("!")[0]
    return Finding(
        Level.WARNING,
        f"the token may {', '.join(sorted(more))} on the whole of Proxmox, as an administrator "
        "may: who gets hold of it has the hosts.",
        f"Give it only the roles that the documentation lists: 'pveum acl list' shows what '{user}' and its "
        "token have, 'pveum acl delete / --roles Administrator --tokens ...' takes it away.",
    )


def _on(api: Reads, path: str) -> frozenset[str]:
    answer: Mapping[str, Mapping[str, int]] = api.get("/access/permissions", path=path)
    return frozenset(answer.get(path, {}))
