"""Each project allows just what its tier deploys: held against every object that every overlay renders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.argocd.deployed import TIERS, Generated, generated, rendered
from tests.contract.overlays import ENVIRONMENTS, Overlay, overlays
from tests.contract.rendering import workshop

pytestmark = pytest.mark.go

SERVER = "https://kubernetes.default.svc"
#: the kinds in our manifests that live in no namespace; all others do
CLUSTER_SCOPED = frozenset(
    {
        "ClusterIssuer",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "GatewayClass",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
    }
)


def refusals(application: Generated, project: Any) -> Iterator[str]:
    """Why the project would not let the Application deploy something."""
    spec = project["spec"]
    namespaces = {
        destination["namespace"] for destination in spec["destinations"] if destination["server"] == SERVER
    }
    kinds = {
        scope: {(allowed["group"], allowed["kind"]) for allowed in spec[f"{scope}ResourceWhitelist"]}
        for scope in ("cluster", "namespace")
    }
    if application.repository not in spec["sourceRepos"]:
        yield f"comes from {application.repository}"
    if application.namespace not in namespaces:
        yield f"goes to namespace {application.namespace}"
    for found in workshop().attempt(application.overlay):
        kind = (found["apiVersion"].rpartition("/")[0], found["kind"])
        scope = "cluster" if found["kind"] in CLUSTER_SCOPED else "namespace"
        where = found["metadata"].get("namespace", application.namespace)
        if kind not in kinds[scope]:
            yield f"holds {found['kind']} {found['metadata']['name']}, a {scope} kind of '{kind[0]}'"
        elif scope == "namespace" and where not in namespaces:
            yield f"puts {found['kind']} {found['metadata']['name']} into namespace {where}"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_application_is_allowed_by_its_project(environment: str):
    projects = rendered(environment, "AppProject")
    refused = [
        f"{application.name} (project {application.project}) {why}"
        for application in generated(environment)
        for why in refusals(application, projects[application.project])
    ]
    assert not refused, "\n".join(refused)


def test_a_model_that_brings_more_than_its_predictor_is_refused():
    application = next(found for found in generated("local") if found.project == "models")
    project = {
        "spec": {
            "sourceRepos": [application.repository],
            "destinations": [{"server": SERVER, "namespace": "models"}],
            "clusterResourceWhitelist": [],
            "namespaceResourceWhitelist": [{"group": "serving.kserve.io", "kind": "InferenceService"}],
        }
    }
    assert any("ConfigMap" in why for why in refusals(application, project))
    assert any("namespace models" in why for why in refusals(application, {
        "spec": project["spec"] | {"destinations": []}
    }))  # fmt: skip


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_tier_has_its_project_with_names_and_no_wildcards(environment: str):
    projects = rendered(environment, "AppProject")
    assert set(projects) == set(TIERS)
    for name, project in projects.items():
        assert "*" not in str(project["spec"]), f"project {name} has a wildcard"
        assert project["spec"]["sourceRepos"] != ["repository"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_only_the_root_may_make_what_argo_cd_obeys(environment: str):
    for name, project in rendered(environment, "AppProject").items():
        allowed = project["spec"]["namespaceResourceWhitelist"]
        assert "argoproj.io" not in {kind["group"] for kind in allowed}, name
        assert ("", "Secret") not in {(kind["group"], kind["kind"]) for kind in allowed}, name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_application_is_in_the_default_project_which_may_do_nothing(environment: str):
    found = [item for overlay in overlays(environment) for item in workshop().attempt(overlay)]
    used = [item["spec"]["project"] for item in found if item["kind"] == "Application"]
    used += [application.project for application in generated(environment)]
    assert used
    assert "default" not in used
    default = [
        item for item in found if item["kind"] == "AppProject" and item["metadata"]["name"] == "default"
    ]
    assert [any(project["spec"].values()) for project in default] == [False]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_root_deploys_projects_and_tiers_and_may_deploy_nothing_else(environment: str):
    installed = workshop().render(Overlay(environment, _path("argocd/install/overlays", environment)))
    root = next(
        item for item in installed if item["kind"] == "AppProject" and item["metadata"]["name"] == "root"
    )
    allowed = {kind["kind"] for kind in root["spec"]["namespaceResourceWhitelist"]}
    deployed = workshop().render(Overlay(environment, _path("argocd/tiers/overlays", environment)))
    assert allowed == {item["kind"] for item in deployed} == {"AppProject", "ApplicationSet"}
    assert {item["metadata"]["namespace"] for item in deployed} == {"argocd"}


def _path(folder: str, environment: str) -> Any:
    return workshop().root.relative_to(workshop().root) / folder / environment
