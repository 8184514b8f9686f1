"""Every overlay renders, and what is not rendered here is told and no more than that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.not_rendered import NOT_RENDERED
from tests.contract.overlays import ENVIRONMENTS, Overlay, every_overlay, overlays
from tests.contract.rendering import open_workshop, take_out_remotes, workshop

pytestmark = pytest.mark.go


@pytest.mark.parametrize("overlay", every_overlay(), ids=str)
def test_the_overlay_renders(overlay: Overlay) -> None:
    objects = workshop().render(overlay)
    remotes_only = any(remote.kustomization.parent == overlay.path for remote in NOT_RENDERED)
    assert objects or remotes_only, f"{overlay} renders to nothing"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_two_overlays_of_an_environment_hold_the_same_object(environment: str) -> None:
    owners: dict[tuple[str, ...], str] = {}
    for overlay in overlays(environment):
        for found in workshop().render(overlay):
            metadata = found["metadata"]
            key = (found["apiVersion"], found["kind"], metadata.get("namespace", ""), metadata["name"])
            owner = owners.setdefault(key, str(overlay))
            assert owner == str(overlay), f"{' '.join(key)} is in {owner} and in {overlay}"


def test_what_is_not_rendered_is_listed_and_no_more() -> None:
    assert set(workshop().remotes) == set(NOT_RENDERED)


def test_charts_and_remote_files_are_taken_out_and_told(tmp_path: Path) -> None:
    kustomization = tmp_path / "kustomization.yaml"
    kustomization.write_text(
        "resources: [here.yaml, 'https://example.com/there.yaml']\nhelmCharts: [{name: chart}]\n"
    )
    assert take_out_remotes(kustomization) == ["chart chart", "https://example.com/there.yaml"]
    assert take_out_remotes(kustomization) == []


def test_a_broken_overlay_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    source = tmp_path / "source"
    folder = source / "manifests/broken/overlays/local"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("resources: [missing.yaml]\n")
    template = source / "manifests/inference-service/template"
    template.mkdir(parents=True)
    (template / "kustomization.yaml").write_text("resources: [release.yaml]\n")
    broken = Overlay("local", Path("manifests/broken/overlays/local"))
    with pytest.raises(AssertionError, match=r"missing\.yaml"):
        open_workshop(source, tmp_path / "copy").render(broken)
