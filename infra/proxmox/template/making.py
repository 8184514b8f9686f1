"""Making the template: download the image, make a machine of it, convert it.

Every step reads first what is there, so that a run that was interrupted anywhere is gone on with by the next
one: tasks of ours that still run are followed, a machine that is not converted yet is converted, and one that
is half made is removed, since nothing can depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from infra.definition.document import Definition
from infra.proxmox import property_strings
from infra.proxmox.api import tasks
from infra.proxmox.api.calls import Calls, Reads
from infra.proxmox.api.locks import wait_until_unlocked
from infra.proxmox.api.writing import Say, write
from infra.proxmox.errors import NotOurs, NotThere
from infra.proxmox.template.download import download
from infra.proxmox.template.image import volume
from infra.proxmox.template.state import Found, State, creation, examine, place
from infra.proxmox.wanted import TEMPLATE_TAGS

#: importing writes the whole image to the storage, which may be slow
_CREATION_SECONDS = 1800.0
_SECONDS = 300.0


def ensure_template(api: Calls, definition: Definition, say: Say) -> Sequence[str]:
    """Make the template of ``definition``, unless it is there; return what was done.

    Raises:
        NotOurs: a machine that this platform did not make has its number.
        NotSuitable: the version or a storage cannot do it.
        ProxmoxError: Proxmox could not do it.
    """
    host, vmid = place(definition)
    _follow_running(api, host, vmid, say)
    found = find_template(api, vmid)
    state = examine(found, definition)
    if state is State.FOREIGN and found is not None:
        raise NotOurs(_foreign(definition, found))
    if state is State.OTHER_IMAGE:
        say(f"the template {vmid} was made of another image than cluster.yaml names; it is used as it is")
    if state in {State.READY, State.OTHER_IMAGE}:
        return []
    done: list[str] = []
    if found is not None and state is State.HALF_MADE:
        _remove(api, found.host, vmid, say)
        done.append(f"removed the half-made template {vmid}")
    if found is None or state is State.HALF_MADE:
        if download(api, definition, say):
            done.append(f"downloaded {volume(definition.proxmox.template)}")
        _create(api, host, definition, say)
    at = found.host if state is State.UNCONVERTED and found else host
    _tag(api, at, vmid, say)
    _convert(api, at, vmid, say)
    return [*done, f"made the template {vmid}"]


def find_template(api: Reads, vmid: int) -> Found | None:
    """The machine that has the number ``vmid``, of whomever; None when there is none that we may see."""
    rows: list[dict[str, Any]] = api.get("/cluster/resources", type="vm")
    row = next((row for row in rows if int(row["vmid"]) == vmid), None)
    if row is None:
        return None
    options: dict[str, Any] = {}
    if row.get("type", "qemu") == "qemu":
        try:
            options = api.get(f"/nodes/{row['node']}/qemu/{vmid}/config")
        except NotThere:
            return None
    return Found(
        host=str(row["node"]),
        name=str(options.get("name", row.get("name", ""))),
        is_template=property_strings.truth(str(options.get("template", 0))),
        tags=property_strings.tag_set(options.get("tags")),
        config={key: str(value) for key, value in options.items()},
    )


def _foreign(definition: Definition, found: Found) -> str:
    lock = found.config.get("lock")
    held = f" It is locked for '{lock}': a creation that broke off leaves such a machine." if lock else ""
    name = f" '{found.name}'" if found.name else ""
    return (
        f"'proxmox.template.vmid' is {definition.proxmox.template.vmid}, which is the machine{name} on "
        f"{found.host} that this platform did not make: name another number.{held}"
    )


def _follow_running(api: Calls, host: str, vmid: int, say: Say) -> None:
    """Wait for what a run before this one started."""
    for task in tasks.running(api, host, id=str(vmid), user=api.user):
        say(f"goes on with the task {task.kind} of a run before")
        tasks.follow(api, task, say, _CREATION_SECONDS)


def _create(api: Calls, host: str, definition: Definition, say: Say) -> None:
    vmid = definition.proxmox.template.vmid
    say(f"makes the machine {vmid} of the image")

    def is_done() -> bool:
        return examine(find_template(api, vmid), definition) is State.UNCONVERTED

    tasks.run(
        api,
        lambda: api.create(f"/nodes/{host}/qemu", **creation(definition)),
        tasks.Expected(host, frozenset({"qmcreate"}), str(vmid)),
        say,
        _CREATION_SECONDS,
        is_done,
    )


def _tag(api: Calls, host: str, vmid: int, say: Say) -> None:
    def tags() -> frozenset[str]:
        found = find_template(api, vmid)
        return found.tags if found else frozenset()

    there = tags()
    if there >= TEMPLATE_TAGS:
        return
    wait_until_unlocked(api, host, vmid, say)
    text = property_strings.tag_text(there | TEMPLATE_TAGS)
    write(
        lambda: api.set(f"/nodes/{host}/qemu/{vmid}/config", tags=text),
        lambda: tags() >= TEMPLATE_TAGS,
        api.clock,
        say,
    )


def _convert(api: Calls, host: str, vmid: int, say: Say) -> None:
    say(f"converts the machine {vmid} to a template")
    wait_until_unlocked(api, host, vmid, say)

    def is_done() -> bool:
        found = find_template(api, vmid)
        return found is not None and found.is_template

    tasks.run(
        api,
        lambda: api.create(f"/nodes/{host}/qemu/{vmid}/template"),
        tasks.Expected(host, frozenset({"qmtemplate"}), str(vmid)),
        say,
        _SECONDS,
        is_done,
    )


def _remove(api: Calls, host: str, vmid: int, say: Say) -> None:
    say(f"removes the half-made machine {vmid}")
    wait_until_unlocked(api, host, vmid, say)
    tasks.run(
        api,
        lambda: api.delete(f"/nodes/{host}/qemu/{vmid}", purge=True),
        tasks.Expected(host, frozenset({"qmdestroy"}), str(vmid)),
        say,
        _SECONDS,
        lambda: find_template(api, vmid) is None,
    )
