from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.gitops.kubectl import Kubectl, KubectlError
from tests.programs import find

pytestmark = pytest.mark.go


def config_map(name: str, value: str) -> str:
    metadata = {"name": name, "namespace": "default"}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"key": value}})


def test_applying_says_what_changed_and_nothing_the_second_time(kubectl: Kubectl):
    both = config_map("one", "a") + "\n---\n" + config_map("two", "a")
    assert kubectl.apply(both) == ["ConfigMap default/one", "ConfigMap default/two"]
    assert kubectl.apply(both) == []
    assert kubectl.apply(config_map("one", "a") + "\n---\n" + config_map("two", "b")) == [
        "ConfigMap default/two"
    ]


def test_a_field_that_somebody_else_changed_is_taken_back(kubectl: Kubectl):
    kubectl.apply(config_map("ours", "a"))
    kubectl.run("patch", "configmap/ours", "--patch", '{"data": {"key": "theirs"}}')
    assert kubectl.apply(config_map("ours", "a")) == ["ConfigMap default/ours"]
    found = kubectl.get("configmap", "ours", "default")
    assert found is not None
    assert found["data"] == {"key": "a"}


def test_documents_without_a_namespace_go_where_the_caller_says(kubectl: Kubectl):
    kubectl.apply('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}}')
    kubectl.apply(
        '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "it"}}', namespace="elsewhere"
    )
    assert kubectl.get("configmap", "it", "elsewhere") is not None


def test_what_is_not_there_is_none(kubectl: Kubectl):
    assert kubectl.get("configmap", "nowhere", "default") is None


def test_lists_come_from_one_namespace_or_from_all(kubectl: Kubectl):
    kubectl.apply(config_map("listed", "a"))
    kubectl.run("label", "configmap/listed", "chosen=yes")
    for namespace in ("default", None):
        found = kubectl.list("configmap", namespace, selector="chosen=yes")
        assert [item["metadata"]["name"] for item in found] == ["listed"]


def test_an_unknown_kind_is_one_sentence(kubectl: Kubectl):
    with pytest.raises(KubectlError, match=r"kubectl get .*doesn't have a resource type \"starships\"\.$"):
        kubectl.list("starships")


def test_waiting_ends_when_the_condition_holds_or_the_time_is_over(kubectl: Kubectl):
    kubectl.apply('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "awaited"}}')
    kubectl.wait("namespace/awaited", "jsonpath={.status.phase}=Active", timeout_seconds=30)
    with pytest.raises(KubectlError, match="timed out"):
        kubectl.wait("namespace/awaited", "jsonpath={.status.phase}=Gone", timeout_seconds=1)


def test_readiness_is_asked_of_the_server(kubectl: Kubectl, tmp_path: Path):
    assert kubectl.is_ready()
    nowhere = tmp_path / "kubeconfig"
    nowhere.write_text('{"apiVersion": "v1", "kind": "Config"}', encoding="utf-8")
    assert not Kubectl(find("go", "kubectl"), nowhere).is_ready()
