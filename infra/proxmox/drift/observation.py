"""What one check saw: the fields that ``cluster.yaml`` decides, of each machine of the cluster.

The data model, for whoever watches these machines for drift: a journal is a sequence of :class:`Observation`,
oldest first. Successive checks that saw the same are one observation, from ``first_at`` to ``last_at``; so a
change of a field happened between one observation's ``last_at`` and the next one's ``first_at``. Times are by
the clock of the Proxmox host, so that its tasks can be set beside them. Values are as people read them; a
machine that was not there is not in ``machines``; no field holds a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from homeostat.config import Document
from infra.proxmox.found import FoundMachine, Landscape
from infra.proxmox.plan.options import shown_values
from infra.proxmox.property_strings import size_text
from infra.proxmox.wanted import Wanted


class Seen(Document):
    """One machine at one time."""

    name: str
    host: str
    #: field -> value; a field that is not set is not in it
    fields: Mapping[str, str]


class Observation(Document):
    """What one check saw, or several after each other that saw the same."""

    first_at: AwareDatetime
    last_at: AwareDatetime
    checks: Annotated[int, Field(ge=1)] = 1
    #: VMID -> machine
    machines: Mapping[int, Seen]
    #: VMID -> host, of the machines whose host was down, so that nothing could be seen of them
    unseen: Mapping[int, str] = {}

    def saw_the_same(self, other: Observation) -> bool:
        """Whether nothing changed between the two."""
        return (self.machines, self.unseen) == (other.machines, other.unseen)

    def value(self, vmid: int, field: str) -> str | None:
        """What a field was; None when it was not set, or the machine was not there."""
        seen = self.machines.get(vmid)
        return seen.fields.get(field) if seen else None


def observe(landscape: Landscape, wanted: Wanted, seconds: float) -> Observation:
    """What ``landscape`` shows of the cluster, at ``seconds`` since 1970."""
    at = datetime.fromtimestamp(int(seconds), UTC)
    numbers = {machine.vmid for machine in wanted.machines}
    machines = {
        found.vmid: Seen(name=found.name, host=found.host, fields=values(found))
        for found in landscape.machines
        if found.config is not None
        if (found.vmid in numbers or found.carries(wanted.tags))
        if not found.is_template
    }
    unseen = {
        found.vmid: found.host
        for found in landscape.machines
        if landscape.is_offline(found.host) and (found.vmid in numbers or found.carries(wanted.tags))
    }
    return Observation(first_at=at, last_at=at, machines=machines, unseen=unseen)


def values(found: FoundMachine) -> Mapping[str, str]:
    """The fields of a machine that ``cluster.yaml`` decides."""
    around = {
        "power": "running" if found.running else "stopped",
        "host": found.host,
        "disk": size_text(found.disk_bytes) if found.disk_bytes else None,
        "storage": found.storage or None,
        "pool": found.pool,
        "ha": None if found.ha_group is None else found.ha_group or "managed",
    }
    set_ = {name: value for name, value in around.items() if value is not None}
    return {**set_, **shown_values(found.config or {})}
