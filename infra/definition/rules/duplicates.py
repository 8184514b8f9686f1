"""What only one machine can have: a name, a number in Proxmox, an address."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from infra.definition.draft import Draft


def duplicates(draft: Draft) -> Iterator[str]:
    """No two nodes share a name, VMID or address."""
    for field in ("name", "vmid", "address"):
        values = [(label, getattr(node, field)) for label, node in draft.nodes.items()]
        yield from _repeated(field, values)


def template(draft: Draft) -> Iterator[str]:
    """The template is a machine too: no node has its name or VMID."""
    if draft.proxmox is None:
        return
    made = draft.proxmox.template
    for label, node in draft.nodes.items():
        for field, value, other in (("name", node.name, made.name), ("vmid", node.vmid, made.vmid)):
            if value == other:
                yield (
                    f"'nodes.{label}.{field}' is {_shown(value)}: 'proxmox.template.{field}' has it already; "
                    "the template is a machine of its own."
                )


def hosts(draft: Draft) -> Iterator[str]:
    """No node is called like a Proxmox host: both are names in the same network."""
    if draft.proxmox is None:
        return
    known = {*draft.proxmox.hosts, *(node.host for node in draft.nodes.values())}
    for label, node in draft.nodes.items():
        if node.name in known:
            yield f"'nodes.{label}.name' is '{node.name}': a Proxmox host is called so; choose another name."


def _repeated(field: str, values: Sequence[tuple[str, Hashable]]) -> Iterator[str]:
    first: dict[Hashable, str] = {}
    for label, value in values:
        if value in first:
            yield (
                f"'nodes.{label}.{field}' is {_shown(value)}: 'nodes.{first[value]}' has it already; "
                f"each node needs its own {field}."
            )
        first.setdefault(value, label)


def _shown(value: Hashable) -> str:
    return repr(value) if isinstance(value, str | int) else str(value)
