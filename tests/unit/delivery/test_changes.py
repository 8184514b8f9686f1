"""What a change means for the checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.changes import changed_paths, only_releases, python_scopes, unit_test_folders
from delivery.git import Git
from tests.unit.delivery.small_platform import Platform


@pytest.mark.parametrize(
    ("changed", "folder"),
    [
        ("model-source/toy/train.py", "model-source/toy/tests"),
        ("model-source/ct/run.py", "tests/unit/ct"),
        ("serving/service.py", "tests/unit/serving"),
        ("infra/process/state/ports.py", "tests/unit/infra"),
        ("tests/unit/serving/test_service.py", "tests/unit/serving"),
        ("requirements/dev.txt", "tests/unit"),
    ],
)
def test_a_change_maps_to_the_unit_tests_of_its_room(tmp_path: Path, changed: str, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)

    assert unit_test_folders([changed], tmp_path) == (folder,)


def test_what_has_no_tests_maps_to_none(tmp_path: Path) -> None:
    assert unit_test_folders(["README.md", "docs/page.md", "serving/service.py"], tmp_path) == ()


def test_a_new_lock_runs_every_unit_test_once(tmp_path: Path) -> None:
    (tmp_path / "tests/unit/serving").mkdir(parents=True)

    assert unit_test_folders(["requirements/dev.txt", "serving/service.py"], tmp_path) == ("tests/unit",)


def test_a_change_of_the_kernel_checks_the_types_of_the_whole() -> None:
    assert python_scopes(["model-source/toy/train.py"]) == ("model-source/toy",)
    assert python_scopes(["model-source/toy/train.py", "homeostat/atomic.py"]) == (".",)
    assert python_scopes(["README.md"]) == ()


def test_a_release_beside_anything_else_is_not_only_releases() -> None:
    release = "manifests/models/toy/release.yaml"
    assert only_releases([release])
    assert only_releases([release, "manifests/models/toy/inference-service.yaml"])
    assert not only_releases([release, "manifests/inference-service/base/kustomization.yaml"])
    assert not only_releases([])


def test_a_moved_file_counts_under_both_names(platform: Platform) -> None:
    before = platform.commit("serving/old.py", "x = 1\n" * 20)
    (platform.root / "triage").mkdir()
    (platform.root / "serving/old.py").rename(platform.root / "triage/new.py")
    after = platform.commit("note", "moved")

    changed = changed_paths(Git(platform.root), before, after)

    assert {"serving/old.py", "triage/new.py"} <= set(changed)


def test_without_a_base_everything_changed(platform: Platform) -> None:
    assert "Makefile" in changed_paths(Git(platform.root), None, "HEAD")
