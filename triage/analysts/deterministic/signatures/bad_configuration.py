"""A container can't be made: something that its pod refers to is missing or wrong."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.containers import MOST_TITLE, NEVER_RAN, SYMPTOMS, noted, waiting_for
from triage.analysts.deterministic.facts import Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.commands import describe_pod

_REASONS = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for a container that can't be made, or a volume that can't be mounted."""
    waits = waiting_for(facts, _REASONS)
    starting = waiting_for(facts, {"ContainerCreating", "PodInitializing"})
    mounts = noted(facts, {"FailedMount", "FailedAttachVolume"}, starting.text("pod")) if starting else ()
    never_ran = next((one for one in facts.all("pod.terminated") if one.text("reason") in NEVER_RAN), None)
    shown = waits or never_ran or next(iter(mounts), None)
    if shown is None:
        return None
    pod = shown.text("pod") or shown.text("object")
    return Cause(
        kind="bad-configuration",
        title=f"Pod {pod} can't be started: {_innermost(shown.text('message'))[:MOST_TITLE]}",
        explanation=(
            "Its containers can't be made: a Secret, ConfigMap, volume or command that it refers to is "
            "missing or wrong. Triage may not read Secrets and ConfigMaps, so it can't say what they hold."
        ),
        confidence=confidence(0.75, (bool(waits or never_ran), 0.1)),
        remediation=(
            Remedy(
                text="See what it refers to, and add or rename it in git.",
                command=describe_pod(facts.case.scope.namespace or "NAMESPACE", pod),
            ),
        ),
        citations=cited(shown, starting),
        found_by=ANALYST,
    )


def _innermost(message: str) -> str:
    """What the container runtime says, without the layers above it.

    >>> _innermost("failed to create shim task: unable to start container process: exec: no such file")
    'exec: no such file'
    """
    return message.split("unable to start container process: ", 1)[-1]


SIGNATURE = Signature(
    kind="bad-configuration",
    looks_for="something missing that a pod refers to",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
