"""What the template must be, and what the machine that has its number is: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from infra.definition.document import Definition
from infra.proxmox.template.image import made_of, volume
from infra.proxmox.wanted import CPU, TEMPLATE_MARK, TEMPLATE_TAGS

#: a clone sets its own; the template never runs
_MEMORY_MEBIBYTES = 1024


class State(StrEnum):
    """What was found at the template's number."""

    ABSENT = "absent"
    #: whole, and made of the image in cluster.yaml
    READY = "ready"
    #: whole, but made of another image
    OTHER_IMAGE = "made of another image"
    #: ours and complete, but no template yet
    UNCONVERTED = "not converted yet"
    #: ours, but its disk is missing or of another image: nothing can depend on it
    HALF_MADE = "half made"
    #: not made by this platform
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Found:
    """The machine that has the template's number."""

    host: str
    name: str
    is_template: bool
    tags: frozenset[str]
    #: its options
    config: Mapping[str, str]


def examine(found: Found | None, definition: Definition) -> State:
    """Which state the template of ``definition`` is in."""
    if found is None:
        return State.ABSENT
    described = found.config.get("description", "").splitlines()
    # it gets its tags before it becomes a template
    is_begun = (
        not found.is_template
        and found.name == definition.proxmox.template.name
        and TEMPLATE_MARK in described
    )
    if not (found.tags >= TEMPLATE_TAGS or is_begun):
        return State.FOREIGN
    same_image = made_of(definition.proxmox.template) in described
    if found.is_template:
        return State.READY if same_image else State.OTHER_IMAGE
    complete = all(found.config.get(drive) for drive in ("scsi0", "ide2"))
    return State.UNCONVERTED if complete and same_image else State.HALF_MADE


def creation(definition: Definition) -> Mapping[str, str | int]:
    """What Proxmox is told to make the machine that becomes the template.

    Tags come later: Proxmox checks them on the machine itself, which is in its pool only when it is made.
    """
    proxmox = definition.proxmox
    tag = f",tag={proxmox.vlan}" if proxmox.vlan else ""
    disk = f"{proxmox.storage}:0,import-from={volume(proxmox.template)},discard=on,iothread=1,ssd=1"
    return {
        "vmid": proxmox.template.vmid,
        "name": proxmox.template.name,
        "description": description(definition),
        "ostype": "l26",
        "cpu": CPU,
        "cores": 1,
        "memory": _MEMORY_MEBIBYTES,
        "scsihw": "virtio-scsi-single",
        "scsi0": disk,
        "ide2": f"{proxmox.storage}:cloudinit",
        "boot": "order=scsi0",
        "net0": f"virtio,bridge={proxmox.bridge}{tag}",
        # cloud images write to the serial console, some to no other
        "serial0": "socket",
        "vga": "serial0",
        "agent": "enabled=1",
        **({"pool": proxmox.pool} if proxmox.pool else {}),
    }


def description(definition: Definition) -> str:
    """What the template says of itself to people, and to :func:`examine`."""
    template = definition.proxmox.template
    return f"{TEMPLATE_MARK}\n{made_of(template)}\n{template.image}"


def place(definition: Definition) -> tuple[str, int]:
    """The host and the number that the template should have."""
    return definition.template_host, definition.proxmox.template.vmid
