"""A second model needs nothing but its own folder; everything is asked of the command line and of HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sklearn.datasets import load_iris

from ct.changed import Change, changed_models
from ct.errors import RegistryUnavailableError
from ct.recording.registry import connect
from ct.services import services
from homeostat.release import Release, release_path, to_yaml
from serving.errors import WrongDigest
from tests.unit.ct.small_repository import REPOSITORY, add_model

DECLARED = {
    "name": "flowers",
    "task": "multiclass",
    "metric": "balanced_accuracy",
    "data": {"target": "species"},
    "classes": ["setosa", "versicolor", "virginica"],
    "features": [
        {"name": name, "min": 0, "max": 10}
        for name in ("sepal_length", "sepal_width", "petal_length", "petal_width")
    ],
    "split": {"test_fraction": 0.3, "seed": 3, "folds": 3},
    "candidates": "flowers.train:candidates",
    "dockerfile": "Dockerfile",
    "gates": {
        "minimum_metric": 0.8,
        "maximum_calibration_error": 0.3,
        "maximum_brier_score": 0.4,
        "minimum_slice_metric": 0.5,
        "maximum_latency_seconds": 0.2,
        "maximum_artifact_bytes": 5_000_000,
        "maximum_robustness_drop": 0.8,
        "expected_prevalence": {"setosa": {"min": 0.2, "max": 0.5}},
    },
}

TRAIN = '''
"""A candidate of this model's own."""

from sklearn.naive_bayes import GaussianNB

from ct.candidate import Candidate
from ct.standard_candidates import prepared


def candidates(seed):
    return [Candidate("naive_bayes", lambda: prepared(GaussianNB()))]
'''


class LoopbackSite:
    """As much of a site as the tracking server sees."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])

    def directory(self, service: str) -> Path:
        folder = self._folder / service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def port(self, service: str) -> int:
        return self._port


@pytest.fixture(scope="module")
def tracking_server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """MLflow, started exactly as the room declares it."""
    site = LoopbackSite(tmp_path_factory.mktemp("site"))
    (declared,) = services(site)  # type: ignore[arg-type] - as much of a site as it needs
    launch = declared.launch(site)  # type: ignore[arg-type] - the same
    url = f"http://127.0.0.1:{site.port('mlflow')}"
    process = subprocess.Popen(launch.argv, env={**os.environ, **launch.env})
    try:
        _wait_until_healthy(process, url + declared.health_path)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert process.poll() is None, "the tracking server stopped"
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the tracking server never became healthy")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one added folder and no line changed elsewhere."""
    root = tmp_path_factory.mktemp("second") / "clone"
    (root / "model-source/flowers").mkdir(parents=True)
    (root / "model-source/flowers/__init__.py").write_text("")
    (root / "model-source/flowers/train.py").write_text(TRAIN)
    (root / "model-source/flowers/Dockerfile").write_text("FROM scratch\n")
    iris = load_iris(as_frame=True)
    rows = iris.data.set_axis([feature["name"] for feature in DECLARED["features"]], axis=1)
    add_model(root, "flowers", rows.assign(species=iris.target_names[iris.target]), DECLARED)
    return root


def ct(clone: Path, uri: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "HOMEOSTAT_ROOT": str(clone),
        "MLFLOW_TRACKING_URI": uri,
        "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'model-source'}",
        "PYTHONHASHSEED": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "homeostat", "ct", *arguments],
        env=env,
        cwd=clone,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def trained(clone: Path, tracking_server: str) -> tuple[Path, subprocess.CompletedProcess[str]]:
    out = clone.parent / "out"
    return out, ct(clone, tracking_server, "run", "--model", "flowers", "--out", str(out), "--json")


def test_a_model_of_three_classes_from_a_csv_is_trained_judged_and_registered(
    trained: tuple[Path, subprocess.CompletedProcess[str]], tracking_server: str
) -> None:
    out, finished = trained
    assert finished.returncode == 0, finished.stderr
    result = json.loads(finished.stdout)
    assert result == json.loads((out / "result.json").read_text())
    assert (out / result["bundle"] / "model.pkl").is_file()
    answer = httpx.get(
        f"{tracking_server}/api/2.0/mlflow/registered-models/alias",
        params={"name": "flowers", "alias": "candidate"},
    ).json()
    assert answer["model_version"]["version"] == str(result["version"])
    assert answer["model_version"]["run_id"] == result["run_id"]


def test_its_own_candidate_competes(
    trained: tuple[Path, subprocess.CompletedProcess[str]], tracking_server: str
) -> None:
    run_id = json.loads(trained[1].stdout)["run_id"]
    answer = httpx.get(f"{tracking_server}/api/2.0/mlflow/runs/get", params={"run_id": run_id}).json()
    metrics = {metric["key"] for metric in answer["run"]["data"]["metrics"]}
    assert {"cv_naive_bayes", "cv_logistic_regression", "cv_gradient_boosting"} <= metrics


def test_the_candidate_is_packaged_under_its_digest(
    clone: Path, trained: tuple[Path, subprocess.CompletedProcess[str]], tracking_server: str
) -> None:
    out, _ = trained
    store = clone.parent / "bentos"
    done = ct(
        clone,
        tracking_server,
        "package",
        "--result",
        str(out / "result.json"),
        "--store",
        str(store),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    packaged = json.loads((out / "package.json").read_text())
    assert (store / packaged["bento_digest"]).is_dir()
    assert packaged["dockerfile"] == "model-source/flowers/Dockerfile"


def test_the_champion_comes_back_over_http_with_its_bytes_verified(
    trained: tuple[Path, subprocess.CompletedProcess[str]], tracking_server: str
) -> None:
    release = _release(json.loads(trained[1].stdout))
    served = connect(tracking_server).champion(release)
    assert served.bundle.model_sha256 == release.model_sha256
    assert sum(served.training.prevalence.values()) == pytest.approx(1.0)
    with pytest.raises(WrongDigest):
        connect(tracking_server).champion(release.model_copy(update={"model_sha256": "0" * 64}))


def _release(result: dict[str, Any]) -> Release:
    kept = {name: result[name] for name in Release.model_fields if name in result}
    return Release.model_validate({**kept, "bento_digest": "0" * 64})


def test_changed_names_it_until_its_release_has_its_inputs(
    clone: Path, trained: tuple[Path, subprocess.CompletedProcess[str]], tracking_server: str
) -> None:
    assert changed_models(clone) == (Change("flowers", "it has no release yet"),)
    path = release_path(clone, "flowers")
    path.parent.mkdir(parents=True)
    path.write_text(to_yaml(_release(json.loads(trained[1].stdout))))
    assert json.loads(ct(clone, tracking_server, "changed", "--json").stdout) == []
    folder = clone / "model-source/flowers"
    (folder / "README.md").write_text("A page changes no model.")
    assert changed_models(clone) == ()
    (folder / "train.py").write_text(TRAIN + "\n# another thought\n")
    assert changed_models(clone) == (Change("flowers", "its inputs differ from those of its release"),)
    (folder / "rows.csv").write_text("")
    (change,) = changed_models(clone)
    assert "its data can't be used" in change.reason


def test_a_tracking_server_that_is_away_is_told_in_one_sentence() -> None:
    with pytest.raises(RegistryUnavailableError, match=r"MLflow at http://127\.0\.0\.1:9 did not do") as told:
        connect("http://127.0.0.1:9")
    assert told.value.exit_code == 4
    assert "\n" not in str(told.value)
