"""The tiers hold every component once, in the order in which they need each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.contract.argocd.deployed import TIERS, generated, rendered
from tests.contract.overlays import ENVIRONMENTS, MODEL_OVERLAYS, ROOT, Overlay
from tests.contract.rendering import workshop

pytestmark = pytest.mark.go


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_component_is_in_exactly_one_tier_and_every_tier_lists_only_components(environment: str):
    listed = Counter(found.overlay.path for found in generated(environment) if found.project != "models")
    there = {path.relative_to(ROOT) for path in ROOT.glob(f"manifests/*/overlays/{environment}")}
    there.remove(MODEL_OVERLAYS / environment)
    assert listed == Counter(there)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_names_of_applications_are_unique(environment: str):
    names = Counter(found.name for found in generated(environment))
    assert max(names.values()) == 1


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_projects_come_first_and_then_tier_after_tier(environment: str):
    def wave(found: dict[str, dict[str, dict[str, str]]]) -> int:
        return int(found["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])

    waves = {name: wave(tier) for name, tier in rendered(environment, "ApplicationSet").items()}
    assert sorted(waves, key=waves.__getitem__) == list(TIERS)
    assert len(set(waves.values())) == len(TIERS)
    assert all(wave(found) < min(waves.values()) for found in rendered(environment, "AppProject").values())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_heals_itself_and_deletes_nothing_with_itself(environment: str, tier: str):
    spec = rendered(environment, "ApplicationSet")[tier]["spec"]
    assert spec["goTemplateOptions"] == ["missingkey=error"]
    assert spec["syncPolicy"]["preserveResourcesOnDeletion"] is True
    template = spec["template"]
    assert "finalizers" not in template["metadata"]
    automated = template["spec"]["syncPolicy"]["automated"]
    assert automated["selfHeal"] is True
    assert automated["allowEmpty"] is False


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_repository_revision_and_environment_are_the_root_applications_everywhere(environment: str):
    text = (ROOT / "argocd" / "root" / environment / "application.yaml").read_text(encoding="utf-8")
    path = Path("argocd/root") / environment / "application.yaml"
    root = workshop().render(Overlay(environment, path))[0]["spec"]["source"]
    tiers = rendered(environment, "ApplicationSet")
    assert root["repoURL"] in text
    for tier in tiers.values():
        source = tier["spec"]["template"]["spec"]["source"]
        assert (source["repoURL"], source["targetRevision"]) == (root["repoURL"], root["targetRevision"])
    generator = tiers["models"]["spec"]["generators"][0]["git"]
    assert (generator["repoURL"], generator["revision"]) == (root["repoURL"], root["targetRevision"])
    added = tiers["models"]["spec"]["template"]["spec"]["source"]["kustomize"]["components"]
    folder = ROOT / "manifests" / "models" / "any"
    assert [(folder / path).resolve() for path in added] == [ROOT / MODEL_OVERLAYS / environment]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_root_is_written_once_and_deployed_by_nobody(environment: str):
    deployed = workshop().render(Overlay(environment, Path(f"argocd/tiers/overlays/{environment}")))
    assert "Application" not in {item["kind"] for item in deployed}


def test_only_models_with_a_release_are_deployed():
    files = rendered("local", "ApplicationSet")["models"]["spec"]["generators"][0]["git"]["files"]
    assert files == [{"path": "manifests/models/*/release.yaml"}]
