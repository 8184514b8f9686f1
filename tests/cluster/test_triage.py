"""Triage in the running cluster: who may send, what people read and say, what it finds out and keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from infra.process.state.secret_files import secret
from tests.cluster.live import MODEL, Live, eventually
from tests.cluster.test_oom import hog, image_of

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

HOST = "triage.homeostat.local"
OWNER = "owner"
#: of an image that nobody made
UNMADE = f"homeostat/never-built@sha256:{'0' * 63}1"


class Triage:
    """The service as its senders and its readers know it."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.url = live.url("triage", "observability")
        self._token = secret(live.state / "secrets", "triage-webhook")
        self._told: list[tuple[str, dict[str, Any]]] = []

    def send(self, path: str, body: dict[str, Any], token: str = "") -> httpx.Response:
        headers = {"Authorization": f"Bearer {token or self._token}"}
        return httpx.post(
            f"{self.url}/webhooks/{path}", json=body, headers=headers, trust_env=False, timeout=30
        )

    def told(self, path: str, body: dict[str, Any]) -> str:
        """The incident that came of a body."""
        answer = self.send(path, body)
        assert answer.status_code == 202, answer.text
        self._told.append((path, body))
        return str(answer.json()["incidents"][0])

    def resolve(self) -> None:
        """Say that all is well again: the cluster runs on after the tests."""
        for path, body in self._told:
            assert self.send(path, ended(body)).status_code == 202

    def details(self, incident: str) -> dict[str, Any]:
        answer = httpx.get(f"{self.url}/api/incidents/{incident}", trust_env=False, timeout=30)
        return answer.raise_for_status().json()

    def reported(self, incident: str) -> dict[str, Any]:
        """The incident once it has its report."""

        def report() -> dict[str, Any]:
            found = self.details(incident)
            return found if found["report"] else {}

        return eventually(report)

    @contextmanager
    def visitor(self) -> Iterator[httpx.Client]:
        """A person who comes in by the proxy, logged in."""
        address = self._live.get("service", "traefik", "-n", "ingress")["spec"]["clusterIP"]
        login = (OWNER, secret(self._live.state / "secrets", "ui-password"))
        with httpx.Client(
            base_url=f"https://{address}", auth=login, headers={"Host": HOST}, verify=False, trust_env=False,
            timeout=30,
        ) as client:  # fmt: skip
            yield client


@pytest.fixture
def triage(live: Live) -> Iterator[Triage]:
    made = Triage(live)
    yield made
    made.resolve()


def now() -> str:
    return datetime.now(UTC).isoformat()


def alerts(name: str, group: str, **labels: str) -> dict[str, Any]:
    """One alert as Alertmanager posts it, new each time."""
    began = now()
    alert = {
        "status": "firing",
        "labels": {"alertname": name, "severity": "warning", **labels},
        "annotations": {"summary": f"{name} of a test"},
        "startsAt": began,
        "fingerprint": f"{abs(hash((name, group, began))):016x}",
    }
    return {"version": "4", "groupKey": f"{group} {began}", "status": "firing", "alerts": [alert]}


def ended(body: dict[str, Any]) -> dict[str, Any]:
    """What the sender of ``body`` says when it is over."""
    if "alerts" not in body:
        return {**body, "observed_at": now(), "statistics": [], "resolved": True}
    over = [{**alert, "status": "resolved", "endsAt": now()} for alert in body["alerts"]]
    return {**body, "status": "resolved", "alerts": over}


def drift() -> dict[str, Any]:
    """Accuracy that is clearly lost."""
    lost = {"statistic": "accuracy", "window": "7d", "baseline": 0.9, "current": 0.7, "n": 3000}
    return {"model": MODEL, "version": "1", "detector": "test", "observed_at": now(), "statistics": [lost]}


def pod(live: Live, name: str, **container: Any) -> dict[str, Any]:
    """A pod that does nothing, with a container that is changed."""
    made = hog(image_of(live, "triage", "observability"))
    made["metadata"]["name"] = name
    only = made["spec"]["containers"][0]
    only.update({"name": "main", "command": ["python3", "-c", "import time; time.sleep(3600)"], **container})
    return made


def waiting(live: Live, name: str, reasons: set[str]) -> None:
    """Until the kubelet says why the pod's container does not start."""

    def says() -> bool:
        statuses = live.get("pod", name, "-n", "models")["status"].get("containerStatuses", [])
        return any(one["state"].get("waiting", {}).get("reason") in reasons for one in statuses)

    eventually(says)


@pytest.mark.parametrize("path", ["alertmanager", "argocd", "drift", "heartbeat"])
def test_who_does_not_show_the_token_is_sent_away(triage: Triage, path: str) -> None:
    assert triage.send(path, {}, token="guessed-by-somebody").status_code == 401


def test_a_heartbeat_is_taken_and_counts_as_health(triage: Triage) -> None:
    assert triage.send("heartbeat", {}).status_code == 202
    health = httpx.get(f"{triage.url}/healthz", trust_env=False).raise_for_status().json()
    assert health["status"] == "ok"
    assert health["last_heartbeat"] is not None


def test_github_is_not_believed_before_there_is_a_secret(triage: Triage) -> None:
    answer = triage.send("github", {})
    assert (answer.status_code, "TRIAGE_GITHUB_SECRET_FILE" in answer.text) == (503, True)


def test_drift_is_explained_with_mlflows_runs_and_trains_nothing_here(triage: Triage) -> None:
    found = triage.reported(triage.told("drift", drift()))
    assert found["severity"] == "critical"
    (runs,) = [item for item in found["evidence"] if item["id"] == "mlflow"]
    assert runs["status"] in {"ok", "empty"}, runs["note"]
    text = httpx.get(f"{triage.url}/incidents/{found['id']}.md", trust_env=False).text
    assert "urgency P0" in text
    assert "Retraining was not triggered: no retraining is configured" in text


def test_an_image_that_can_not_be_had_is_named(triage: Triage, live: Live) -> None:
    with live.applied(pod(live, "pulls-nothing", image=UNMADE)):
        waiting(live, "pulls-nothing", {"ErrImagePull", "ImagePullBackOff"})
        body = alerts("PodNotReady", "image", namespace="models", pod="pulls-nothing", container="main")
        report = triage.reported(triage.told("alertmanager", body))["report"]
    first = report["causes"][0]
    assert "image" in first["title"].lower()
    assert "never-built" in json.dumps(first)


def test_a_secret_that_is_missing_is_named(triage: Triage, live: Live) -> None:
    key = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "nobody-made-it", "key": "password"}}}
    with live.applied(pod(live, "lacks-a-secret", env=[key])):
        waiting(live, "lacks-a-secret", {"CreateContainerConfigError"})
        body = alerts("PodNotReady", "secret", namespace="models", pod="lacks-a-secret", container="main")
        report = triage.reported(triage.told("alertmanager", body))["report"]
    first = report["causes"][0]
    assert "nobody-made-it" in first["title"]
    assert "secret" in first["title"].lower()


def test_a_person_reads_a_report_by_the_proxy_and_says_what_it_is_worth(triage: Triage) -> None:
    incident = triage.told("alertmanager", alerts("SomethingElse", "feedback", namespace="models"))
    triage.reported(incident)
    form = {"answer": "right", "note": "by the way in"}
    with triage.visitor() as browser:
        page = browser.get(f"/incidents/{incident}", headers={"Accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        path = f"/incidents/{incident}/feedback"
        for headers, status in (
            ({"Origin": f"https://{HOST}"}, 201),
            ({"Origin": f"https://{HOST}", "Sec-Fetch-Site": "same-origin"}, 201),
            ({"Origin": "https://evil.invalid"}, 403),
            ({"Origin": "https://evil.invalid", "X-Forwarded-Host": "evil.invalid"}, 403),
        ):
            answer = browser.post(path, data=form, headers=headers)
            assert answer.status_code == status, (headers, answer.text)


def test_runbooks_commands_work_in_the_pod(triage: Triage, live: Live) -> None:
    incident = triage.told("alertmanager", alerts("SomethingElse", "commands", namespace="models"))
    triage.reported(incident)
    pod = ("exec", "deployment/triage", "-n", "observability", "--", "python", "-m", "homeostat", "triage")
    here = "--url=http://127.0.0.1:8090"
    assert incident in live.kubectl(*pod, "list", here)
    assert "SomethingElse" in live.kubectl(*pod, "show", incident, here)
    for command in ("dead", "outbox"):
        live.kubectl(*pod, command)


def test_what_is_stored_outlives_the_pod(triage: Triage, live: Live) -> None:
    incident = triage.told("alertmanager", alerts("SomethingElse", "restart", namespace="models"))
    before = triage.reported(incident)["report"]
    selector = ("-n", "observability", "-l", "app.kubernetes.io/name=triage")
    live.kubectl("delete", "pod", "--wait=true", *selector)

    def healthy() -> bool:
        try:
            return httpx.get(f"{triage.url}/healthz", trust_env=False, timeout=5).is_success
        except httpx.TransportError:
            return False

    eventually(healthy)
    assert triage.details(incident)["report"] == before


def test_the_api_server_refused_nothing_that_triage_asked(triage: Triage, live: Live) -> None:
    listed = live.ask("triage", "observability", "/api/incidents")["incidents"]
    refused = [
        f"{item['id']}: {item}"[:300]
        for one in listed[:20]
        for item in triage.details(one["id"])["evidence"]
        if item["status"] == "forbidden"
    ]
    assert refused == []
    log = live.kubectl("logs", "deployment/triage", "-n", "observability")
    assert [line for line in log.splitlines() if "orbidden" in line] == []
