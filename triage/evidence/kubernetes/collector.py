"""Everything that the cluster says about one alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import httpx

from triage.evidence.collector import Scope
from triage.evidence.item import EvidenceItem
from triage.evidence.kubernetes.api import Connection, KubernetesApi
from triage.evidence.kubernetes.applications import application_items
from triage.evidence.kubernetes.events import event_items
from triage.evidence.kubernetes.pod_logs import log_items
from triage.evidence.kubernetes.pods import pod_items
from triage.evidence.kubernetes.subjects import Finder
from triage.evidence.kubernetes.volumes import volume_items
from triage.evidence.kubernetes.workloads import workload_items


class KubernetesCollector:
    """Reads pods, their owners, events, logs and claims, and the Argo CD Application behind them."""

    name = "kubernetes"

    def __init__(
        self, connection: Connection, client: httpx.Client, argocd_namespace: str, lookback: timedelta
    ) -> None:
        self._connection = connection
        self._client = client
        self._argocd_namespace = argocd_namespace
        self._lookback = lookback

    def collect(self, scope: Scope) -> Sequence[EvidenceItem]:
        """What there is, kind by kind; an alert about nothing in the cluster brings nothing."""
        if not scope.is_in_cluster:
            return []
        api = KubernetesApi(self._connection, self._client)
        subjects = Finder(api, scope, self._argocd_namespace).find()
        pods = subjects.pods.objects
        return [
            *application_items(subjects.applications, scope.now),
            *workload_items(subjects, scope.now),
            *pod_items(subjects.pods, scope.now),
            *event_items(subjects.events, scope.now),
            *volume_items(subjects.claims, pods, scope.now),
            *log_items(api, scope, pods, self._lookback),
        ]
