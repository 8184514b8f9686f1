"""Persistent volume claims in lines: whether they are bound, how large, and which pod mounts them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.numbered import Numbered, nothing
from triage.evidence.kubernetes.pod import Pod
from triage.evidence.kubernetes.statement import Statement, say
from triage.evidence.kubernetes.volume_claim import VolumeClaim

_SOURCE = "Kubernetes persistent volume claims"


def volume_items(claims: Answer[VolumeClaim], pods: Sequence[Pod], now: datetime) -> Sequence[EvidenceItem]:
    """One item with a line for each claim; a pod without claims is nothing to tell."""
    if not claims.objects:
        failed = claims.status not in {"ok", "empty"}
        return [nothing("claims", _SOURCE, claims.status, claims.note, now)] if failed else []
    lines = Numbered()
    for one in claims.objects:
        users = [pod.metadata.name for pod in pods if one.metadata.name in pod.claims]
        say(lines, claim_statement(one, users))
    return [lines.item("claims", _SOURCE, now, claims.note)]


def claim_statement(claim: VolumeClaim, users: Sequence[str]) -> Statement:
    """What there is to say of a claim; ``users`` are the pods that mount it."""
    meta = claim.metadata
    size = claim.status.capacity.get("storage", "unknown size")
    return Statement(
        f"claim {meta.namespace}/{meta.name}: {claim.status.phase or 'Unknown'}, {size}, "
        f"class {claim.spec.storage_class_name or 'none'}, "
        f"mounted by {', '.join(users) or 'no pod that was read'}",
        ("status", "phase"),
        "claim",
        texts={
            "claim": meta.name,
            "namespace": meta.namespace,
            "phase": claim.status.phase,
            "size": size,
            "class": claim.spec.storage_class_name,
        },
    )
