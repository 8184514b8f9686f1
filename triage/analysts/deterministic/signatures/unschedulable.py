"""No node takes the pod."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import MOST_TITLE, SYMPTOMS, noted
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import describe_pod


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a pod that the scheduler could not place."""
    waits = next((one for one in facts.all("pod.condition") if one.text("reason") == "Unschedulable"), None)
    if waits is None:
        return None
    event = next(iter(noted(facts, {"FailedScheduling"}, waits.text("pod"))), None)
    claim = next((one for one in facts.all("claim") if one.text("phase") == "Pending"), None)
    return Cause(
        kind="unschedulable",
        title=f"No node takes pod {waits.text('pod')}: {_why(waits.text('message'))[:MOST_TITLE]}",
        explanation="The scheduler found no node that has what the pod asks for, so it does not run.",
        confidence=confidence(0.85, (event is not None, 0.05), (claim is not None, 0.05)),
        remediation=(
            Remedy(
                text="Free or add what is lacking, or ask for less in git.",
                command=describe_pod(waits.text("namespace"), waits.text("pod")),
            ),
            Remedy(text="See what the nodes have left.", command="kubectl describe nodes"),
        ),
        citations=cited(waits, event, claim),
        found_by=ANALYST,
    )


def _why(message: str) -> str:
    """What is lacking, without what the scheduler says of preemption."""
    return message.split(". no new claims", maxsplit=1)[0].split(" preemption:", maxsplit=1)[0]


SIGNATURE = Signature(
    kind="unschedulable",
    looks_for="a pod that no node takes",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
