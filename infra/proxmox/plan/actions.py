"""A plan as data: what will be done to which machine, in which order, and what that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from infra.proxmox.found import FoundMachine
from infra.proxmox.wanted import WantedMachine


class Kind(StrEnum):
    """What is done to a machine, in the order in which it is done."""

    #: the template is made: its image is downloaded, and it becomes the disk of a template
    TEMPLATE = "make template"
    CLONE = "clone"
    #: our own ones, which would keep its disks from moving
    DROP_SNAPSHOTS = "delete own snapshots"
    #: to another host
    MIGRATE = "migrate"
    #: before a running machine is changed
    SNAPSHOT = "snapshot"
    #: options are set
    CONFIGURE = "configure"
    GROW = "grow disk"
    POOL = "put into pool"
    START = "start"
    #: HA starts to manage it, or does so in another group
    HA = "manage by HA"
    HA_END = "end HA"
    #: so that changed options take effect; only with an explicit wish
    RESTART = "restart"
    #: it is no longer in the file; only with an explicit wish
    REMOVE = "remove"
    #: never part of a plan
    SHUT_DOWN = "shut down"


#: what is done only with an explicit wish
WITHHELD = frozenset({Kind.RESTART, Kind.REMOVE})


class Effect(StrEnum):
    """When a change takes effect in a machine that runs."""

    AT_ONCE = "at once"
    AT_RESTART = "at the next restart"


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after; None is absent."""

    field: str
    before: str | None
    after: str | None
    effect: Effect = Effect.AT_ONCE


@dataclass(frozen=True, slots=True)
class Action:
    """One step on one machine."""

    kind: Kind
    vmid: int
    name: str
    host: str
    changes: Sequence[Change] = ()
    #: what Proxmox is told
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    #: in a sentence, what is worth knowing of it
    note: str = ""


@dataclass(frozen=True, slots=True)
class MachinePlan:
    """What is done to one machine, in order."""

    wanted: WantedMachine
    found: FoundMachine | None
    actions: Sequence[Action]

    @property
    def restart_fields(self) -> Sequence[str]:
        """The options that take effect only at a restart."""
        return [c.field for action in self.actions if action.kind is Kind.RESTART for c in action.changes]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that must be done for one cluster."""

    cluster: str
    #: what machines are cloned from
    template_vmid: int
    #: the template, when it is missing
    template: Sequence[Action]
    machines: Sequence[MachinePlan]
    #: machines of this cluster that are no longer in its file
    removals: Sequence[Action]
    #: sentences that are worth reading before it is done
    notes: Sequence[str] = ()
    #: node -> why nothing can be done to it now, in a sentence
    refused: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def actions(self) -> Sequence[Action]:
        """Every action, in the order in which they begin."""
        machines = [action for machine in self.machines for action in machine.actions]
        return [*self.template, *machines, *self.removals]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do, not even with an explicit wish, and nothing that can't be done."""
        return not self.actions and not self.refused

    def has_work(self, wishes: frozenset[Kind] = frozenset()) -> bool:
        """Whether something is done, when only ``wishes`` are wished for explicitly."""
        return any(action.kind not in WITHHELD - wishes for action in self.actions)

    def of_kind(self, kind: Kind) -> Sequence[Action]:
        """The actions of one kind."""
        return [action for action in self.actions if action.kind is kind]
