"""The workflow that tries a real cluster runs whenever what it covers changes."""

from __future__ import annotations

from homeostat.yaml_text import read_yaml
from tests.contract.overlays import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "cluster.yml"
COVERED = ("manifests", "argocd", "tools", "infra/local", "policies", "images")


def triggers() -> dict[str, dict[str, list[str]]]:
    content = read_yaml(WORKFLOW)
    assert isinstance(content, dict)
    return content["on"]


def test_a_push_and_a_pull_request_are_covered_alike() -> None:
    assert triggers()["push"]["paths"] == triggers()["pull_request"]["paths"]


def test_all_that_the_cluster_is_made_of_starts_it() -> None:
    assert {f"{folder}/**" for folder in COVERED} <= set(triggers()["push"]["paths"])


def test_what_hand_offs_write_does_not() -> None:
    ignored = {"!manifests/models/**", "!manifests/*/image/kustomization.yaml"}
    assert ignored <= set(triggers()["push"]["paths"])
