"""A push becomes a prediction through the cluster, a second one replaces it, and a revert brings it back."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from demo.chapters.predict import predict, sample_rows
from demo.scratch import Scratch
from homeostat.release import Release, read_release, release_path
from tests.cluster.live import MODEL, NAME, Live, eventually, push, working_clone
from tests.cluster.load import load_on

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SOURCE = Path("model-source") / MODEL / "train.py"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a change of the model's source became."""

    scratch: Scratch
    release: Release
    said: str


def change_and_push(scratch: Scratch) -> Pushed:
    """Change the model's source as a data scientist would, so that it is trained anew."""
    source = scratch.folder / SOURCE
    before = release_path(scratch.folder, MODEL)
    version = read_release(before).version if before.exists() else 0
    source.write_text(f"{source.read_text().rstrip()}\n\n\n# the change after version {version}\n")
    scratch.commit(f"Change the model after version {version}")
    said = push(scratch)
    return Pushed(scratch, read_release(before), said)


@pytest.fixture(scope="module")
def pushed(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Pushed:
    return change_and_push(working_clone(live, tmp_path_factory.mktemp("scratch") / "clone"))


def served_version(url: str) -> str | None:
    try:
        answer = httpx.get(f"{url}/v2/models/{MODEL}", trust_env=False, timeout=5)
    except httpx.HTTPError:
        return None
    return answer.json()["versions"][0] if answer.is_success else None


def test_a_push_becomes_a_prediction_of_the_kserve_client_through_the_service(
    live: Live, pushed: Pushed
) -> None:
    assert f"succeeded: {MODEL} {pushed.release.version} serves" in pushed.said, pushed.said
    url = live.url(f"{NAME}-predictor", "models")

    predictions = predict(url, MODEL, sample_rows(5))

    assert predictions.rows == 5
    assert served_version(url) == str(pushed.release.version)


def test_the_pod_runs_the_image_that_was_handed_off(live: Live, pushed: Pushed) -> None:
    pods = live.items("pods", "-n", "models", "-l", f"serving.kserve.io/inferenceservice={NAME}")
    running = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    images = {container["image"] for pod in running for container in pod["spec"]["containers"]}

    assert pushed.release.image_digest
    assert images == {f"homeostat/{NAME}@{pushed.release.image_digest}"}


def test_a_second_version_rolls_out_without_a_failed_request_and_a_revert_rolls_back(
    live: Live, pushed: Pushed
) -> None:
    url = live.url(f"{NAME}-predictor", "models")
    first = str(pushed.release.version)
    with load_on(url, MODEL) as load:
        second = change_and_push(pushed.scratch)
        assert f"succeeded: {MODEL} {second.release.version} serves" in second.said, second.said
        eventually(lambda: load.versions and load.versions[-1] == str(second.release.version))
    assert load.failures == []
    assert {first, str(second.release.version)} == set(load.versions)

    revert = ["git", "-c", "user.name=Someone", "-c", "user.email=someone@users.noreply.invalid", "revert"]
    subprocess.run([*revert, "--no-edit", "HEAD"], cwd=pushed.scratch.folder, check=True)
    said = push(pushed.scratch)

    assert "no pipeline" in said
    eventually(lambda: served_version(url) == first)
