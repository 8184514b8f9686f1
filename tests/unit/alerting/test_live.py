"""The shipped rules and configurations in a real Prometheus and a real Alertmanager, in a hurry."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from alerting.services import WEBHOOK_SECRET, services
from homeostat.service import Launch, Service
from infra.process.site import ProcessSite
from infra.process.state.targets import clear_targets, write_target
from tests.programs import find, programs_of
from tests.unit.alerting.playing import ModelServer, Triage, await_, serving

#: far more than is needed: the machine may be busy
PATIENCE_SECONDS = 90.0
DIVISOR = 600.0


@dataclass
class Watching:
    """Everything that runs, and what it watches."""

    site: ProcessSite
    model: ModelServer
    triage: Triage

    def alerts(self) -> Mapping[str, Any]:
        """What Alertmanager holds, by alert name and model."""
        found = httpx.get(
            f"{self.site.url('alertmanager')}/api/v2/alerts", trust_env=False
        ).raise_for_status()
        return {(alert["labels"]["alertname"], alert["labels"]["model"]): alert for alert in found.json()}


@contextmanager
def running(site: ProcessSite, service: Service) -> Iterator[None]:
    """Start ``service`` as a provider would, and end it with the block."""
    launch = service.launch(site)
    site.logs.mkdir(parents=True, exist_ok=True)
    log = site.logs / f"{service.name}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(launch.argv, stdout=stream, stderr=subprocess.STDOUT)
    try:
        url = f"{site.url(service.name)}{service.health_path}"

        def ready() -> bool | None:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            try:
                return httpx.get(url, trust_env=False).is_success or None
            except httpx.TransportError:
                return None

        await_(f"{service.name} is ready", ready, PATIENCE_SECONDS)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def watching(source, new_site) -> Iterator[Watching]:
    for name in ("prometheus", "alertmanager"):
        find(source, name)
    site = new_site(DIVISOR, programs_of(source))
    model, triage = ModelServer(), Triage(site.secret(WEBHOOK_SECRET))
    declared = {service.name: service for service in services(site)}
    with ExitStack() as stack:
        stack.enter_context(serving(triage.answer, site.port("triage")))
        model_port = stack.enter_context(serving(model.answer))
        clear_targets(site.scrape_targets)
        write_target(site.scrape_targets, _model_service(), model_port)
        write_target(site.scrape_targets, declared["prometheus"], site.port("prometheus"))
        for name in ("alertmanager", "prometheus"):
            stack.enter_context(running(site, declared[name]))
        yield Watching(site, model, triage)


def _model_service() -> Service:
    return Service(
        name="model-phishing",
        launch=lambda site: Launch(()),
        metrics_path="/metrics",
        labels={"model": "phishing", "tier": "model-server"},
    )


def test_a_slow_model_is_told_to_triage_and_so_is_its_recovery(watching):
    watching.triage.await_alert("Watchdog", "firing", PATIENCE_SECONDS)
    assert ("ModelInferenceLatencyHigh", "phishing") not in watching.alerts()

    watching.model.latency_seconds = 0.8
    fired = watching.triage.await_alert("ModelInferenceLatencyHigh", "firing", PATIENCE_SECONDS)
    assert fired["labels"] == {
        "alertname": "ModelInferenceLatencyHigh",
        "model": "phishing",
        "severity": "critical",
    }
    assert "95 % of the requests to phishing take up to" in fired["annotations"]["description"]

    watching.model.latency_seconds = 0.01
    resolved = watching.triage.await_alert("ModelInferenceLatencyHigh", "resolved", PATIENCE_SECONDS)
    assert (resolved["fingerprint"], resolved["startsAt"]) == (fired["fingerprint"], fired["startsAt"])
    watching.triage.await_alert("Watchdog", "firing", PATIENCE_SECONDS)
    assert watching.triage.refused == 0


def test_an_outage_mutes_the_symptoms_of_its_own_model_alone(watching):
    told = [
        ("ModelEndpointDown", "a"),
        ("ModelInferenceLatencyHigh", "a"),
        ("ModelInferenceLatencyHigh", "b"),
    ]
    content = [
        {"labels": {"alertname": name, "model": model, "severity": "critical"}} for name, model in told
    ]
    url = f"{watching.site.url('alertmanager')}/api/v2/alerts"
    httpx.post(url, json=content, trust_env=False).raise_for_status()

    def judged() -> Mapping[str, Any] | None:
        alerts = watching.alerts()
        states = {key: alerts[key]["status"]["state"] for key in told if key in alerts}
        return states if len(states) == 3 and "unprocessed" not in states.values() else None

    states = await_("Alertmanager judges the alerts", judged, PATIENCE_SECONDS)
    assert states == {
        ("ModelEndpointDown", "a"): "active",
        ("ModelInferenceLatencyHigh", "a"): "suppressed",
        ("ModelInferenceLatencyHigh", "b"): "active",
    }
