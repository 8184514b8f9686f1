"""Whom the alert is about, so that a neighbour's trouble is not taken for its own.

An object counts as a stranger only when the evidence shows the alert's own objects too; and a stranger that
the alert's own programs complain about by name is a dependency, whose trouble matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from triage.alert import Alert
from triage.evidence.item import EvidenceItem, EvidenceKind, EvidenceStatus, Observation

_LABELS = (
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "replicaset",
    "workload",
    "inferenceservice",
    "service",
    "app",
    "app_kubernetes_io_name",
    "model",
    "application",
    "job_name",
)
#: kinds of objects that belong to one service; a node or a claim may belong to many
_OWNED = frozenset({"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "po", "pod"})
#: what controllers append to a name
_SUFFIX = re.compile(r"-(?:[0-9a-f]{6,10}|[bcdfghjklmnpqrstvwxz2456789]{5}|\d{1,3})$")
_TROUBLE = re.compile(
    r"(?i)refused|timed? ?out|deadline|no such host|unreachable|resolution|reset by peer|unavailable|"
    r"upstream|\b50[0-4]\b|lost connection|can't connect|cannot connect|failed to connect|connect(?:ion)? to"
)


def stem(name: str) -> str:
    """The workload's name, of a pod's or a ReplicaSet's.

    >>> stem("redis-master-7d9c8f6b54-x2klq"), stem("web-0"), stem("mlflow")
    ('redis-master', 'web', 'mlflow')
    """
    short = name
    for _ in range(2):
        short = _SUFFIX.sub("", short)
    return short or name


def _flat(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("model-")


def _alike(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


@dataclass(frozen=True, slots=True)
class Subject:
    """The alert's own names and the strangers that the evidence names beside them."""

    names: AbstractSet[str]
    strangers: AbstractSet[str] = field(default_factory=frozenset[str])

    def owns(self, observation: Observation) -> bool:
        """Whether it may be about the alert's subject."""
        return about(observation.texts) not in self.strangers

    def is_own(self, name: str) -> bool:
        """Whether an object of that name is the alert's own."""
        return any(_alike(_flat(name), own) for own in self.names)

    def speaks_of(self, text: str) -> bool:
        """Whether a line may be about the subject: it does not name only strangers."""
        return not (_names(text, self.strangers) and not any(name in text for name in self.names))

    def is_anothers(self, file: str) -> bool:
        """Whether a file is named after a stranger and not after the subject."""
        named = [stem(_flat(one)) for one in self.strangers if stem(_flat(one)) in _flat(file)]
        own = [stem(name) for name in self.names if stem(name) in _flat(file)]
        return bool(named) and max(map(len, named)) > max(map(len, own), default=0)


def about(texts: Mapping[str, str]) -> str:
    """The pod or workload that an observation is about, or the empty string."""
    if texts.get("pod"):
        return texts["pod"]
    if texts.get("object") and texts.get("kind", "Pod") in _OWNED:
        return texts["object"]
    return texts.get("deployment", "") or (texts.get("name", "") if texts.get("kind") in _OWNED else "")


def subject_of(alert: Alert, evidence: Sequence[EvidenceItem]) -> Subject:
    """The subject of an alert, as far as the evidence lets it be told from others."""
    names = {_flat(alert.labels[label]) for label in _LABELS if alert.labels.get(label)}
    seen = {
        about(observation.texts)
        for item in evidence
        if item.status is EvidenceStatus.OK
        for observation in item.observations
        if observation.name != "alert"
    } - {""}
    own = {one for one in seen if any(_alike(_flat(one), name) for name in names)}
    if not own:
        return Subject(frozenset(names))
    strangers = seen - own
    text = "\n".join(_complaints(evidence, strangers))
    needed = {one for one in strangers if re.search(rf"\b{re.escape(stem(one))}\b", text)}
    return Subject(frozenset(names | own), frozenset(strangers - needed))


def _complaints(evidence: Iterable[EvidenceItem], strangers: AbstractSet[str]) -> Iterable[str]:
    for item in evidence:
        if item.kind is EvidenceKind.RUNTIME and item.id != "alert":
            theirs = {one.line for one in item.observations if about(one.texts) in strangers}
            if not _names(item.id, strangers):
                for line in item.lines:
                    if line.number not in theirs and _TROUBLE.search(line.text):
                        yield line.text


def _names(text: str, names: AbstractSet[str]) -> bool:
    return any(name in text for name in names)
