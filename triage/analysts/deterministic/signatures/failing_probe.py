"""A container runs, but its probe says that it is not well."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import is_current
from triage.analysts.deterministic.containers import (
    MOST_TITLE,
    SYMPTOMS,
    last_words,
    noted,
    place,
    probe_kill,
    same_container,
)
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import describe_pod


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that its probe keeps from traffic, or that the kubelet ended for it."""
    for ended in facts.all("pod.terminated"):
        if kill := probe_kill(facts, ended):
            often = f"{ended.amount('restarts'):.0f} times"
            told = f"The kubelet has ended it because its liveness probe failed; it was restarted {often}."
            return _cause(facts, ended, kill, told)
    for running in facts.all("pod.running"):
        if (kill := probe_kill(facts, running)) and is_current(facts, kill.at):
            return _cause(facts, running, kill, "The kubelet ended it because its liveness probe failed.")
        states = same_container(facts, "pod.container", running)
        if any(state.amount("ready") == 0 for state in states) and _failures(facts, running):
            return _cause(facts, running, None, "It runs, but it is not ready, so no traffic reaches it.")
    return None


def _failures(facts: Facts, container: Fact) -> Sequence[Fact]:
    """What the probes answered, the liveness probe's word first: it is what ends a container."""
    events = noted(facts, {"Unhealthy"}, container.text("pod"))
    return sorted(events, key=lambda one: ("Liveness" not in one.text("message"), -len(one.text("message"))))


def _cause(facts: Facts, container: Fact, kill: Fact | None, told: str) -> Cause:
    words, failures = last_words(facts, container), _failures(facts, container)
    failed = next(iter(failures), None)
    complaint = words if words and words.text("error") else None
    said = failed.text("message").strip(" :") if failed else "its liveness probe failed"
    often = f" The probe failed {failed.amount('times'):.0f} times." if failed else ""
    return Cause(
        kind="failing-probe",
        title=f"Failing probe: container {place(container)}: {said[:MOST_TITLE]}",
        explanation=f"{told}{often}" + (" Its log has errors." if complaint else ""),
        confidence=confidence(BASES["failing-probe"], (kill is not None, 0.2), (complaint is not None, 0.15)),
        remediation=(
            Remedy(
                text="See what the probe asks, and why the container does not answer it.",
                command=describe_pod(container.text("namespace"), container.text("pod")),
            ),
        ),
        citations=cited(*failures[:3], kill, container, complaint),
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="failing-probe",
    looks_for="a container that runs but fails its probe",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
