"""Logging in, the caller's own privileges, and the version."""

from typing import Any

from tests.proxmox_simulator.accounts import ROOT
from tests.proxmox_simulator.cluster import Call
from tests.proxmox_simulator.refusal import not_permitted
from tests.proxmox_simulator.routes import route


@route("POST", "/access/ticket")
def create_ticket(call: Call) -> dict[str, Any]:
    user = call.parameters["username"]
    if "@" not in user and call.text("realm"):
        user = f"{user}@{call.text('realm')}"
    ticket, csrf, caller = call.cluster.accounts.log_in(user, call.parameters["password"])
    return {
        "username": user,
        "ticket": ticket,
        "CSRFPreventionToken": csrf,
        "cap": call.cluster.permissions(caller).tree(),
    }


@route("GET", "/access/permissions")
def effective_privileges(call: Call) -> dict[str, dict[str, int]]:
    userid, path = call.text("userid") or call.caller.name, call.text("path")
    own = userid == call.caller.name or userid.startswith(f"{call.caller.name}!")
    if not own and call.caller.name != ROOT:
        call.permissions.check("/access", "Sys.Audit")
    other = call.cluster.accounts.get(userid)
    if other is None:
        raise not_permitted()
    permissions = call.cluster.permissions(other)
    if path is None:
        return permissions.tree()
    return {path: dict.fromkeys(sorted(permissions.on(path)), 1)}


@route("GET", "/version")
def version(call: Call) -> dict[str, str]:
    return {
        "version": call.cluster.version,
        "release": ".".join(call.cluster.version.split(".")[:2]),
        "repoid": "2a5fa54a8503f96d",
    }
