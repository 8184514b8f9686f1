"""A node is short of memory, disk or process ids."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import Signature

_TYPES = frozenset({"MemoryPressure", "DiskPressure", "PIDPressure"})
_LINES = (
    re.compile(
        r"(?i)node (?P<node>[\w.-]+) status is now: NodeHas(?P<type>DiskPressure|InsufficientMemory"
        r"|InsufficientPID)"
    ),
    re.compile(r"^\s*(?P<type>MemoryPressure|DiskPressure|PIDPressure)\s+True\b"),
    re.compile(r"NodeHas(?P<type>DiskPressure|InsufficientMemory|InsufficientPID)\b"),
    re.compile(r"(?i)untolerated taint \{?node\.kubernetes\.io/(?P<type>memory|disk|pid)-pressure"),
    re.compile(r"EvictionThresholdMet|attempting to reclaim (?P<type>[\w-]+)"),
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for the node's own conditions."""
    conditions = [one for one in facts.all("node.condition") if one.text("type") in _TYPES]
    bad = [one for one in conditions if one.text("status") == "True"]
    found = [*bad, *complaints(facts, *_LINES)]
    if not found:
        if conditions:
            return RuledOut(
                kind="node-pressure",
                title="A node that is short of memory, disk or process ids",
                reason="The nodes report no pressure.",
                citations=cited(*conditions[:3]),
            )
        return None
    node = next((one.text("node") for one in found if one.text("node")), "")
    kind = next((one.text("type") for one in found if one.text("type")), "pressure")
    return claimed(
        Claim(
            kind="node-pressure",
            title=f"Node {node or 'of the pod'} reports {kind}",
            explanation=(
                f"The node {node} is short of what the condition {kind} names, so its kubelet evicts pods "
                f"and no "
                "new ones are placed there; what runs there may be slow."
            ),
            remediation=(
                Remedy(
                    text="See its conditions and what is asked of it.",
                    command=f"kubectl describe node {node or 'NODE'}",
                ),
                Remedy(text="See who uses most.", command="kubectl top pods -A --sort-by=memory"),
                Remedy(text="Free or add capacity; give the pods there requests that say what they use."),
            ),
        ),
        found,
        weight=0.1 if bad else 0.0,
    )


SIGNATURE = Signature(
    kind="node-pressure",
    looks_for="a node under pressure of memory, disk or process ids",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
