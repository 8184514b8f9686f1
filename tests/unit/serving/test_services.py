from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeostat.errors import HomeostatError
from homeostat.release import to_yaml
from serving.cli import app
from serving.errors import BundleError, WrongDigest
from serving.services import services


@dataclass
class Folder:
    """A site that is only folders."""

    state: Path

    @property
    def root(self) -> Path:
        return self.state

    @property
    def manifests(self) -> Path:
        return self.state / "manifests"

    def directory(self, service: str) -> Path:
        return self.state / "services" / service

    def port(self, service: str) -> int:
        return 8107


@pytest.fixture
def site(tmp_path: Path, packed: Any) -> Any:
    release = tmp_path / "manifests" / "models" / "toy" / "release.yaml"
    release.parent.mkdir(parents=True)
    release.write_text(to_yaml(packed.release))
    shutil.copytree(packed.store, tmp_path / "store" / "bentos")
    return Folder(tmp_path)


def test_each_deployed_release_is_one_service(site: Any, packed: Any):
    (service,) = services(site)
    assert service.name == "model-toy"
    assert service.labels == {"model": "toy", "tier": "model-server"}
    assert packed.release.bento_digest in service.revision
    assert service.inherits_socket


def test_no_release_is_no_service(tmp_path: Path):
    site: Any = Folder(tmp_path)
    assert list(services(site)) == []


def test_another_version_of_the_same_bento_is_another_revision(site: Any, packed: Any):
    (before,) = services(site)
    path = site.manifests / "models" / "toy" / "release.yaml"
    path.write_text(to_yaml(packed.release.model_copy(update={"version": 4})))
    (after,) = services(site)
    assert before.revision != after.revision


def test_the_launch_runs_the_packaged_sources_with_the_fault_switch(site: Any, packed: Any):
    (service,) = services(site)
    launch = service.launch(site)
    bento = site.state / "store" / "bentos" / packed.release.bento_digest
    assert launch.env["PYTHONPATH"] == str(bento / "src")
    assert launch.env["HOMEOSTAT_FAULTS_FILE"] == str(site.state / "services" / "model-toy" / "faults.json")
    assert launch.env["HOMEOSTAT_SERVING_WORKERS"] == "2"
    assert launch.argv[1:3] == ("-m", "serving")


def test_a_missing_bento_is_an_error_of_that_launch_alone(site: Any):
    shutil.rmtree(site.state / "store")
    (service,) = services(site)
    with pytest.raises(BundleError, match="is not a bento"):
        service.launch(site)


def test_a_tampered_bento_is_not_launched(site: Any, packed: Any):
    bento = site.state / "store" / "bentos" / packed.release.bento_digest
    (bento / "src" / "serving" / "__main__.py").write_text("print('other')")
    (service,) = services(site)
    with pytest.raises(WrongDigest):
        service.launch(site)


@pytest.fixture
def predict(server: Any) -> Callable[..., Any]:
    def run(*rows: str, options: tuple[str, ...] = ()) -> Any:
        arguments = ["predict", "toy", "--url", server.url, *options]
        for row in rows:
            arguments += ["--row", row]
        return CliRunner().invoke(app, arguments)

    return run


def test_predict_prints_a_table_or_json(predict: Callable[..., Any]):
    row = '{"age": 2, "visits": 1, "member": true}'
    assert "leaves" in predict(row).output
    answer = json.loads(predict(row, '{"age": -2, "visits": 1, "member": false}', options=("--json",)).output)
    assert [line["label"] for line in answer["rows"]] == ["leaves", "stays"]
    assert sum(answer["rows"][0]["probabilities"]) == pytest.approx(1)
    assert answer["version"] == "3"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [('{"age": 2}', "The feature visits is missing"), ('{"hat": 2, "age": 1}', "'hat' is not a feature")],
)
def test_predict_passes_on_the_servers_sentence(predict: Callable[..., Any], row: str, sentence: str):
    error = predict(row).exception
    assert isinstance(error, HomeostatError)
    assert sentence in str(error)


def test_predict_finds_the_server_of_this_machine(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOMEOSTAT_STATE", str(tmp_path))
    (tmp_path / "targets").mkdir()
    target = [{"targets": [server.url.removeprefix("http://")], "labels": {}}]
    (tmp_path / "targets" / "model-toy.json").write_text(json.dumps(target))
    row = '{"age": 2, "visits": 1, "member": true}'
    assert "leaves" in CliRunner().invoke(app, ["predict", "toy", "--row", row]).output
