"""High availability: resources, with groups until 8 and rules since 9."""

from typing import Any

from tests.proxmox_simulator.cluster import Call, Cluster
from tests.proxmox_simulator.refusal import failure, wrong_parameters
from tests.proxmox_simulator.routes import route


def _sid(call: Call) -> str:
    sid = call.parameters["sid"]
    return sid if ":" in sid else f"vm:{sid}"


def settings(call: Call, *names: str) -> dict[str, Any]:
    """The parameters as they are stored: numbers and flags as numbers."""
    found = {
        name: value
        for name, value in call.parameters.items()
        if name not in ("node", "sid", "delete", "digest", *names)
    }
    return {name: int(value) if value.isdigit() else value for name, value in found.items()}


def change(call: Call, stored: dict[str, Any], *names: str) -> None:
    for name in (call.text("delete") or "").replace(";", ",").split(","):
        stored.pop(name, None)
    stored.update(settings(call, *names))


@route("GET", "/cluster/ha/resources")
def resources(call: Call) -> list[dict[str, Any]]:
    return [
        {"sid": sid, "type": sid.partition(":")[0]} | stored
        for sid, stored in call.cluster.ha.resources.items()
    ]


@route("POST", "/cluster/ha/resources")
def add_resource(call: Call) -> None:
    sid = _sid(call)
    with call.cluster.lock:
        if sid in call.cluster.ha.resources:
            raise failure(f"resource ID '{sid}' already defined")
        if int(sid.partition(":")[2]) not in call.cluster.vms:
            raise failure(f"no such {sid.partition(':')[0]} service '{sid}'")
        _check_group(call)
        call.cluster.ha.resources[sid] = {"state": "started", "max_restart": 1, "max_relocate": 1} | settings(
            call, "type"
        )
    if call.cluster.ha.resources[sid]["state"] in ("started", "enabled"):
        _let_run(call, int(sid.partition(":")[2]))


def _let_run(call: Call, vmid: int) -> None:
    """The HA manager starts what should be started."""
    from tests.proxmox_simulator.api.vm_power import start_vm  # noqa: PLC0415  # it reads the resources of this file

    vm = call.cluster.vms[vmid]
    if not vm.is_running and not vm.is_template:
        work = call.under(call.cluster.file_locks.exclusive(vmid), lambda _: start_vm(call.cluster, vm))
        call.cluster.tasks.start(vm.host, "qmstart", str(vmid), "root@pam", work)


def _check_group(call: Call) -> None:
    group = call.text("group")
    if group is None:
        return
    if call.cluster.major >= 9:
        raise wrong_parameters({"group": "invalid parameter 'group': ha groups have been migrated to rules"})
    if group not in call.cluster.ha.groups:
        raise failure(f"HA group '{group}' does not exist")


def _resource(call: Call) -> dict[str, Any]:
    sid = _sid(call)
    if sid not in call.cluster.ha.resources:
        raise failure(f"no such resource '{sid}'")
    return call.cluster.ha.resources[sid]


@route("GET", "/cluster/ha/resources/{sid}")
def resource(call: Call) -> dict[str, Any]:
    return {"sid": _sid(call), "type": _sid(call).partition(":")[0]} | _resource(call)


@route("PUT", "/cluster/ha/resources/{sid}")
def change_resource(call: Call) -> None:
    with call.cluster.lock:
        _check_group(call)
        change(call, _resource(call))
    if _resource(call).get("state") in ("started", "enabled"):
        _let_run(call, int(_sid(call).partition(":")[2]))


@route("DELETE", "/cluster/ha/resources/{sid}")
def remove_resource(call: Call) -> None:
    with call.cluster.lock:
        _resource(call)
        forget(call.cluster, _sid(call), leaves_rules=call.flag("purge", default=True))


def forget(cluster: Cluster, sid: str, *, leaves_rules: bool = True) -> None:
    """No longer manage a resource; a rule goes with the last one that it names."""
    cluster.ha.resources.pop(sid, None)
    for name, rule in list(cluster.ha.rules.items()) if leaves_rules else []:
        left = [one for one in rule["resources"].split(",") if one != sid]
        if left:
            rule["resources"] = ",".join(left)
        else:
            del cluster.ha.rules[name]


@route("GET", "/cluster/ha/status/current")
def status(call: Call) -> list[dict[str, Any]]:
    managed = [
        {"id": f"service:{sid}", "sid": sid, "type": "service"}
        | dict.fromkeys(("state", "request_state", "status"), stored["state"])
        for sid, stored in call.cluster.ha.resources.items()
    ]  # fmt: skip
    return [{"id": "quorum", "type": "quorum", "status": "OK", "quorate": 1}, *managed]


def _groups(call: Call, action: str) -> dict[str, dict[str, Any]]:
    if call.cluster.major >= 9:
        raise failure(f"cannot {action}: ha groups have been migrated to rules")
    return call.cluster.ha.groups


@route("GET", "/cluster/ha/groups")
def groups(call: Call) -> list[dict[str, Any]]:
    return [
        {"group": name, "type": "group"} | stored for name, stored in _groups(call, "index groups").items()
    ]


@route("POST", "/cluster/ha/groups")
def add_group(call: Call) -> None:
    name, known = call.parameters["group"], _groups(call, "create group")
    if name in known:
        raise failure(f"create ha group failed: group ID '{name}' already defined")
    known[name] = settings(call, "group", "type")


def _group(call: Call, action: str) -> dict[str, Any]:
    known, name = _groups(call, action), call.parameters["group"]
    if name not in known:
        raise failure(f"no such ha group '{name}'")
    return known[name]


@route("GET", "/cluster/ha/groups/{group}")
def group(call: Call) -> dict[str, Any]:
    return {"group": call.parameters["group"], "type": "group"} | _group(call, "read group")


@route("PUT", "/cluster/ha/groups/{group}")
def change_group(call: Call) -> None:
    change(call, _group(call, "update group"), "group")


@route("DELETE", "/cluster/ha/groups/{group}")
def remove_group(call: Call) -> None:
    name = call.parameters["group"]
    _group(call, "delete group")
    if any(stored.get("group") == name for stored in call.cluster.ha.resources.values()):
        raise failure("delete group failed: ha group is used by service")
    del call.cluster.ha.groups[name]
