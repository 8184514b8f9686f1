"""How the homelab's cluster is: its machines in Proxmox, its nodes, and what Argo CD says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from homeostat.errors import HomeostatError
from infra.cluster.provider import ClusterStatus, PartStatus
from infra.definition.document import Definition
from infra.definition.machines import Node
from infra.gitops.applications import applications
from infra.gitops.kubectl import Kubectl, Object
from infra.homelab.opening import Homelab, opened
from infra.homelab.pages import pages
from infra.homelab.place import Place

_QUIET: Callable[[str], None] = lambda _: None  # noqa: E731 - the status says all at its end


def status(place: Place) -> ClusterStatus:
    """How the cluster is now; nothing is changed by asking.

    Raises:
        ConfigError: when the definition has mistakes.
        MissingSecret: when there is no secret of the token.
    """
    with opened(place, _QUIET) as homelab:
        return _status(homelab)


def _status(homelab: Homelab) -> ClusterStatus:
    place = homelab.place
    machines = _told("Proxmox", lambda: _machine_parts(homelab))
    if not place.kubeconfig.exists():
        return ClusterStatus(running=False, parts=tuple(machines), kubeconfig=place.kubeconfig)
    kubectl = homelab.kubectl(_QUIET)
    parts = [
        *machines,
        *_told("nodes", lambda: node_parts(homelab.definition, kubectl.list("nodes"))),
        *_told("Argo CD", lambda: _application_parts(kubectl)),
    ]
    return ClusterStatus(
        running=True, parts=tuple(parts), kubeconfig=place.kubeconfig, pages=tuple(pages(place.root))
    )


def node_parts(definition: Definition, found: Sequence[Object]) -> Sequence[PartStatus]:
    """One part for each node of the definition, and for those that the cluster has besides."""
    there = {node["metadata"]["name"]: node for node in found}
    wanted = [node.name for node in definition.nodes]
    parts = [PartStatus(f"node {name}", *_readiness(there.get(name))) for name in wanted]
    foreign = "is no longer in cluster.yaml: 'homeostat hosts remove' takes it out"
    return [
        *parts,
        *(PartStatus(f"node {name}", healthy=False, note=foreign) for name in there if name not in wanted),
    ]


def _readiness(node: Object | None) -> tuple[bool, str]:
    """Whether it is ready, and what is worth knowing of it."""
    if node is None:
        return False, "is not in the cluster"
    ready = {found["type"]: found["status"] for found in node["status"]["conditions"]}.get("Ready") == "True"
    cordoned = node.get("spec", {}).get("unschedulable", False)
    version = node["status"]["nodeInfo"]["kubeletVersion"]
    if not ready:
        return False, f"not ready ({version})"
    return not cordoned, f"cordoned ({version})" if cordoned else version


def _machine_parts(homelab: Homelab) -> Sequence[PartStatus]:
    running = homelab.machines.running()
    return [_machine_part(node, running) for node in homelab.definition.nodes]


def _machine_part(node: Node, running: Mapping[int, bool | None]) -> PartStatus:
    if node.vmid not in running:
        return PartStatus(f"machine {node.name}", healthy=False, note="does not exist")
    runs = running[node.vmid]
    note = "its host is offline" if runs is None else "" if runs else "is switched off"
    return PartStatus(f"machine {node.name}", bool(runs), note)


def _application_parts(kubectl: Kubectl) -> Sequence[PartStatus]:
    return [
        PartStatus(found.name, found.is_settled, "" if found.is_settled else found.sentence)
        for found in applications(kubectl)
    ]


def _told(name: str, ask: Callable[[], Sequence[PartStatus]]) -> Sequence[PartStatus]:
    """What ``ask`` finds, or one part that tells why it can't be told."""
    try:
        return ask()
    except HomeostatError as error:
        return [PartStatus(name, healthy=False, note=str(error))]
