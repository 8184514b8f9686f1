"""The cloud image: which file in which storage it becomes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from infra.definition.machines import Template
from infra.proxmox.errors import NotSuitable

#: what Proxmox imports disks from; images named .img by their makers are qcow2
_FORMATS = {".qcow2": ".qcow2", ".raw": ".raw", ".vmdk": ".vmdk", ".img": ".qcow2"}
_DIGITS = 12


def file_name(template: Template) -> str:
    """The image's name in its storage: that of its address, with the beginning of its checksum.

    Proxmox gives a downloaded file its name only after its checksum was right, so a file of this name is the
    image; another image of the same name (such as ``latest``) gets another one.

    Raises:
        NotSuitable: the address is of no disk image that can be imported.
    """
    path = PurePosixPath(template.image.path or "")
    ending = _FORMATS.get(path.suffix.lower())
    if ending is None:
        raise NotSuitable(
            f"'proxmox.template.image' is '{template.image}', which Proxmox cannot import: "
            "it takes files ending in .qcow2, .img (as qcow2), .raw or .vmdk."
        )
    stem = re.sub(r"[^A-Za-z0-9_.-]", "_", path.stem)
    return f"{stem}-{template.checksum.value[:_DIGITS]}{ending}"


def volume(template: Template) -> str:
    """The image as Proxmox names it, such as ``local:import/debian-12-0123456789ab.qcow2``."""
    return f"{template.image_storage}:import/{file_name(template)}"


def made_of(template: Template) -> str:
    """The line of the template's description by which its image is known."""
    return f"image {template.checksum.algorithm}:{template.checksum.value}"
