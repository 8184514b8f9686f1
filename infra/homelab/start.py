"""Start the homelab's cluster: each step can be run again, and goes on where an earlier one was cut off."""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from homeostat import doctor
from homeostat.errors import MachineError
from infra.cluster.provider import Proposal
from infra.cluster.step import Say, Step
from infra.gitops.waiting import wait_until_settled
from infra.homelab import kubeconfig
from infra.homelab.opening import Homelab, opened
from infra.homelab.place import Place
from infra.playbooks.command import Run
from infra.playbooks.running import perform
from infra.playbooks.secrets import secrets_of
from infra.proxmox.plan.actions import Plan
from infra.proxmox.plan.rendering import text


class Start:
    """The steps from ``cluster.yaml`` to a cluster that is as git says; what one finds, the next ones use."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._homelab: Homelab | None = None
        self._plan: Plan | None = None

    def preparation(self) -> Sequence[Step]:
        """What only looks."""
        return (
            Step("look at this machine and at the hosts", self._examine),
            Step("compare the machines with cluster.yaml", self._compare),
        )

    def proposal(self) -> Proposal:
        """The plan, to be agreed with when something of it is done without a wish of its own."""
        if self._wanted.empty:
            return Proposal()
        return Proposal(text(self._wanted), asks=self._wanted.has_work())

    def steps(self) -> Sequence[Step]:
        """What makes the cluster."""
        return (
            Step("machines", self._machines),
            Step("hosts and K3s", self._hosts),
            Step("kubeconfig", self._kubeconfig),
            Step("Argo CD", self._argocd),
            Step("wait until all is as git says", self._wait),
        )

    @property
    def _opened(self) -> Homelab:
        assert self._homelab is not None, "the preparation comes first"  # noqa: S101 - an order, not input
        return self._homelab

    @property
    def _wanted(self) -> Plan:
        assert self._plan is not None, "the preparation comes first"  # noqa: S101 - an order, not input
        return self._plan

    def _examine(self, say: Say) -> Sequence[str]:
        self._homelab = opened(self._place, say)
        # the steps that follow use it; it ends with the last of them, or with this process
        weakref.finalize(self, self._homelab.close)
        found = doctor.examine(self._place.root, self._place.state)
        failed = [one for one in found if one.finding.level is doctor.Level.FAILED]
        if failed:
            told = [f"{one.name}: {one.finding.sentence} {one.finding.remedy}".rstrip() for one in failed]
            raise MachineError("\n".join(told))
        return []

    def _compare(self, say: Say) -> Sequence[str]:
        self._plan = self._opened.machines.compare(say)
        return []

    def _machines(self, say: Say) -> Sequence[str]:
        return self._opened.machines.bring(self._wanted, say)

    def _hosts(self, say: Say) -> Sequence[str]:
        return self._play("site", say)

    def _kubeconfig(self, say: Say) -> Sequence[str]:
        say("from a server")
        homelab = self._opened
        return kubeconfig.fetch(homelab.definition, homelab.machines.ssh, self._place.kubeconfig)

    def _argocd(self, say: Say) -> Sequence[str]:
        return self._play("argocd", say, {"argocd_kubeconfig": str(self._place.kubeconfig)})

    def _wait(self, say: Say) -> Sequence[str]:
        wait_until_settled(self._opened.kubectl(say), say)
        return []

    def _play(self, playbook: str, say: Say, extra: dict[str, str] | None = None) -> Sequence[str]:
        place = self._place
        secrets = secrets_of(self._opened.definition, place.root)
        recap = perform(
            Run(playbook, place.definition, extra or {}, secrets=secrets), place.root, place.state, say
        )
        return [f"{host.host} ({host.changed} changes)" for host in recap.hosts if host.changed]
