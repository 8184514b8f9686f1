"""The machines of the cluster: what Proxmox has of them, what must be done, and doing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import HomeostatError
from infra.cluster.step import Say
from infra.definition.document import Definition
from infra.homelab.ssh import Ssh
from infra.proxmox.api.session import Session
from infra.proxmox.apply.apply import Tell, apply
from infra.proxmox.apply.outcome import Outcome
from infra.proxmox.destroy import destroy, shutdown_all, targets
from infra.proxmox.drift.check import check
from infra.proxmox.plan.actions import Kind, Plan
from infra.proxmox.planning import plan
from infra.proxmox.reading import read_running


class MachinesFailed(HomeostatError):  # noqa: N818 - says what happened to whom
    """Some machines could not be brought to what they should be."""


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines of one cluster in Proxmox."""

    definition: Definition
    session: Session
    ssh: Ssh
    #: what was seen of them, and when
    journal: Path

    def compare(self, say: Say) -> Plan:
        """What must be done to them; nothing is changed by asking."""
        return plan(self.definition, self.session, say)

    def bring(self, wanted: Plan, say: Say) -> Sequence[str]:
        """Do the plan, and wait until all that were started let us in.

        Raises:
            MachinesFailed: naming each machine that failed.
            SshFailed: when one answers and lets nobody in.
        """
        # what is made anew has a new host key; said first, so that it holds when we are killed meanwhile
        self._forget({action.name for action in wanted.of_kind(Kind.CLONE)})
        outcome = apply(wanted, self.definition, self.session, _telling(say))
        # so that our own changes are not taken for drift
        check(self.definition, self.session, self.journal)
        changes = _changes(outcome)
        self._enter({action.name for action in outcome.done if action.kind is Kind.START}, say)
        return changes

    def shut_down(self, say: Say) -> Sequence[str]:
        """Shut all of them down, agents before servers; their disks stay.

        Raises:
            MachinesFailed: naming each machine that failed.
        """
        return _changes(shutdown_all(self.definition, self.session, _telling(say)))

    def destroy(self, say: Say) -> Sequence[str]:
        """Remove those that carry this cluster's tags, with their disks.

        Raises:
            MachinesFailed: naming each machine that failed.
        """
        chosen = targets(self.definition, self.session)
        for sentence in chosen.left_alone:
            say(sentence)
        return _changes(destroy(chosen, self.definition, self.session, _telling(say)))

    def _forget(self, names: Collection[str]) -> None:
        for node in self.definition.nodes:
            if node.name in names:
                self.ssh.forget(node.address)

    def _enter(self, names: Collection[str], say: Say) -> None:
        for node in self.definition.nodes:
            if node.name in names:
                say(f"{node.name}: waits until it lets us in")
                self.ssh.wait_for_login(node.address)

    def running(self) -> Mapping[int, bool | None]:
        """VMID -> whether it runs, of those that carry this cluster's tags; None where the host is down."""
        return read_running(self.session, self.definition.tags)


def _telling(say: Say) -> Tell:
    return lambda machine, text: say(f"{machine}: {text}" if machine else text)


def _changes(outcome: Outcome) -> Sequence[str]:
    told = [f"{name}: {failure}" for name, failure in outcome.failures.items()]
    if outcome.interrupted:
        told.append("it was interrupted: run it again, and it goes on.")
    if told:
        raise MachinesFailed("\n".join(told))
    return [f"{action.kind} {action.name}" for action in outcome.done]
