"""The collectors that a place needs, by its settings; what they open is closed by the one who asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta

import httpx

from homeostat.errors import ConfigError
from triage.clock import Clock
from triage.evidence.alert_itself import AlertCollector
from triage.evidence.collector import Collector
from triage.evidence.drift.collector import DriftCollector
from triage.evidence.drift.mlflow import Mlflow
from triage.evidence.drift.runs import RunComparison
from triage.evidence.git import Git
from triage.evidence.github.api import Connection as GitHubConnection
from triage.evidence.github.collector import GitHubCollector
from triage.evidence.handoffs import HandOffCollector
from triage.evidence.kubernetes.api import Connection
from triage.evidence.kubernetes.collector import KubernetesCollector
from triage.evidence.logs import LogCollector
from triage.evidence.metrics import MetricsCollector
from triage.evidence.mirror import Mirror
from triage.evidence.prometheus import Prometheus
from triage.evidence.release_diff import ReleaseDiffCollector
from triage.settings import Settings


def collectors(settings: Settings, clock: Clock, opened: ExitStack) -> Sequence[Collector]:
    """All that apply here, in the order in which their evidence is read.

    Raises:
        ConfigError: when a cluster is named whose certificate can't be read.
    """
    lookback = timedelta(seconds=settings.lookback_seconds)
    client = opened.enter_context(
        httpx.Client(
            base_url=settings.prometheus_url, timeout=settings.collector_timeout_seconds, trust_env=False
        )
    )
    found: list[Collector] = [
        AlertCollector(clock),
        DriftCollector(clock, _runs(settings, clock, opened)),
        MetricsCollector(Prometheus(client), lookback, settings.rate_window_seconds, clock),
    ]
    if settings.logs:
        found.append(LogCollector(settings.logs, lookback, clock))
    if settings.kubernetes_url:
        found.append(_kubernetes(settings, settings.kubernetes_url, lookback, opened))
    if settings.github_token_file or settings.github_secret_file:
        github = GitHubConnection(settings.github_url, settings.github_token_file)
        found.append(GitHubCollector(github, opened.enter_context(github.client()), clock))
    git = _git(settings)
    return (*found, HandOffCollector(git, clock), ReleaseDiffCollector(git, clock))


def _runs(settings: Settings, clock: Clock, opened: ExitStack) -> RunComparison | None:
    if settings.mlflow_url is None:
        return None
    timeout = settings.collector_timeout_seconds
    client = httpx.Client(base_url=settings.mlflow_url, timeout=timeout, trust_env=False)
    return RunComparison(Mlflow(opened.enter_context(client)), clock)


def _kubernetes(settings: Settings, url: str, lookback: timedelta, opened: ExitStack) -> Collector:
    connection = Connection(
        url=url,
        token_file=settings.kubernetes_token_file,
        ca_file=settings.kubernetes_ca_file,
        timeout_seconds=settings.collector_timeout_seconds,
        budget_seconds=settings.kubernetes_budget_seconds,
    )
    try:
        client = opened.enter_context(connection.client())
    except OSError as error:
        told = f"{connection.ca_file} can't be read as a certificate: {error.strerror or error}."
        raise ConfigError("TRIAGE_KUBERNETES_CA_FILE", [told]) from None
    return KubernetesCollector(connection, client, settings.argocd_namespace, lookback)


def _git(settings: Settings) -> Git:
    timeout = settings.collector_timeout_seconds
    if settings.forge_url is None:
        return Git(settings.forge, timeout)
    return Git(
        settings.forge, timeout, Mirror(settings.forge_url, settings.forge, settings.mirror_timeout_seconds)
    )
