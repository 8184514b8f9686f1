"""The kubelet evicted a pod: its node ran low, or the pod passed its own limit of ephemeral storage."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import look, namespace_of, who
from triage.analysts.deterministic.signature import Signature

_WHY = (
    re.compile(r"(?i)node was low on resource: (?P<resource>[\w-]+)"),
    re.compile(
        r"(?i)pod ephemeral local storage usage exceeds the total limit of containers (?P<limit>[\w.]+)"
    ),
    re.compile(r"(?i)exceed(?:ed|s) its local ephemeral storage limit \\?\"?(?P<limit>[\w.]+)"),
    re.compile(
        r"(?i)usage of EmptyDir volume \\?\"(?P<volume>[^\"\\]+)\\?\" "
        r"exceeds the limit \\?\"?(?P<limit>[\w.]+)"
    ),
    re.compile(r"(?i)the node had condition: \[?(?P<condition>\w+)"),
    re.compile(r"(?i)\bPreempted (?:by|in order)"),
)
_WORD = re.compile(r"\bEvicted\b")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for the eviction and its reason."""
    found = complaints(facts, *_WHY, _WORD)
    if not found:
        return None
    first = found[0]
    resource = first.text("resource") or ("ephemeral-storage" if first.text("limit") else "")
    limit = first.text("limit")
    volume = first.text("volume")
    why = (
        f"its emptyDir volume '{volume}' exceeds its limit of {limit} (ephemeral-storage)"
        if volume and limit
        else f"it used more {resource} than its limit of {limit}"
        if limit
        else f"the node was low on {resource}"
        if resource
        else f"the node had {first.text('condition')}"
        if first.text("condition")
        else "the kubelet reclaimed resources"
    )
    return claimed(
        Claim(
            kind="evicted",
            title=f"Pod {who(facts, first)} was Evicted: {why}",
            explanation=f"The kubelet ended the pod because {why}. It said: {said(first)}",
            remediation=(
                look(facts, first),
                Remedy(
                    text="See what the nodes have left, and which conditions they report.",
                    command="kubectl describe nodes",
                ),
                Remedy(
                    text="See which pods were evicted.",
                    command=(
                        f"kubectl -n {namespace_of(facts, first)} get pods "
                        f"--field-selector=status.phase=Failed"
                    ),
                ),
                Remedy(
                    text="Write less there, or raise its limit in git (sizeLimit, ephemeral-storage)."
                    if limit
                    else "Give the pod a request and limit that fit its use, or free the node."
                ),
            ),
        ),
        found,
        weight=-0.25 if first.text("text") and not (resource or limit or first.text("condition")) else 0.05,
    )


SIGNATURE = Signature(
    kind="evicted",
    looks_for="an eviction by the kubelet",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
