"""What the example leaves for the owner to fill in, and no cluster can be made with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from infra.definition.draft import Draft

_EXAMPLE_REPOSITORY = re.compile(r"\bgithub\.com[/:]example/")


def checksum(draft: Draft) -> Iterator[str]:
    """The image's checksum: whoever makes a cluster takes it from the image's publisher, not from us."""
    if draft.proxmox is None:
        return
    made = draft.proxmox.template
    if set(made.checksum.value) == {"0"}:
        path = PurePosixPath(made.image.path or "/")
        listed = f"{made.image.scheme}://{made.image.host}{path.parent}/{made.checksum.algorithm.upper()}SUMS"
        yield (
            "'proxmox.template.checksum.value' is still the example's zeros: "
            f"put in the digits before {path.name} in {listed}."
        )


def repository(draft: Draft) -> Iterator[str]:
    """Argo CD must follow the owner's own repository, for whoever can push to it owns the cluster."""
    if draft.git and _EXAMPLE_REPOSITORY.search(draft.git.repository):
        yield (
            f"'git.repository' is '{draft.git.repository}': this is the example's; "
            "name your own, which Argo CD then follows."
        )
