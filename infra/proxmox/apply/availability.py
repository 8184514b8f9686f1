"""Whether HA manages a machine: in a group (Proxmox VE 8), or by a node-affinity rule (9)."""

from __future__ import annotations

from infra.proxmox.apply.work import Job, Place
from infra.proxmox.errors import NotThere
from infra.proxmox.reading import Version, read_availability, rule_resources


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
        _name_in_rule(job, sid)


def end(place: Place, version: Version) -> None:
    """Let HA leave the machine alone, if it manages it; the machine goes on running."""
    if _group(place, version) is None:
        return
    if version[0] >= 9:
        _leave_rules(place, f"vm:{place.vmid}", "")
    place.write(
        lambda: place.api.delete(f"/cluster/ha/resources/vm:{place.vmid}"),
        lambda: _group(place, version) is None,
    )


def _group(place: Place, version: Version) -> str | None:
    managed, _ = read_availability(place.api, version, required=False)
    return managed.get(place.vmid)


def _name_in_rule(job: Job, sid: str) -> None:
    rule = job.wanted.ha_group or ""
    _leave_rules(job.place, sid, rule)
    if rule:
        found = job.place.api.get(f"/cluster/ha/rules/{rule}")
        _set_rule(job.place, rule, [*rule_resources(found), sid])


def _leave_rules(place: Place, sid: str, but: str) -> None:
    for rule in place.api.get("/cluster/ha/rules", type="node-affinity"):
        name, resources = str(rule["rule"]), rule_resources(rule)
        if sid in resources and name != but and len(resources) > 1:
            _set_rule(place, name, [one for one in resources if one != sid])
        elif sid in resources and name != but:
            # a rule must name something
            place.write(
                lambda name=name: place.api.delete(f"/cluster/ha/rules/{name}"),
                lambda name=name: not _is_rule(place, name),
            )


def _set_rule(place: Place, name: str, resources: list[str]) -> None:
    listed = list(dict.fromkeys(resources))
    place.write(
        lambda: place.api.set(f"/cluster/ha/rules/{name}", type="node-affinity", resources=",".join(listed)),
        lambda: set(rule_resources(place.api.get(f"/cluster/ha/rules/{name}"))) == set(listed),
    )


def _is_rule(place: Place, name: str) -> bool:
    try:
        place.api.get(f"/cluster/ha/rules/{name}")
    except NotThere:
        return False
    return True
