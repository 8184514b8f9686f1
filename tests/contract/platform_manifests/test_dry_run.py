"""A real API server takes every object of the platform, and their pods, with Pod Security at work."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.apiserver import ApiServer, api_server, await_
from tests.contract.overlays import ENVIRONMENTS, ROOT, Overlay
from tests.contract.rendering import workshop

pytestmark = [pytest.mark.go, pytest.mark.timeout(600)]
COMPONENTS = ("mlflow", "redis", "ingress", "github-runner")
#: cert-manager's definitions are on no machine without the internet
NOT_KNOWN = {"Certificate", "Issuer"}
OVERLAYS = [
    Overlay(environment, path)
    for environment in ENVIRONMENTS
    for component in COMPONENTS
    if (ROOT / (path := Path(f"manifests/{component}/overlays/{environment}"))).is_dir()
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server with the homelab's namespaces, which are all that there are."""
    with api_server(tmp_path_factory.mktemp("apiserver"), controllers=True) as running:
        namespaces = Overlay("homelab", Path("manifests/namespaces/overlays/homelab"))
        running.apply(*workshop().render(namespaces))
        for name in ("mlops", "ingress", "ci"):
            await_(f"{name} is ready for pods", lambda name=name: has_account(running, name))
        yield running


def has_account(server: ApiServer, namespace: str) -> bool:
    return server.try_kubectl("get", "serviceaccount", "default", "--namespace", namespace).returncode == 0


def tried(server: ApiServer, objects: Sequence[dict[str, Any]]) -> str:
    """What the server says of them, warnings included, without keeping any."""
    items = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    flags = ("--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    ran = server.try_kubectl("apply", *flags, stdin=items)
    assert ran.returncode == 0, ran.stderr
    return ran.stderr


@pytest.mark.parametrize("overlay", OVERLAYS, ids=str)
def test_the_server_takes_the_overlay_without_a_warning(server: ApiServer, overlay: Overlay) -> None:
    objects = [found for found in workshop().render(overlay) if found["kind"] not in NOT_KNOWN]
    assert objects
    assert tried(server, objects) == ""


@pytest.mark.parametrize("overlay", OVERLAYS, ids=str)
def test_its_pods_pass_pod_security_limits_and_quotas(server: ApiServer, overlay: Overlay) -> None:
    pods = [pod for found in workshop().render(overlay) if (pod := pod_of(found))]
    assert pods
    assert tried(server, pods) == ""


def pod_of(found: dict[str, Any]) -> dict[str, Any] | None:
    """The pod that the object makes, as an object."""
    spec = found.get("spec", {})
    template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    if template is None:
        return None
    metadata = {"namespace": found["metadata"]["namespace"], "name": f"{found['metadata']['name']}-pod"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def test_what_breaks_the_standard_is_refused(server: ApiServer) -> None:
    spec = {"containers": [{"name": "a", "image": "redis:7.0.15", "securityContext": {"runAsUser": 0}}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "mlops", "name": "a"}, "spec": spec}
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        tried(server, [pod])


def test_a_restore_is_a_job_of_its_own(server: ApiServer) -> None:
    overlay = Overlay("homelab", Path("manifests/mlflow/overlays/homelab"))
    server.apply(*[found for found in workshop().render(overlay) if found["kind"] == "CronJob"])
    made = server.kubectl(
        *("create", "job", "restore-1", "--from=cronjob/mlflow-restore", "--namespace=mlops"),
        *("--dry-run=client", "--output=yaml"),
    )
    chosen = server.kubectl(
        "set", "env", "--local", "-f", "-", "BACKUP=2026-01-01T021700Z", "-o", "json", stdin=made
    )
    environment = json.loads(chosen)["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {"name": "BACKUP", "value": "2026-01-01T021700Z"} in environment
    assert tried(server, [json.loads(chosen)]) == ""
