"""The template, and what a clone of it can't be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import TEMPLATE_MARK, TEMPLATE_TAG, Wanted, WantedMachine, WantedTemplate


def has_template(wanted: WantedTemplate, landscape: Landscape) -> bool:
    """Whether the template is there and whole."""
    found = landscape.machine(wanted.vmid)
    return found is not None and found.is_template and TEMPLATE_TAG in found.tags


@dataclass(frozen=True, slots=True)
class Source:
    """Where the template is, or will be."""

    host: str
    storage: str
    #: whether other hosts see its disk
    is_shared: bool

    def reaches(self, machine: WantedMachine, landscape: Landscape) -> bool:
        """Whether a clone can be made right on the host of ``machine``: both disks must be seen there."""
        storage = landscape.storage(machine.storage, machine.host)
        return self.host == machine.host or (self.is_shared and storage is not None and storage.shared)


def source(wanted: WantedTemplate, landscape: Landscape) -> Source:
    """What clones are made of."""
    found = landscape.machine(wanted.vmid)
    host = found.host if found else wanted.host
    name = (found.storage if found else "") or wanted.storage
    storage = landscape.storage(name, host)
    return Source(host, name, storage is not None and storage.shared)


def cloning_mistakes(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """What keeps the template from being made, and machines from being cloned of it."""
    template, found = wanted.template, landscape.machine(wanted.template.vmid)
    creations = [machine for machine in wanted.machines if landscape.machine(machine.vmid) is None]
    if not creations:
        return
    if found and TEMPLATE_TAG not in found.tags and not _is_begun(template, found):
        yield (
            f"proxmox.template.vmid is {template.vmid}, which belongs to '{found.name}' on {found.host} and "
            "is no template of this platform; choose another."
        )
        return
    yield from _clones(wanted, creations, found, landscape)
    if has_template(template, landscape):
        return
    if template.host not in landscape.hosts:
        if template.host not in {machine.host for machine in wanted.machines}:
            yield f"proxmox.template.host is '{template.host}', which Proxmox does not have."
        return
    images = landscape.storage(template.image_storage, template.host)
    if images is None:
        yield (
            f"proxmox.template.image_storage is '{template.image_storage}', which {template.host} does not "
            "have; name one that it has."
        )
    elif "import" not in images.content:
        yield (
            f"proxmox.template.image_storage is '{template.image_storage}', which does not take images to "
            f"import; allow it: pvesm set {images.name} --content {','.join(images.content)},import."
        )


def _is_begun(wanted: WantedTemplate, found: FoundMachine) -> bool:
    """Whether it is a template of ours that was interrupted before it got its tags."""
    described = (found.config or {}).get("description", "").splitlines()
    return found.name == wanted.name and not found.is_template and TEMPLATE_MARK in described


def _clones(
    wanted: Wanted, creations: Sequence[WantedMachine], found: FoundMachine | None, landscape: Landscape
) -> Iterator[str]:
    """What a clone can't be made of."""
    origin = source(wanted.template, landscape)
    for machine in creations:
        if found and found.is_template and machine.disk_bytes < found.disk_bytes:
            yield (
                f"node {machine.name}: disk is {size_text(machine.disk_bytes)}, but the template's has "
                f"{size_text(found.disk_bytes)}; write at least that."
            )
        if machine.full_clone:
            yield from _full_clone(machine, origin, landscape)
        elif machine.storage != origin.storage:
            yield (
                f"node {machine.name}: storage is '{machine.storage}', but a linked clone lies beside its "
                f"template, on '{origin.storage}'; write that, or proxmox.clone: full."
            )
        elif machine.host != origin.host and not origin.is_shared:
            yield (
                f"node {machine.name}: host is '{machine.host}', but a linked clone of a template on "
                f"'{origin.storage}' can only be on {origin.host}; write proxmox.clone: full."
            )


def _full_clone(machine: WantedMachine, origin: Source, landscape: Landscape) -> Iterator[str]:
    is_known = landscape.storage(machine.storage, machine.host) is not None and origin.host in landscape.hosts
    if not is_known or origin.reaches(machine, landscape) or landscape.storage(machine.storage, origin.host):
        return
    yield (
        f"node {machine.name}: storage is '{machine.storage}', which {origin.host} does not have, where "
        f"the template lies on '{origin.storage}' that {machine.host} can't see; write a storage that both "
        "have, or put the template on a shared one."
    )
