"""The ends of the containers' logs, the one before the last restart first: its end says why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from triage.evidence.collector import Scope
from triage.evidence.container_log import container_log
from triage.evidence.folding import Entry
from triage.evidence.item import EvidenceItem, EvidenceStatus
from triage.evidence.kubernetes.api import KubernetesApi
from triage.evidence.kubernetes.numbered import nothing
from triage.evidence.kubernetes.pod import ContainerStatus, Pod
from triage.evidence.log_item import log_item, within
from triage.evidence.log_record import understand
from triage.evidence.tail import numbered

_TAIL_LINES = 1_000
#: more than so many lines have; what lies beyond is cut at the end, and said so
_MOST_BYTES = 2 << 20
_SHOWN_LINES = 60
_MOST_PODS = 3
_MOST_CONTAINERS = 4
#: what ``timestamps=true`` puts before each line
_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d) ?")


def log_items(
    api: KubernetesApi, scope: Scope, pods: Sequence[Pod], lookback: timedelta
) -> Sequence[EvidenceItem]:
    """One item for each log of the containers that matter most."""
    items: list[EvidenceItem] = []
    for pod, container in _chosen(scope, pods):
        if container.restart_count:
            items.append(_read(api, scope, pod, container.name, lookback, "previous"))
        items.append(_read(api, scope, pod, container.name, lookback, "current"))
    return items


def _chosen(scope: Scope, pods: Sequence[Pod]) -> Sequence[tuple[Pod, ContainerStatus]]:
    """Those that the alert names or that are in trouble; where none is, the first of each pod."""
    found = [(pod, container) for pod in pods[:_MOST_PODS] for container in pod.containers]
    telling = [pair for pair in found if pair[1].name == scope.container or pair[1].is_troubled]
    mains = [
        (pod, pod.status.container_statuses[0]) for pod in pods[:_MOST_PODS] if pod.status.container_statuses
    ]
    return (telling or mains)[:_MOST_CONTAINERS]


def _read(
    api: KubernetesApi, scope: Scope, pod: Pod, container: str, lookback: timedelta, which: str
) -> EvidenceItem:
    name = pod.metadata.name
    item_id = container_log(name, container, which)
    source = f"{which} log of container {container} of pod {pod.metadata.namespace}/{name}"
    answer = api.text(
        f"/api/v1/namespaces/{pod.metadata.namespace}/pods/{name}/log",
        container=container,
        tailLines=str(_TAIL_LINES),
        limitBytes=str(_MOST_BYTES),
        timestamps="true",
        previous="true" if which == "previous" else "false",
    )
    text = answer.first
    if text is None:
        # an API server answers 400 where there is no log yet or no more
        return nothing(item_id, source, answer.status, answer.note or "it holds nothing", scope.now)
    entries = _entries(text)
    if which == "current":
        entries = within(entries, scope.starts_at - lookback, scope.until)
    if not entries:
        return nothing(item_id, source, EvidenceStatus.EMPTY, "nothing was said in the window", scope.now)
    item = log_item(item_id, source, entries, _SHOWN_LINES, scope.now)
    cut = text.count("\n") >= _TAIL_LINES or len(text) >= _MOST_BYTES
    return item.model_copy(update={"note": f"{item.note}; truncated to its end"}) if cut else item


def _entries(text: str) -> Sequence[Entry]:
    stamped = [_split(line) for line in text.removesuffix("\n").split("\n")]
    lines = numbered([line for _, line in stamped])
    pairs = zip(stamped, lines, strict=True)
    return [Entry(line, understand(line.raw), at) for (at, _), line in pairs if line.raw.strip()]


def _split(line: str) -> tuple[datetime | None, str]:
    """The time at which the runtime took the line down, and the line itself."""
    match = _STAMPED.match(line)
    if match is None:
        return None, line
    whole = f"{match.group(1)}{match.group(2) or ''}{match.group(3)}"
    return datetime.fromisoformat(whole), line[match.end() :]
