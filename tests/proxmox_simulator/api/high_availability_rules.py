"""HA rules (since 9): which hosts resources prefer, and which resources stay together or apart."""

import hashlib
import json
from typing import Any

from tests.proxmox_simulator.api.high_availability import change, settings
from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import failure, wrong_parameters
from tests.proxmox_simulator.routes import route

#: what each type needs, and what only the other type has
_NEEDED = {"node-affinity": ("nodes", ("affinity",)), "resource-affinity": ("affinity", ("nodes", "strict"))}


def _digest(call: Call) -> str:
    """Of the file with all rules."""
    text = json.dumps(call.cluster.ha.rules, sort_keys=True)
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _rule(call: Call) -> dict[str, Any]:
    name = call.parameters["rule"]
    if name not in call.cluster.ha.rules:
        raise failure(f"no such ha rule '{name}'")
    return call.cluster.ha.rules[name]


@route("GET", "/cluster/ha/rules")
def rules(call: Call) -> list[dict[str, Any]]:
    kind, resource = call.text("type"), call.text("resource")
    return [
        {"rule": name, "digest": _digest(call)} | stored
        for name, stored in call.cluster.ha.rules.items()
        if kind in (None, stored["type"]) and (resource is None or resource in stored["resources"].split(","))
    ]


@route("POST", "/cluster/ha/rules")
def add(call: Call) -> None:
    name, kind = call.parameters["rule"], call.parameters["type"]
    needed, foreign = _NEEDED[kind]
    if needed not in call.parameters:
        raise wrong_parameters({needed: "property is missing and it is not optional"})
    wrong = [option for option in foreign if option in call.parameters]
    if wrong:
        raise wrong_parameters({wrong[0]: f"unexpected property '{wrong[0]}'"})
    with call.cluster.lock:
        if name in call.cluster.ha.rules:
            raise failure(f"HA rule '{name}' already defined")
        _check_resources(call, call.parameters["resources"])
        call.cluster.ha.rules[name] = settings(call, "rule")


def _check_resources(call: Call, resources: str) -> None:
    for sid in resources.replace(";", ",").split(","):
        if sid not in call.cluster.ha.resources:
            raise failure(f"cannot use unmanaged resource(s) {sid}.")


@route("GET", "/cluster/ha/rules/{rule}")
def rule(call: Call) -> dict[str, Any]:
    return {"rule": call.parameters["rule"], "digest": _digest(call)} | _rule(call)


@route("PUT", "/cluster/ha/rules/{rule}")
def update(call: Call) -> None:
    with call.cluster.lock:
        stored = _rule(call)
        if call.text("digest") not in (None, _digest(call)):
            raise failure("update HA rules failed: detected modified configuration - file changed by other user? Try again.")  # fmt: skip  # noqa: E501
        if stored["type"] != call.parameters["type"]:
            raise wrong_parameters({"type": "can't change the type of a rule"})
        if call.text("resources"):
            _check_resources(call, call.parameters["resources"])
        change(call, stored, "rule")


@route("DELETE", "/cluster/ha/rules/{rule}")
def remove(call: Call) -> None:
    _rule(call)
    del call.cluster.ha.rules[call.parameters["rule"]]
