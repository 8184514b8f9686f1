"""A container runs, but its probe says that it is not well."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import (
    MOST_TITLE,
    SYMPTOMS,
    last_words,
    noted,
    place,
    same_container,
)
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import describe_pod


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that runs without being ready, and for what its probe was answered."""
    for running in facts.all("pod.running"):
        states = same_container(facts, "pod.container", running)
        failed = next(iter(noted(facts, {"Unhealthy"}, running.text("pod"))), None)
        if failed and any(state.amount("ready") == 0 for state in states):
            return _cause(facts, running, failed)
    return None


def _cause(facts: Facts, running: Fact, failed: Fact) -> Cause:
    words = last_words(facts, running)
    complaint = words if words and words.text("error") else None
    return Cause(
        kind="failing-probe",
        title=f"Container {place(running)} fails its probe: {failed.text('message')[:MOST_TITLE]}",
        explanation=(
            f"It runs, but its probe failed {failed.amount('times'):.0f} times and it is not ready, so no "
            "traffic reaches it." + (" Its log has errors." if complaint else "")
        ),
        confidence=confidence(0.6, (complaint is not None, 0.15)),
        remedies=(
            Remedy(
                text="See what the probe asks, and why the container does not answer it.",
                command=describe_pod(running.text("namespace"), running.text("pod")),
            ),
        ),
        citations=cited(failed, running, complaint),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="failing-probe",
    looks_for="a container that runs but fails its probe",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
