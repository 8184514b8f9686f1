from __future__ import annotations

import base64
import stat
from functools import partial
from pathlib import Path

import pytest

from infra.cluster.step import Step
from infra.gitops.bootstrap import Bootstrap
from infra.gitops.kubectl import Kubectl
from infra.local.gitops import secrets
from tests.apiserver import ApiServer

ROOT = Path(__file__).parents[4]

pytestmark = pytest.mark.go
First = dict[str, list[str]]


@pytest.fixture(scope="module")
def secret_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture(scope="module")
def bootstrap(
    apiserver: ApiServer, secret_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Bootstrap:
    kubectl = Kubectl(apiserver.kubectl_program, apiserver.kubeconfig)
    releases = tmp_path_factory.mktemp("releases")
    return Bootstrap(kubectl, ROOT, "local", partial(secrets.manifests, secret_files), releases)


@pytest.fixture(scope="module")
def first(bootstrap: Bootstrap) -> First:
    """What the first run changed."""
    return run(bootstrap)


def run(bootstrap: Bootstrap) -> First:
    """All steps but the one that waits for pods, which nothing runs here."""
    steps: list[Step] = [step for step in bootstrap.steps() if not step.title.startswith("wait")]
    return {step.title: list(step.run(lambda what: None)) for step in steps}


def test_the_second_run_changes_nothing(first: First, bootstrap: Bootstrap, kubectl: Kubectl):
    assert "Namespace argocd" in first["make the namespaces"]
    assert "Secret argocd/argocd-secret" in first["make the secrets"]
    assert "StatefulSet argocd/argocd-application-controller" in first["install Argo CD"]
    assert first["apply the root Application"] == ["Application argocd/root"]

    kubectl.run("annotate", "application/root", "--namespace=argocd", "by-hand=yes")
    kubectl.run("label", "namespace/models", "by-hand=yes")
    assert not any(run(bootstrap).values()), "what git owns is left to git"


def test_what_somebody_changed_in_the_installation_is_put_right(
    first: First, bootstrap: Bootstrap, kubectl: Kubectl
):
    kubectl.run(
        "patch", "configmap/argocd-cm", "--namespace=argocd",
        "--patch", '{"data": {"application.resourceTrackingMethod": "label"}}',
    )  # fmt: skip
    assert run(bootstrap)["install Argo CD"] == ["ConfigMap argocd/argocd-cm"]


def test_secrets_agree_with_each_other_and_only_their_owner_reads_their_files(
    first: First, secret_files: Path, kubectl: Kubectl
):

    def value(namespace: str, name: str, key: str) -> str:
        found = kubectl.get("secret", name, namespace)
        assert found is not None
        return base64.b64decode(found["data"][key]).decode()

    assert value("argocd", "argocd-notifications-secret", "triage-token") == value(
        "observability", "triage-webhook", "token"
    )
    assert value("mlops", "mlflow-database", "password") == (secret_files / "mlflow-database").read_text()
    for kept in secret_files.iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_installed_configuration_has_what_the_release_brings_and_ours(first: First, kubectl: Kubectl):
    settings = kubectl.get("configmap", "argocd-cm", "argocd")
    assert settings is not None
    assert "resource.exclusions" in settings["data"]
    assert "resource.customizations.health.argoproj.io_ApplicationSet" in settings["data"]


def test_the_default_project_may_do_nothing(first: First, kubectl: Kubectl):
    project = kubectl.get("appproject", "default", "argocd")
    assert project is not None
    assert not any(project["spec"].values())
