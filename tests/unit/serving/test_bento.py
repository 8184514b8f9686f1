from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeostat.digest import of_file, of_tree
from serving.bento import build_bento, verify_bento
from serving.bundle import BundleManifest, save_bundle
from serving.errors import BundleError, WrongDigest

LOCK = Path(__file__).parents[3] / "requirements" / "serving.txt"


def test_the_same_bundle_gives_the_same_digest_and_a_second_build_changes_nothing(
    packed: Any, tmp_path: Path
):
    elsewhere = shutil.copytree(packed.bundle, tmp_path / "copy" / "of" / "bundle")
    assert build_bento(elsewhere, packed.store) == packed.release.bento_digest
    assert [path.name for path in packed.store.iterdir()] == [packed.release.bento_digest]


def test_another_model_gives_another_digest(
    packed: Any, tmp_path: Path, manifest: BundleManifest, estimator: object
):
    save_bundle(tmp_path / "bundle", estimator, manifest.model_copy(update={"threshold": 0.6}))
    assert build_bento(tmp_path / "bundle", tmp_path / "store") != packed.release.bento_digest


def test_the_bento_is_bentomls_and_holds_model_sources_and_lock(packed: Any):
    described = yaml.safe_load((packed.bento / "bento.yaml").read_text())
    assert described["service"] == "serving.service:Tabular"
    assert of_file(packed.bento / "src" / "model" / "model.pkl") == packed.release.model_sha256
    assert (packed.bento / "src" / "homeostat" / "release.py").is_file()
    assert (packed.bento / "env" / "python" / "requirements.txt").read_text() == LOCK.read_text()


def test_nothing_of_this_machine_is_in_the_bento(packed: Any):
    texts = [path.read_bytes() for path in packed.bento.rglob("*") if path.is_file()]
    traces = re.compile(re.escape(str(packed.bundle.parent)).encode() + rb"|homeostat-packing-\w")
    assert not [text for text in texts if traces.search(text)]


@pytest.mark.parametrize("damage", ["change", "add", "remove"])
def test_a_bento_that_was_tampered_with_is_refused(packed: Any, tmp_path: Path, damage: str):
    bento = shutil.copytree(packed.bento, tmp_path / "bento")
    verify_bento(bento, packed.release.bento_digest)
    victim = bento / "src" / "serving" / "decision.py"
    if damage == "change":
        victim.write_text(victim.read_text() + "\n")
    elif damage == "add":
        (bento / "src" / "sitecustomize.py").write_text("")
    else:
        victim.unlink()
    with pytest.raises(WrongDigest, match=of_tree(bento)):
        verify_bento(bento, packed.release.bento_digest)


def test_a_folder_without_a_bento_is_named(tmp_path: Path):
    with pytest.raises(BundleError, match="is not a bento"):
        verify_bento(tmp_path / "nothing", "0" * 64)


def test_a_bundle_without_a_manifest_is_not_packed(tmp_path: Path):
    with pytest.raises(BundleError, match=r"model\.json can't be read"):
        build_bento(tmp_path, tmp_path / "store")
