"""No node takes the pod."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import namespace_of, who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.commands import describe_pod

_NODES = re.compile(r"(?P<nodes>\b0/\d+ nodes are available:.*)")
_REASON = re.compile(
    r"(?i)insufficient|untolerated taint|affinity|selector|unschedulable|volume|free ports|topology"
    r"|too many pods"
)


#: all that keeps the pod from its node is a claim that is not bound
_OF_CLAIMS = re.compile(
    r"(?i)0/\d+ nodes are available: (?:\d+ )?(?:pod has unbound immediate PersistentVolumeClaims"
    r"|persistentvolumeclaim \S+ (?:was )?not found)\W*"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a pod that the scheduler could not place, and for its reasons."""
    conditions = [one for one in facts.all("pod.condition") if one.text("reason") == "Unschedulable"]
    events = [one for one in facts.all("event") if one.text("reason") == "FailedScheduling"]
    lines = complaints(facts, _NODES)
    shown = [*conditions, *events, *lines]
    if not shown:
        return None
    # the condition may be cut or empty where the event is whole
    told = max(shown[:8], key=lambda one: len(_why(_message(one))))
    why = _why(_message(told))
    if _OF_CLAIMS.fullmatch(why):
        # the claim is the trouble, and it has a signature of its own
        return None
    pod = next(
        (one.text("pod") or one.text("object") for one in shown if one.text("pod") or one.text("object")), ""
    )
    pod = pod or who(facts, None)
    namespace = namespace_of(facts, shown[0])
    claim = next((one for one in facts.all("claim") if one.text("phase") == "Pending"), None)
    return Cause(
        kind="unschedulable",
        title=f"Unschedulable (FailedScheduling): no node takes pod {pod}: {shortened(why, MOST_TITLE)}",
        explanation=f"The scheduler found no node that has what the pod asks for, so it stays Pending: {why}",
        confidence=confidence(
            BASES["unschedulable"] - 0.1,
            (bool(events or lines), 0.05),
            (claim is not None, 0.05),
            (_REASON.search(why) is not None, 0.1),
        ),
        remediation=(
            Remedy(text="Read what the scheduler says of each node.", command=describe_pod(namespace, pod)),
            Remedy(
                text="See what the nodes have left, their labels and taints.",
                command="kubectl describe nodes",
            ),
            Remedy(
                text="Free or add what is lacking, or ask for less (requests, selector, tolerations) in git."
            ),
        ),
        citations=cited(told, *shown[:3], claim),
        found_by=ANALYST,
    )


def _message(fact: Fact) -> str:
    return fact.text("message") or fact.text("nodes")


def _why(message: str) -> str:
    """What is lacking, without what the scheduler says of preemption."""
    whole = message.replace("''", "'").strip(" '")
    whole = whole.split(". no new", maxsplit=1)[0].split(" preemption:", maxsplit=1)[0]
    # the scheduler's own text repeats its last words where a claim is missing
    return re.sub(r"\. not found\s*$", "", whole).rstrip(". ")


SIGNATURE = Signature(
    kind="unschedulable",
    looks_for="a pod that no node takes",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
