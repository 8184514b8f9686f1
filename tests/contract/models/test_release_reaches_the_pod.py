"""The release in git is what the pod is: its image, its identity and the digests that it verifies."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from homeostat.release import read_release
from serving.__main__ import main as serve
from tests.contract.models.folder import DIGEST, NAME, RELEASE, Rendered, build, made, rendered
from tests.unit.delivery.small_platform import a_release

pytestmark = pytest.mark.go


def test_the_image_is_the_one_that_was_handed_off(model: Rendered) -> None:
    assert model.container["image"].endswith(f"homeostat/{NAME}@{DIGEST}")


def test_the_registry_is_named_for_the_homelab_alone(tmp_path: Path) -> None:
    assert rendered(tmp_path / "a", "local").container["image"] == f"homeostat/{NAME}@{DIGEST}"
    assert rendered(tmp_path / "b", "homelab").container["image"].startswith("registry.homelab.example/")


def test_the_pods_carry_what_leads_back_to_the_gates(model: Rendered) -> None:
    annotations = model.predictor["annotations"]
    assert {name: text for name, text in annotations.items() if name.startswith("homeostat.dev/")} == {
        "homeostat.dev/model-version": "3",
        "homeostat.dev/model-sha256": RELEASE.model_sha256,
        "homeostat.dev/bento-digest": RELEASE.bento_digest,
        "homeostat.dev/source-commit": RELEASE.source_commit,
        "homeostat.dev/run-id": RELEASE.run_id,
    }


def test_the_release_itself_is_mounted_where_the_server_reads_it(model: Rendered, tmp_path: Path) -> None:
    volumes = {volume["name"]: volume for volume in model.predictor["volumes"]}
    mounts = {mount["mountPath"]: mount["name"] for mount in model.container["volumeMounts"]}
    source = model.one("ConfigMap")

    assert volumes[mounts["/etc/homeostat"]]["configMap"]["name"] == source["metadata"]["name"]
    assert "--release=/etc/homeostat/release.yaml" in model.container["args"]
    path = tmp_path / "release.yaml"
    path.write_text(source["data"]["release.yaml"])
    assert read_release(path) == RELEASE


def test_the_release_is_no_object_of_the_cluster(model: Rendered) -> None:
    kinds = sorted(of["kind"] for of in model.objects)
    assert kinds == ["ConfigMap", "InferenceService", "NetworkPolicy", "PodDisruptionBudget"]


def test_a_new_release_rolls_out_and_nothing_else_changes_what_pods_are(tmp_path: Path) -> None:
    one = rendered(tmp_path / "a", "local")
    same = rendered(tmp_path / "b", "local")
    other = rendered(tmp_path / "c", "local", a_release("toy_model", 4, image_digest=DIGEST))

    assert one == same
    assert one.predictor["annotations"] != other.predictor["annotations"]
    assert one.predictor["volumes"] != other.predictor["volumes"]


def test_a_release_without_an_image_is_refused_with_the_field_that_is_missing(tmp_path: Path) -> None:
    ran = build(made(tmp_path, a_release("toy_model", 3)))

    assert ran.returncode != 0
    assert "`image_digest` is missing" in ran.stderr


def test_the_server_knows_every_option_that_it_is_started_with(model: Rendered) -> None:
    options = {argument.removeprefix("--").split("=")[0] for argument in model.container["args"]}
    assert model.container["command"] == ["python", "-m", "serving"]
    assert options <= {name.replace("_", "-") for name in inspect.signature(serve).parameters}
