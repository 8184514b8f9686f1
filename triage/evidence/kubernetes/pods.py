"""The state of a pod in lines: where it is, and what each container does and did before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from triage.clock import stamp
from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.numbered import Numbered, nothing, saying, since
from triage.evidence.kubernetes.pod import ContainerStatus, Pod, Terminated
from triage.evidence.kubernetes.statement import Path, Statement, say

_MOST = 4
_SOURCE = "Kubernetes pods"


def pod_items(pods: Answer[Pod], now: datetime) -> Sequence[EvidenceItem]:
    """One item for each of the worst pods."""
    if not pods.objects:
        return [nothing("pods", _SOURCE, pods.status, pods.note, now)]
    more = len(pods.objects) - _MOST
    note = f"{more} more pods are not shown" if more > 0 else pods.note
    return [_item(pod, now, note) for pod in pods.objects[:_MOST]]


def _item(pod: Pod, now: datetime, note: str) -> EvidenceItem:
    lines = Numbered()
    meta = pod.metadata
    for statement in pod_statements(pod):
        say(lines, statement)
    return lines.item(f"pod.{meta.name}", f"pod {meta.namespace}/{meta.name}", now, note)


def pod_statements(pod: Pod) -> Iterable[Statement]:
    """What there is to say of a pod."""
    meta, status = pod.metadata, pod.status
    where = f" on node {pod.spec.node_name}" if pod.spec.node_name else ", on no node"
    phase = "is being deleted" if meta.deletion_timestamp else f"is {status.phase}"
    yield Statement(
        f"pod {meta.namespace}/{meta.name}{where} {phase}{since(status.start_time)}"
        f"{saying(status.reason, status.message)}",
        ("status", "phase"),
        "pod",
        status.start_time,
        {"ready": float(pod.is_ready)},
        _texts(pod, phase=status.phase, reason=status.reason, message=status.message),
    )
    for at, one in enumerate(status.conditions):
        if one.status != "True":
            yield Statement(
                f"condition {one.type} is {one.status}{since(one.since)}{saying(one.reason, one.message)}",
                ("status", "conditions", at, "message" if one.message else "status"),
                "pod.condition",
                one.since,
                texts=_texts(pod, type=one.type, reason=one.reason, message=one.message),
            )
    for key, statuses in (
        ("initContainerStatuses", status.init_container_statuses),
        ("containerStatuses", status.container_statuses),
    ):
        for at, container in enumerate(statuses):
            yield from _of_container(pod, container, ("status", key, at))


def _of_container(pod: Pod, container: ContainerStatus, path: Path) -> Iterable[Statement]:
    name = container.name
    declared = pod.declared(name)
    limits = dict(declared.resources.limits) if declared else {}
    requests = dict(declared.resources.requests) if declared else {}
    texts = _texts(
        pod,
        container=name,
        image=container.image,
        limit=limits.get("memory", ""),
        cpu_limit=limits.get("cpu", ""),
        **({"init": "true"} if path[1] == "initContainerStatuses" else {}),
    )
    ready = "ready" if container.ready else "not ready"
    yield Statement(
        f"container {name} of image {container.image or '?'}: {ready}, "
        f"restarted {container.restart_count} times, "
        f"limits {_amounts(limits)}, requests {_amounts(requests)}",
        (*path, "restartCount") if "memory" not in limits else _limit_path(pod, name),
        "pod.container",
        numbers=_counts(container),
        texts=texts,
    )
    state = container.state
    if state.waiting:
        yield Statement(
            f"container {name} waits{saying(state.waiting.reason, state.waiting.message)}",
            (*path, "state", "waiting", "message" if state.waiting.message else "reason"),
            "pod.waiting",
            numbers=_counts(container),
            texts={**texts, "reason": state.waiting.reason, "message": state.waiting.message},
        )
    if state.running:
        yield Statement(
            f"container {name} runs{since(state.running.started_at)}",
            (*path, "state", "running"),
            "pod.running",
            state.running.started_at,
            texts=texts,
        )
    for key, ended, when in (
        ("state", state.terminated, "ended"),
        ("lastState", container.last_state.terminated, "ended before"),
    ):
        if ended:
            yield Statement(
                f"container {name} {when}: {_ending(ended)}",
                (*path, key, "terminated", _telling(ended)),
                "pod.terminated",
                ended.finished_at,
                {**_counts(container), **_exit(ended)},
                {**texts, "reason": ended.reason, "message": ended.message},
            )


def _limit_path(pod: Pod, container: str) -> Path:
    """Where the container's memory limit is declared."""
    for key, declared in (
        ("containers", pod.spec.containers),
        ("initContainers", pod.spec.init_containers),
    ):
        for at, one in enumerate(declared):
            if one.name == container:
                return ("spec", key, at, "resources", "limits", "memory")
    return ("spec",)


def _ending(ended: Terminated) -> str:
    span = f"ran {stamp(ended.began)} to" if ended.began else "ended at"
    ran = f", {span} {stamp(ended.finished_at)}" if ended.finished_at else ""
    signal = f", signal {ended.signal}" if ended.signal else ""
    why = ended.reason or "for no given reason"
    return f"{why}, exit code {ended.exit_code}{signal}{ran}{saying(ended.message)}"


def _telling(ended: Terminated) -> str:
    """The field that says most: what kept it from running, what it was killed for, else its exit code."""
    if ended.reason in {"", "Error", "StartError", "ContainerCannotRun"} and ended.message:
        return "message"
    return "exitCode" if ended.reason in {"", "Error"} else "reason"


def _exit(ended: Terminated) -> Mapping[str, float]:
    numbers = {"exit_code": float(ended.exit_code)}
    if ended.began and ended.finished_at:
        numbers["ran_seconds"] = (ended.finished_at - ended.began).total_seconds()
    return numbers


def _counts(container: ContainerStatus) -> Mapping[str, float]:
    return {"restarts": float(container.restart_count), "ready": float(container.ready)}


def _texts(pod: Pod, **texts: str) -> Mapping[str, str]:
    return {"pod": pod.metadata.name, "namespace": pod.metadata.namespace, **texts}


def _amounts(resources: Mapping[str, str]) -> str:
    return " ".join(f"{name}={amount}" for name, amount in sorted(resources.items())) or "none"
