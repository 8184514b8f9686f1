"""How Proxmox is asked, and what its machines are made from."""

from __future__ import annotations

from collections.abc import Iterator

from infra.definition.draft import Draft

_DIGITS = {"sha256": 64, "sha512": 128}


def endpoints(draft: Draft) -> Iterator[str]:
    """The token crosses the network with each request, so only encrypted; proxmoxer adds the path."""
    if draft.proxmox is None:
        return
    for place, url in enumerate(draft.proxmox.endpoints):
        field = f"proxmox.endpoints.{place}"
        if url.username or url.password:
            yield f"'{field}' holds a user or password: the token alone is used; leave only https://HOST:8006."
        elif url.scheme != "https":
            yield f"'{field}' is '{url}': the token would go over the network in the clear; must begin with https://."
        elif (url.path or "/") != "/" or url.query:
            yield f"'{field}' is '{url}': must be the host and port alone, such as https://{url.host}:8006."


def checksum(draft: Draft) -> Iterator[str]:
    """As many digits as the algorithm gives."""
    if draft.proxmox is None:
        return
    told = draft.proxmox.template.checksum
    if len(told.value) != _DIGITS[told.algorithm]:
        yield (
            f"'proxmox.template.checksum.value' has {len(told.value)} digits: {told.algorithm} gives "
            f"{_DIGITS[told.algorithm]}; copy it whole, or name the right algorithm."
        )


def linked_clones(draft: Draft) -> Iterator[str]:
    """A linked clone lies on the storage of what it is linked to."""
    if draft.proxmox is None or draft.proxmox.clone != "linked":
        return
    own = draft.proxmox.storage
    for label, node in draft.nodes.items():
        if node.storage not in {None, own}:
            yield (
                f"'nodes.{label}.storage' is '{node.storage}': a linked clone lies where the template does "
                f"('{own}'); leave it out, or set 'proxmox.clone' to full."
            )
