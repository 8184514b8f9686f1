"""The rules between fields of ``cluster.yaml``: each tells, for a draft, one sentence for every mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from infra.definition.draft import Draft
from infra.definition.rules import (
    addresses,
    backups,
    capacity,
    duplicates,
    git,
    labels,
    names,
    networks,
    placeholders,
    proxmox,
    quorum,
    ssh,
    versions,
)

Rule = Callable[[Draft], Iterable[str]]

RULES: Sequence[Rule] = (
    names.cluster_name,
    proxmox.endpoints,
    proxmox.checksum,
    proxmox.linked_clones,
    networks.networks,
    addresses.addresses,
    addresses.dhcp,
    duplicates.duplicates,
    duplicates.template,
    duplicates.hosts,
    quorum.quorum,
    capacity.least,
    capacity.balloon,
    capacity.hosts,
    labels.labels,
    labels.taints,
    ssh.user,
    ssh.keys,
    versions.versions,
    git.repository,
    git.environment,
    names.registry,
    backups.destination,
    backups.schedule,
)
#: not for the example itself
OWNERS_RULES: Sequence[Rule] = (placeholders.checksum, placeholders.repository)
