"""The manifests and the code agree: settings, the forge, and the ways that triage needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.programs import ROOT, find
from triage.settings import load_settings

pytestmark = [pytest.mark.go, pytest.mark.timeout(1500)]

PLACES = ("local", "homelab")


def rendered(place: str) -> list[dict[str, Any]]:
    overlay = ROOT / "manifests" / "triage" / "overlays" / place
    built = subprocess.run(
        [find("go", "kustomize"), "build", overlay], capture_output=True, text=True, timeout=60, check=True
    )
    return list(YAML(typ="safe").load_all(built.stdout))


def only(place: str, kind: str) -> dict[str, Any]:
    (found,) = [document for document in rendered(place) if document["kind"] == kind]
    return found


def environment(place: str) -> dict[str, str]:
    (container,) = only(place, "Deployment")["spec"]["template"]["spec"]["containers"]
    return {entry["name"]: entry["value"] for entry in container["env"]}


@pytest.mark.parametrize("place", PLACES)
def test_the_pods_environment_is_one_that_triage_accepts(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"KUBERNETES_SERVICE_HOST": "10.43.0.1", "KUBERNETES_SERVICE_PORT": "443"}
    for name, value in environment(place).items():
        monkeypatch.setenv(name, re.sub(r"\$\((\w+)\)", lambda match: given[match.group(1)], value))
    settings = load_settings()
    assert (settings.host, settings.port) == ("0.0.0.0", 8090)
    assert settings.kubernetes_url == "https://10.43.0.1:443"
    assert settings.logs is None


@pytest.mark.parametrize("place", PLACES)
def test_what_triage_writes_lies_on_its_volume(place: str) -> None:
    names = ("TRIAGE_DATABASE_URL", "TRIAGE_REPORTS", "TRIAGE_FORGE")
    paths = [Path(environment(place)[name].removeprefix("sqlite:///")) for name in names]
    (container,) = only(place, "Deployment")["spec"]["template"]["spec"]["containers"]
    volume = next(mount["mountPath"] for mount in container["volumeMounts"] if mount["name"] == "data")
    assert all(path.is_relative_to(volume) for path in paths)


@pytest.mark.parametrize("place", PLACES)
def test_triage_mirrors_the_repository_that_the_cluster_follows(place: str) -> None:
    root = YAML(typ="safe").load(ROOT / "argocd" / "root" / place / "application.yaml")
    assert environment(place)["TRIAGE_FORGE_URL"] == root["spec"]["source"]["repoURL"]


@pytest.mark.parametrize("place", PLACES)
def test_a_service_of_its_own_name_does_not_change_its_port(place: str) -> None:
    # Kubernetes would set TRIAGE_PORT to tcp://<address>
    assert only(place, "Deployment")["spec"]["template"]["spec"]["enableServiceLinks"] is False


def test_nothing_of_the_local_triage_leads_out_of_the_machine() -> None:
    policies = [found for found in rendered("local") if found["kind"] == "NetworkPolicy"]
    outside = [to for found in policies for rule in found["spec"].get("egress", []) for to in rule["to"]]
    addresses = [to["ipBlock"]["cidr"] for to in outside if "ipBlock" in to]
    assert sorted(addresses) == ["10.43.0.1/32", "10.99.0.1/32", "10.99.0.254/32"]
