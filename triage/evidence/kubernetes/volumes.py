"""Persistent volume claims in lines: whether they are bound, how large, and which pod mounts them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.numbered import Numbered, nothing
from triage.evidence.kubernetes.pod import Pod
from triage.evidence.kubernetes.volume_claim import VolumeClaim

_SOURCE = "Kubernetes persistent volume claims"


def volume_items(claims: Answer[VolumeClaim], pods: Sequence[Pod], now: datetime) -> Sequence[EvidenceItem]:
    """One item with a line for each claim; a pod without claims is nothing to tell."""
    if not claims.objects:
        failed = claims.status not in {"ok", "empty"}
        return [nothing("claims", _SOURCE, claims.status, claims.note, now)] if failed else []
    lines = Numbered()
    for one in claims.objects:
        name = one.metadata.name
        users = ", ".join(pod.metadata.name for pod in pods if name in pod.claims) or "no pod that was read"
        size = one.status.capacity.get("storage", "unknown size")
        lines.add(
            f"claim {one.metadata.namespace}/{name}: {one.status.phase or 'Unknown'}, {size}, "
            f"class {one.spec.storage_class_name or 'none'}, mounted by {users}"
        )
        texts = {"claim": name, "namespace": one.metadata.namespace, "phase": one.status.phase, "size": size}
        lines.observe("claim", texts=texts)
    return [lines.item("claims", _SOURCE, now, claims.note)]
