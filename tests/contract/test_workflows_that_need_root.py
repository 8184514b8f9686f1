"""The workflows that try real clusters run whenever what they cover changes."""

from __future__ import annotations

import pytest

from homeostat.yaml_text import read_yaml
from tests.contract.overlays import ROOT

COVERED = {
    "cluster": ("manifests", "argocd", "tools", "infra/gitops", "infra/local", "policies", "images"),
    "homelab": (
        *("ansible", "infra/definition", "infra/gitops", "infra/homelab", "infra/playbooks", "infra/proxmox"),
        *("tests/homelab", "tests/proxmox_simulator"),
    ),
}


def triggers(name: str) -> dict[str, dict[str, list[str]]]:
    content = read_yaml(ROOT / ".github" / "workflows" / f"{name}.yml")
    assert isinstance(content, dict)
    return content["on"]


@pytest.mark.parametrize("name", COVERED)
def test_a_push_and_a_pull_request_are_covered_alike(name: str) -> None:
    assert triggers(name)["push"]["paths"] == triggers(name)["pull_request"]["paths"]


@pytest.mark.parametrize("name", COVERED)
def test_all_that_the_cluster_is_made_of_starts_it(name: str) -> None:
    assert {f"{folder}/**" for folder in COVERED[name]} <= set(triggers(name)["push"]["paths"])
    assert all((ROOT / folder).is_dir() for folder in COVERED[name])


def test_what_hand_offs_write_does_not() -> None:
    ignored = {"!manifests/models/**", "!manifests/*/image/kustomization.yaml"}
    assert ignored <= set(triggers("cluster")["push"]["paths"])
