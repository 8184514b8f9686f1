"""How many servers: etcd works while more than half of them live."""

from __future__ import annotations

from collections.abc import Iterator

from infra.definition.draft import Draft
from infra.definition.machines import Role


def quorum(draft: Draft) -> Iterator[str]:
    """An odd number of servers, and at least one."""
    if draft.roles is None:
        return
    servers = sum(role is Role.SERVER for role in draft.roles)
    if servers == 0:
        yield "'nodes' has no server: one at least needs 'role: server' and runs the Kubernetes API and etcd."
    elif servers % 2 == 0:
        yield (
            f"'nodes' has {servers} servers: etcd needs more than half of them alive, so {servers} bear no "
            f"more losses than {servers - 1}, and have one more often; take {servers - 1} or {servers + 1}."
        )
