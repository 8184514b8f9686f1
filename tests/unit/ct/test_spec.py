"""What model.yaml may say, beyond the invalid examples."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ct.spec import config_files, find_spec, load_spec
from homeostat.errors import ConfigError
from serving.bundle import FeatureType
from tests.unit.ct.small_repository import PHISHING, REPOSITORY


def test_the_phishing_model_is_declared_rightly() -> None:
    spec = load_spec(PHISHING)
    assert spec.name == "phishing_detector"
    assert len(spec.features) == 9


def test_the_manifest_holds_what_the_endpoint_needs() -> None:
    manifest = load_spec(PHISHING).manifest()
    assert manifest.positive_class == "phishing"
    assert manifest.threshold == 0.5
    assert manifest.features[7].dtype is FeatureType.INTEGER


def test_a_private_feature_is_private_where_it_is_served() -> None:
    spec = load_spec(PHISHING)
    private = spec.features[2].model_copy(update={"private": True})
    features = spec.model_copy(update={"features": (*spec.features[:2], private)}).manifest().features
    assert [feature.private for feature in features] == [False, False, True]


def test_an_unknown_model_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"there is no model 'phising'.*the models are: .*phishing_detector"
    ):
        find_spec(REPOSITORY, "phising")
    with pytest.raises(ConfigError, match="the models are: none"):
        find_spec(tmp_path, "anything")


def test_a_model_is_named_as_its_folder(tmp_path: Path) -> None:
    copied = tmp_path / "model-source" / "other" / "model.yaml"
    copied.parent.mkdir(parents=True)
    shutil.copyfile(PHISHING, copied)
    with pytest.raises(ConfigError, match="'name' is 'phishing_detector', but the folder is 'other'"):
        find_spec(tmp_path, "other")
    (file,) = config_files(tmp_path)
    with pytest.raises(ConfigError):
        file.check(file.path)


def test_a_dockerfile_that_is_named_exists(tmp_path: Path) -> None:
    folder = tmp_path / "model-source" / "phishing_detector"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(PHISHING.read_text() + "dockerfile: Dockerfile\n")
    with pytest.raises(ConfigError, match="'dockerfile' is 'Dockerfile', but there is no such file"):
        find_spec(tmp_path, "phishing_detector")
    (folder / "Dockerfile").write_text("FROM scratch\n")
    assert find_spec(tmp_path, "phishing_detector").dockerfile == "Dockerfile"
