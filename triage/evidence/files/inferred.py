"""What events alone tell of pods that no file describes, in the words in which a pod's status would say it.

Somebody who saved nothing but the events has told that a pod can't be placed, or that a container can't
start: the kubelet and the scheduler note both. Each observation stands on the line of the event that says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from triage.evidence.files.event_text import NotedEvent
from triage.evidence.item import Observation

_BACK_OFF = re.compile(r"(?i)back-?off restarting failed container(?:[ =]+(?P<container>[a-z0-9-]+))?")
_BACK_OFF_IMAGE = re.compile(r"(?i)back-?off pulling image|ImagePullBackOff")
_PULL = re.compile(
    r"(?i)failed to pull image|ErrImagePull|InvalidImageName|ErrImageNeverPull"
    r"|failed to (?:inspect|apply default image tag)"
)
_CONFIG = re.compile(
    r"(?i)^error: (?:(?:secret|configmap|couldn't find key)\b"
    r"|.*(?:\bnot found|host IP|runAsNonRoot|cannot find volume))"
)
#: a container that could not be made for what its pod refers to
_NOT_MADE = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
_RAN = frozenset({"Started", "Scheduled"})


def inferred(
    events: Sequence[tuple[str, NotedEvent]], known: Sequence[tuple[str, Observation]]
) -> Iterable[tuple[str, Observation]]:
    """Observations of pods that only events tell of, each with its file; ``known`` is what files describe."""
    told = {(one.name, one.texts.get("pod", "")) for _, one in known}
    waiting = {
        one.texts.get("pod", ""): one
        for _, one in known
        if one.name == "pod.waiting" and one.texts.get("reason") in _NOT_MADE and not one.texts.get("message")
    }
    scheduled = {event.name for _, event in events if event.reason in _RAN and event.kind == "Pod"}
    seen: set[tuple[str, str, str]] = set()
    for file, event in events:
        if event.kind != "Pod":
            continue
        for one in _of_event(event, told, scheduled, waiting):
            key = (one.name, one.texts["pod"], one.texts.get("reason", ""))
            if key not in seen:
                seen.add(key)
                yield file, one


def _of_event(
    event: NotedEvent,
    told: set[tuple[str, str]],
    scheduled: set[str],
    waiting: Mapping[str, Observation],
) -> Iterable[Observation]:
    pod = event.name
    base = {"pod": pod, "namespace": event.namespace, "container": event.container, "told": "event"}
    if event.reason == "FailedScheduling":
        # what was placed since has another trouble now
        if pod not in scheduled and ("pod.running", pod) not in told:
            yield _noted(event, "pod.condition", base, "Unschedulable", type="PodScheduled")
        return
    if (described := waiting.get(pod)) and event.reason == "Failed" and event.message.startswith("Error: "):
        # a description says only the reason; the event says what is missing
        message = event.message.removeprefix("Error: ")
        texts = {**described.texts, "message": message, "told": "event"}
        yield described.model_copy(update={"line": event.line, "at": event.at, "texts": texts})
    if ("pod.waiting", pod) not in told and ("pod.terminated", pod) not in told:
        yield from _waiting(event, base)


def _waiting(event: NotedEvent, base: Mapping[str, str]) -> Iterable[Observation]:
    message = event.message
    if back_off := _BACK_OFF.search(message):
        container = back_off["container"] or base["container"]
        yield _noted(event, "pod.waiting", {**base, "container": container}, "CrashLoopBackOff")
    elif _BACK_OFF_IMAGE.search(message):
        yield _noted(event, "pod.waiting", base, "ImagePullBackOff")
    elif event.reason in {"Failed", "InspectFailed", "ErrImageNeverPull"} and _PULL.search(message):
        yield _noted(event, "pod.waiting", base, "ErrImagePull")
    elif event.reason == "Failed" and _CONFIG.search(message):
        yield _noted(event, "pod.waiting", base, "CreateContainerConfigError")


def _noted(event: NotedEvent, name: str, base: Mapping[str, str], reason: str, **texts: str) -> Observation:
    said = {**base, "reason": reason, "message": event.message.removeprefix("Error: "), **texts}
    numbers = {"restarts": float(event.times), "ready": 0.0} if name == "pod.waiting" else {}
    return Observation(name=name, line=event.line, at=event.at, numbers=numbers, texts=said)


def without_tables(found: Sequence[tuple[str, Observation]]) -> Sequence[tuple[str, Observation]]:
    """What a table says of a pod goes where a description says it better; else its container is named."""
    described = {
        one.texts.get("pod", "") for _, one in found if one.name == "pod" and one.texts.get("told") != "table"
    }
    names = {
        one.texts["pod"]: one.texts["container"]
        for _, one in found
        if one.texts.get("pod") and one.texts.get("container")
    }
    kept: list[tuple[str, Observation]] = []
    for file, one in found:
        pod = one.texts.get("pod", "")
        if one.texts.get("told") != "table":
            kept.append((file, one))
        elif pod not in described:
            texts = {**one.texts, "container": names.get(pod, one.texts.get("container", ""))}
            kept.append((file, one.model_copy(update={"texts": texts})))
    return kept
