"""What Kubernetes' own programs warn of, in events and conditions, where no other rule knows more.

The kubelet, the controllers and the operators of other kinds write a reason and a sentence. Families of
reasons have a kind of their own; any other warning about the alert's own objects is told as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.calibration import BASES
from triage.analysts.deterministic.complaints import is_current
from triage.analysts.deterministic.containers import MOST_TITLE, NEVER_RAN, SYMPTOMS
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.places import history, namespace_of
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened

_MOST_SAID = 400


@dataclass(frozen=True, slots=True)
class _Family:
    """Warnings that have one kind of cause."""

    kind: str
    reasons: re.Pattern[str]
    #: what goes before the object's name in the title
    title: str
    means: str
    step: str
    #: as the report's list of what was looked for names it
    looks_for: str


_FAMILIES = (
    _Family(
        "pod-sandbox",
        re.compile(r"FailedCreatePodSandBox|FailedKillPod|NetworkNotReady|FailedPodSandBoxStatus"),
        "Network (CNI) or sandbox of pod",
        "The node's container runtime or network plugin can't give the pod its sandbox and address, so "
        "none of its containers is started.",
        "On the node: read the logs of the network plugin (CNI) and of the container runtime.",
        "a pod that gets no sandbox or no network",
    ),
    _Family(
        "volume-mount",
        re.compile(r"Failed(?:Mount|AttachVolume|MapVolume|MountVolume)|VolumeResizeFailed|VolumeFailed\w*"),
        "Volume can't be mounted:",
        "A volume can't be attached or mounted, so the pod's containers are not created.",
        "See whether the volume, its server and the Secret or ConfigMap that it names are there.",
        "a volume that can't be mounted",
    ),
    _Family(
        "lifecycle-hook",
        re.compile(r"Failed(?:PostStart|PreStop)Hook"),
        "Lifecycle hook fails:",
        "A container's lifecycle hook fails; after a failed postStart hook the kubelet ends the container, "
        "and starts it again.",
        "Run the hook's command by hand in the container, and mend it in git.",
        "a lifecycle hook that fails",
    ),
    _Family(
        "autoscaler",
        re.compile(r"Failed(?:Get|Compute)\w*(?:Metric|Replicas|Scale)\w*|InvalidMetricSource\w*"
                   r"|InvalidSelector|TooManyReplicas|FailedRescale|FailedUpdateStatus"),
        "HorizontalPodAutoscaler",
        "The autoscaler can't bring the number of replicas to what the load asks for.",
        "Read the autoscaler's conditions; mend its metrics, the containers' requests or its bounds in git.",
        "an autoscaler that can't do its work",
    ),
    _Family(
        "job-failed",
        re.compile(r"BackoffLimitExceeded|DeadlineExceeded|PodFailurePolicy|FailedIndexes|MissSchedule"
                   r"|TooManyMissedTimes|FailedNeedsStart|MissingJob"),
        "Job",
        "The Job has ended without success, or was never started; its pods' own words say why.",
        "Read the logs of the Job's pods.",
        "a Job that failed or was not started",
    ),
    _Family(
        "not-created",
        re.compile(r"FailedCreate|FailedDaemonPod|ReplicaFailure|FailedDelete"),
        "Not created:",
        "The API server refused the object that a controller tried to make, so it is missing.",
        "Mend in git what the message names.",
        "an object that a controller could not make",
    ),
    _Family(
        "cluster-warning",
        re.compile(r""),
        "Warning of",
        "Kubernetes or an operator says so of the object itself.",
        "Read the object's events and conditions.",
        "any other warning about the alert's own objects",
    ),
)  # fmt: skip
#: these only repeat that something is not well, or have a signature of their own
_ECHO = re.compile(
    r"BackOff|Unhealthy|Killing|NodeNotReady|NotTriggerScaleUp|ContainersNotReady|ContainersNotInitialized"
    r"|PodCompleted|MinimumReplicas\w*|ProgressDeadlineExceeded|NewReplicaSet\w*|FailedScheduling"
    r"|Unschedulable|Evicted|Preempted|ProbeWarning|RecreatingFailedPod|DNSConfigForming|TaintManagerEviction"
    r"|PredictorNotReady|Starting\w*|Rebooted"
)
_ECHOED = re.compile(r"(?i)^error: (?:ErrImagePull|ImagePullBackOff)|back-?off restarting|^$")
_BAD_WHEN_TRUE = re.compile(r"Fail|Degraded|Stalled|Error|Limited|Problem|Deadlock|Corrupt|Readonly|Frequent")
_CALM = re.compile(r"DesiredWithinRange|TooFewReplicas|Progressing|Reconciling|InProgress|DoesNotExist")
#: nothing of a pod runs before these are done
_NEEDED_TO_RUN = re.compile(
    r"Failed(?:Mount|AttachVolume|MapVolume|MountVolume|CreatePodSandBox)|NetworkNotReady"
)
#: kinds whose conditions other signatures read
_READ_ELSEWHERE = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Application"})


def _judge(family: _Family) -> Callable[[Facts], Cause | None]:
    def judge(facts: Facts) -> Cause | None:
        found = [one for one in _warnings(facts) if _family(one) is family]
        return _cause(facts, family, found) if found else None

    return judge


def _family(fact: Fact) -> _Family:
    return next(one for one in _FAMILIES if one.reasons.match(fact.text("reason")))


def _warnings(facts: Facts) -> Sequence[Fact]:
    """The conditions that are not met and the warnings that are not over, of the alert's own objects."""
    conditions = [one for one in facts.all("workload.condition") if _is_bad(one)]
    events = [one for one in facts.all("event") if one.text("type") == "Warning"]
    recovered = _recovered(facts)
    return [
        one
        for one in (*events, *conditions)
        if not _ECHO.fullmatch(one.text("reason"))
        and not _ECHOED.search(one.text("message"))
        and (one.text("object") or one.text("name")) not in recovered
        and not (_NEEDED_TO_RUN.fullmatch(one.text("reason")) and _ran_since(facts, one))
        and is_current(facts, one.at)
    ]


def _is_bad(condition: Fact) -> bool:
    kind, name, status = (condition.text(one) for one in ("kind", "type", "status"))
    if _CALM.search(condition.text("reason")):
        return False
    if kind in _READ_ELSEWHERE:
        return name == "ReplicaFailure" and status == "True"
    return status == ("True" if _BAD_WHEN_TRUE.search(name) else "False")


def _ran_since(facts: Facts, warning: Fact) -> bool:
    """Whether a container of the pod ran after it, so that what each one needs was there in the end."""
    runs = [*facts.all("pod.running"), *facts.all("pod.terminated")]
    own = [
        one
        for one in runs
        if one.text("pod") == warning.text("object") and one.text("reason") not in NEVER_RAN
    ]
    return any(one.at is None or warning.at is None or warning.at <= one.at for one in own)


def _recovered(facts: Facts) -> frozenset[str]:
    """Pods that run and are ready by now, or were started after all: what was said of them is over."""
    ready = {one.text("pod") for one in facts.all("pod") if one.amount("ready")}
    started = {one.text("object") for one in facts.all("event") if one.text("reason") == "Started"}
    failing = {one.text("pod") for name in ("pod.waiting", "pod.terminated") for one in facts.all(name)}
    return frozenset((ready | started) - failing)


def _cause(facts: Facts, family: _Family, found: Sequence[Fact]) -> Cause:
    first = max(found, key=lambda one: len(one.text("message")) > 0)
    name, kind = first.text("object") or first.text("name"), first.text("kind") or "object"
    message = " ".join(first.text("message").split())
    words = _last_error(facts) if family.kind == "job-failed" else None
    said = f" Last it said: {shortened(words.text('error'), MOST_TITLE)}" if words else ""
    namespace = namespace_of(facts, first)
    return Cause(
        kind=family.kind,
        title=f"{first.text('reason')}: {family.title} {name}: {(words.text('error') if words else message)}"[
            : 2 * MOST_TITLE
        ],
        explanation=f"{family.means} It was said of {kind} {name}: {shortened(message, _MOST_SAID)}{said}",
        confidence=confidence(
            BASES[family.kind],
            (len(found) > 1 or first.amount("times") > 1, 0.05),
            (len({one.item.id for one in found}) > 1, 0.05),
        ),
        remediation=(
            Remedy(
                text="See its conditions and events.",
                command=f"kubectl -n {namespace} describe {kind.lower()} {name}",
            ),
            Remedy(text=family.step),
            history(facts),
        ),
        citations=cited(words, first, *found[:3]),
        found_by=ANALYST,
    )


def _last_error(facts: Facts) -> Fact | None:
    errors = facts.all("log.errors", facts.own_log)
    return max(errors, key=lambda one: one.observation.line, default=None)


CLUSTER_WARNINGS: Sequence[Signature] = tuple(
    Signature(
        kind=family.kind,
        looks_for=family.looks_for,
        symptoms=SYMPTOMS,
        judge=_judge(family),
        needs_cluster=True,
    )
    for family in _FAMILIES
)
