"""The template, and what a clone of it can't be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import TEMPLATE_TAG, Wanted, WantedMachine, WantedTemplate


def has_template(wanted: WantedTemplate, landscape: Landscape) -> bool:
    """Whether the template is there and whole."""
    found = landscape.machine(wanted.vmid)
    return found is not None and found.is_template and TEMPLATE_TAG in found.tags


def source_host(wanted: WantedTemplate, landscape: Landscape) -> str:
    """The host that the template is on, or will be."""
    found = landscape.machine(wanted.vmid)
    return found.host if found else wanted.host


def cloning_mistakes(wanted: Wanted, landscape: Landscape) -> Iterator[str]:
    """What keeps the template from being made, and machines from being cloned of it."""
    template, found = wanted.template, landscape.machine(wanted.template.vmid)
    creations = [machine for machine in wanted.machines if landscape.machine(machine.vmid) is None]
    if not creations:
        return
    if found and TEMPLATE_TAG not in found.tags:
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


def _clones(
    wanted: Wanted, creations: Sequence[WantedMachine], found: FoundMachine | None, landscape: Landscape
) -> Iterator[str]:
    """What a clone can't be made of."""
    source = found.host if found else wanted.template.host
    disk_storage = (found.storage if found else "") or wanted.template.storage
    storage = landscape.storage(disk_storage, source)
    for machine in creations:
        if found and found.is_template and machine.disk_bytes < found.disk_bytes:
            yield (
                f"node {machine.name}: disk is {size_text(machine.disk_bytes)}, but the template's has "
                f"{size_text(found.disk_bytes)}; write at least that."
            )
        if machine.full_clone:
            continue
        if machine.storage != disk_storage:
            yield (
                f"node {machine.name}: storage is '{machine.storage}', but a linked clone lies beside its "
                f"template, on '{disk_storage}'; write that, or proxmox.clone: full."
            )
        elif machine.host != source and storage and not storage.shared:
            yield (
                f"node {machine.name}: host is '{machine.host}', but a linked clone of a template on "
                f"'{storage.name}' can only be on {source}; write proxmox.clone: full."
            )
