"""A node is not ready: its kubelet does not report, or reports trouble; its pods are lost with it."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints, is_current
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import Signature
from triage.analysts.deterministic.wording import shortened

_MOST_SAID = 400
_LINES = (
    re.compile(r"(?i)node (?P<node>[\w.-]+) status is now: NodeNotReady"),
    re.compile(r"^(?P<node>[a-z0-9][\w.-]*)\s+NotReady\b"),
    re.compile(r"\bKubelet stopped posting node status"),
    re.compile(r"untolerated taint \{?node\.kubernetes\.io/(?:not-ready|unreachable)"),
    re.compile(r"\bNodeNotReady\b(?!.*0/)"),
    re.compile(
        r"(?i)container runtime (?:is down|network not ready)|PLEG is not healthy|cni plugin not initialized"
    ),
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for the node's own condition, and for what the controllers said of it."""
    ready = [one for one in facts.all("node.condition") if one.text("type") == "Ready"]
    bad = [one for one in ready if one.text("status") in {"False", "Unknown"}]
    found = complaints(facts, *_LINES)
    if not bad and not found:
        if ready and all(one.text("status") == "True" for one in ready):
            return RuledOut(
                kind="node-not-ready",
                title="A node that is not ready",
                reason="The nodes report Ready.",
                citations=cited(ready[0]),
            )
        return None
    shown = [*bad, *found] if not bad or is_current(facts, bad[0].at) else found
    if not shown:
        return None
    node = next((one.text("node") for one in shown if one.text("node")), "")
    message = next((one.text("message") for one in bad), "") or (said(found[0]) if found else "")
    return claimed(
        Claim(
            kind="node-not-ready",
            title=f"Node {node or 'of the pod'} is NotReady"
            + (f": {shortened(message, MOST_TITLE)}" if message else ""),
            explanation=(
                f"The node {node} is not ready{_why(bad[0].text('reason')) if bad else ''}: the kubelet "
                f"does not "
                "report or reports trouble, so pods there count as lost and none is placed there."
                + (f" It said: {shortened(message, _MOST_SAID)}" if message else "")
            ),
            remediation=(
                Remedy(
                    text="Read its conditions and events.", command=f"kubectl describe node {node or 'NODE'}"
                ),
                Remedy(
                    text="See what ran there.",
                    command=f"kubectl get pods -A -o wide --field-selector=spec.nodeName={node or 'NODE'}",
                ),
                Remedy(text="On the node: see whether the kubelet (k3s) and the container runtime run."),
            ),
        ),
        shown,
        weight=0.1 if bad else 0.0,
    )


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""


SIGNATURE = Signature(
    kind="node-not-ready",
    looks_for="a node that is not ready",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
