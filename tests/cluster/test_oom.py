"""A pod killed for its memory becomes a report that names it, by way of the cluster's own services."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.cluster.live import Live, eventually

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

POD = "memory-hog"


def hog(image: str) -> dict[str, Any]:
    """A pod that asks for more memory than its limit, again and again."""
    container = {
        "name": "hog",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["python3", "-c", "import time; time.sleep(20); b = b'x' * (1 << 30)"],
        "resources": {
            "requests": {"cpu": "10m", "memory": "64Mi"},
            "limits": {"cpu": "500m", "memory": "64Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": POD, "namespace": "models"},
        "spec": {
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
        },
    }


def image_of(live: Live, deployment: str, namespace: str) -> str:
    """An image that is in the cluster and has Python."""
    spec = live.get("deployment", deployment, "-n", namespace)["spec"]["template"]["spec"]
    return spec["containers"][0]["image"]


def test_an_out_of_memory_kill_becomes_a_report_that_names_the_pod(live: Live) -> None:
    triage = live.url("triage", "observability")
    with live.applied(hog(image_of(live, "triage", "observability"))):

        def fires() -> bool:
            alerts = live.ask("prometheus", "observability", "/api/v1/alerts")["data"]["alerts"]
            return any(
                alert["labels"]["alertname"] == "ContainerOomKilled" and alert["state"] == "firing"
                for alert in alerts
            )

        eventually(fires)

        def report() -> str:
            incidents = httpx.get(f"{triage}/api/incidents", trust_env=False).raise_for_status().json()
            for incident in incidents if isinstance(incidents, list) else incidents["incidents"]:
                page = httpx.get(f"{triage}/incidents/{incident['id']}", trust_env=False)
                if page.is_success and POD in page.text and "memory" in page.text.lower():
                    return page.text
            return ""

        text = eventually(report)

    causes = text.split("##", 1)[-1]
    assert POD in causes
    assert "OOM" in causes
