"""Whether HA manages a machine: in a group (Proxmox VE 8), or by a node-affinity rule (9)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.proxmox.api.patience import READING
from infra.proxmox.api.version import Version
from infra.proxmox.apply.work import Job, MachineAt
from infra.proxmox.errors import Conflict, Declined, NotThere
from infra.proxmox.reading import read_availability, rule_resources

#: a rule lists all of its machines, which are changed several at a time
_RULES = threading.Lock()


def manage(job: Job) -> None:
    """Let HA manage the machine in its group, and start it."""
    place, group = job.place, job.wanted.ha_group
    by_groups = job.version[0] < 9
    sid = f"vm:{place.vmid}"
    # a group is no parameter any more where rules took its place
    given = {"group": group} if by_groups and group else {}
    if _group(place, job.version) is None:
        place.write(
            lambda: place.api.create("/cluster/ha/resources", sid=sid, state="started", **given),
            lambda: _group(place, job.version) is not None,
        )
    elif by_groups:
        change = given or {"delete": "group"}
        place.write(
            lambda: place.api.set(f"/cluster/ha/resources/{sid}", **change),
            lambda: _group(place, job.version) == (group or ""),
        )
    if not by_groups:
        with _RULES:
            _leave_rules(place, sid, but=group)
            if group:
                _enter_rule(place, sid, group, job.wanted.ha_hosts)


def end(place: MachineAt, version: Version) -> None:
    """Let HA leave the machine alone, if it manages it; the machine goes on running."""
    if _group(place, version) is None:
        return
    if version[0] >= 9:
        with _RULES:
            _leave_rules(place, f"vm:{place.vmid}", but=None)
    place.write(
        lambda: place.api.delete(f"/cluster/ha/resources/vm:{place.vmid}"),
        lambda: _group(place, version) is None,
    )


def _group(place: MachineAt, version: Version) -> str | None:
    managed, _ = read_availability(place.api, version, required=False)
    return managed.get(place.vmid)


def _enter_rule(place: MachineAt, sid: str, name: str, hosts: Sequence[str]) -> None:
    """A rule can't be made before it has a machine that HA manages, so its first one makes it."""

    def enter() -> None:
        if (rule := _rule(place, name)) is None:
            _make_rule(place, sid, name, hosts)
        elif sid not in rule_resources(rule):
            _set_resources(place, rule, [*rule_resources(rule), sid])

    _until_nobody_interferes(place, enter)


def _leave_rules(place: MachineAt, sid: str, but: str | None) -> None:
    def leave() -> None:
        for rule in place.api.get("/cluster/ha/rules", type="node-affinity"):
            name, resources = str(rule["rule"]), rule_resources(rule)
            if sid not in resources or name == but:
                continue
            if left := [one for one in resources if one != sid]:
                _set_resources(place, rule, left)
            else:
                # a rule must name something
                place.write(
                    lambda name=name: place.api.delete(f"/cluster/ha/rules/{name}"),
                    lambda name=name: _rule(place, name) is None,
                )

    _until_nobody_interferes(place, leave)


def _make_rule(place: MachineAt, sid: str, name: str, hosts: Sequence[str]) -> None:
    try:
        place.write(
            lambda: place.api.create(
                "/cluster/ha/rules", rule=name, type="node-affinity", nodes=",".join(hosts), resources=sid
            ),
            lambda: sid in rule_resources(_rule(place, name) or {}),
        )
    except Declined:
        if _rule(place, name) is None:
            raise
        raise Conflict(f"somebody else made the HA rule {name} meanwhile; apply again.") from None


def _set_resources(place: MachineAt, rule: Mapping[str, Any], resources: Sequence[str]) -> None:
    name, wanted = str(rule["rule"]), set(resources)
    place.write(
        lambda: place.api.set(
            f"/cluster/ha/rules/{name}",
            type="node-affinity",
            resources=",".join(resources),
            digest=rule.get("digest"),
        ),
        lambda: set(rule_resources(_rule(place, name) or {})) == wanted,
    )


def _until_nobody_interferes(place: MachineAt, change: Callable[[], None]) -> None:
    """Do it anew from what is there then, when another process changed a rule in between."""
    conflict: Conflict | None = None
    for _ in READING.attempts(place.api.clock):
        try:
            return change()
        except Conflict as error:
            conflict = error
    assert conflict is not None  # noqa: S101 - attempts() yields at least one, which returned, raised or conflicted
    raise conflict


def _rule(place: MachineAt, name: str) -> Mapping[str, Any] | None:
    try:
        return place.api.get(f"/cluster/ha/rules/{name}")
    except NotThere:
        return None
