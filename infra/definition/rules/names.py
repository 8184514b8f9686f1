"""Names that mean something else already."""

from __future__ import annotations

from collections.abc import Iterator

from infra.definition.draft import Draft


def cluster_name(draft: Draft) -> Iterator[str]:
    """A cluster's machines are known by the tag ``homeostat-<name>``; the template's tag is taken."""
    if draft.name == "template":
        yield (
            "'name' is 'template': machines tagged 'homeostat-template' are templates; "
            "choose another name for the cluster, such as 'home'."
        )


def registry(draft: Draft) -> Iterator[str]:
    """Registries are named by their host, as images are."""
    if draft.registry is None:
        return
    named = {"registry.host": draft.registry.host}
    named |= {f"registry.mirrors.{name}": name for name in draft.registry.mirrors}
    for field, host in named.items():
        if "/" in host or " " in host:
            yield (
                f"'{field}' is '{host}': must be a host, with a port where needed, such as "
                "registry.home.arpa:5000, without https:// or a path."
            )
