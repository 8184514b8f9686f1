"""What Argo CD says about its Applications, as far as a waiting person needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.gitops.bootstrap import NAMESPACE
from infra.gitops.kubectl import Kubectl, Object

ROOT = "root"
TIERS = ("crds", "platform", "observability", "models")
_TIER = "homeostat.dev/tier"


@dataclass(frozen=True, slots=True)
class Application:
    """One Application as it is now."""

    name: str
    #: the tier that it belongs to; empty for the root
    tier: str
    #: Synced, OutOfSync or Unknown; empty before the first comparison
    sync: str
    #: Healthy, Progressing, Degraded, Suspended, Missing or Unknown; empty before the first comparison
    health: str
    #: the commit that it was compared with
    revision: str
    #: when it was last compared with git, RFC 3339 in UTC; empty before
    compared_at: str
    #: what keeps it from being settled, or empty
    problem: str
    #: the first resource that is not healthy, with its reason, or empty
    unhealthy: str

    @property
    def is_settled(self) -> bool:
        """Whether the cluster has what git says, and it works."""
        return self.sync == "Synced" and self.health == "Healthy"

    @property
    def rank(self) -> tuple[int, str]:
        """The order in which people read them: tier by tier, the root last."""
        order = TIERS.index(self.tier) if self.tier in TIERS else len(TIERS)
        return (order, self.name)

    @property
    def sentence(self) -> str:
        """Where it stands, and why it is not settled, in one sentence."""
        where = f"Application {self.name}" + (f" (tier {self.tier})" if self.tier else "")
        state = f"{self.sync or 'not compared with git'} and {self.health or 'without health'}"
        reasons = [reason.rstrip(".") for reason in (self.problem, self.unhealthy) if reason]
        return f"{where} is {state}" + (f": {'; '.join(reasons)}." if reasons else ".")


def applications(kubectl: Kubectl) -> Sequence[Application]:
    """Every Application of the cluster, tier by tier.

    Raises:
        KubectlError: when the API server does not answer, or Argo CD is not installed.
    """
    found = (application(item) for item in kubectl.list("applications.argoproj.io", NAMESPACE))
    return sorted(found, key=lambda known: known.rank)


def application(found: Object) -> Application:
    """Read one Application."""
    status = found.get("status", {})
    sync = status.get("sync", {})
    return Application(
        name=found["metadata"]["name"],
        tier=found["metadata"].get("labels", {}).get(_TIER, ""),
        sync=sync.get("status", ""),
        health=status.get("health", {}).get("status", ""),
        revision=sync.get("revision", ""),
        compared_at=status.get("reconciledAt", ""),
        problem=_problem(status),
        unhealthy=_unhealthy(status.get("resources", [])),
    )


def _problem(status: Mapping[str, Any]) -> str:
    for condition in status.get("conditions", []):
        if condition["type"].endswith("Error"):
            return _one_line(condition["message"])
    operation = status.get("operationState", {})
    if operation.get("phase") in {"Succeeded", None}:
        return ""
    failed = [
        f"{found['kind']} {found['name']}: {found.get('message', found['status'])}"
        for found in operation.get("syncResult", {}).get("resources", [])
        if found.get("status") == "SyncFailed"
    ]
    return _one_line(failed[0] if failed else operation.get("message", ""))


def _unhealthy(resources: Sequence[Mapping[str, Any]]) -> str:
    for found in resources:
        health = found.get("health", {})
        if health.get("status") not in {"Healthy", None}:
            place = f"{found['namespace']}/" if found.get("namespace") else ""
            said = health.get("message") or health["status"]
            return _one_line(f"{found['kind']} {place}{found['name']} is {health['status']}: {said}")
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
