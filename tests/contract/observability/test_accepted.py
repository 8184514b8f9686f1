"""A real API server takes every overlay of this tier, without a warning: schemas, names and Pod Security."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.apiserver import ApiServer
from tests.contract.overlays import ENVIRONMENTS, ROOT, Overlay, overlays
from tests.contract.rendering import Object, open_workshop, workshop
from tests.programs import BUILD_SECONDS

pytestmark = [pytest.mark.go, pytest.mark.timeout(BUILD_SECONDS)]

COMPONENTS = ("prometheus", "alertmanager", "node-exporter", "kube-state-metrics", "grafana")
OVERLAYS = [
    overlay
    for environment in ENVIRONMENTS
    for overlay in overlays(environment)
    if overlay.path.parts[:1] == ("manifests",) and overlay.path.parts[1] in COMPONENTS
]
NAMESPACES = Overlay("homelab", Path("manifests/namespaces/overlays/homelab"))
LOCAL = Overlay("local", Path("manifests/prometheus/overlays/local"))


@pytest.fixture(scope="module")
def server(apiserver: ApiServer) -> ApiServer:
    apiserver.apply(*(found for found in workshop().render(NAMESPACES) if found["kind"] == "Namespace"))
    return apiserver


def test_the_homelab_has_what_cannot_be_had_elsewhere():
    assert {overlay.path.parts[1] for overlay in OVERLAYS if overlay.environment == "homelab"} == set(
        COMPONENTS
    )


@pytest.mark.parametrize("overlay", OVERLAYS, ids=str)
def test_the_api_server_takes_the_overlay_without_a_warning(server: ApiServer, overlay: Overlay) -> None:
    flags = ("--server-side", "--validate=strict", "--dry-run=server", "--warnings-as-errors")
    server.kubectl("apply", *flags, "-f", "-", stdin=as_list(workshop().render(overlay)))


def test_a_pod_that_is_not_restricted_would_be_warned_of(server: ApiServer) -> None:
    deployment = next(found for found in workshop().render(LOCAL) if found["kind"] == "Deployment")
    template: dict[str, Any] = deployment["spec"]["template"]
    spoilt = {**template, "spec": {**template["spec"], "hostNetwork": True}}
    changed = {**deployment, "spec": {**deployment["spec"], "template": spoilt}}
    flags = ("--server-side", "--dry-run=server", "--warnings-as-errors")
    refused = server.try_kubectl("apply", *flags, "-f", "-", stdin=as_list([changed]))
    assert refused.returncode != 0
    assert 'would violate PodSecurity "restricted' in refused.stderr


def test_another_rule_makes_another_pod(tmp_path: Path) -> None:
    copy = tmp_path / "source"
    for folder in ("alerting", "manifests", "argocd"):
        shutil.copytree(ROOT / folder, copy / folder)
    before = config_maps(copy, tmp_path / "before")
    with (copy / "alerting/rules/Watchdog.yaml").open("a", encoding="utf-8") as rule:
        rule.write("# another word\n")
    after = config_maps(copy, tmp_path / "after")
    assert before["config"] == after["config"]
    assert before["rules"] != after["rules"]


def as_list(documents: Sequence[Object]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(documents)})


def config_maps(source: Path, folder: Path) -> dict[str, str]:
    """The ConfigMaps that Prometheus's pod mounts, by the volume's name."""
    rendered = open_workshop(source, folder).render(LOCAL)
    deployment = next(found for found in rendered if found["kind"] == "Deployment")
    volumes = deployment["spec"]["template"]["spec"]["volumes"]
    return {volume["name"]: volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
