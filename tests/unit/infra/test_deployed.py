"""What the forge's main says is exported whole, and nothing in it leads out of the export."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from infra.process.state.deployed import DeployError, deploy, export, head


@pytest.fixture
def forge(tmp_path: Path) -> Path:
    """A bare repository whose manifests hold a release and a link to a file elsewhere."""
    work = tmp_path / "work"
    model = work / "manifests" / "models" / "toy"
    model.mkdir(parents=True)
    (model / "release.yaml").write_text("version: 1\n")
    (work / "manifests" / "outside").symlink_to("/etc/passwd")
    _git(work, "init", "--quiet", "--initial-branch=main")
    _git(work, "add", "--all")
    _git(work, "commit", "--quiet", "--message", "Release")
    bare = tmp_path / "forge.git"
    _git(work, "clone", "--quiet", "--bare", ".", str(bare))
    return bare


def test_the_manifests_of_a_commit_are_exported_and_linked(forge: Path, tmp_path: Path) -> None:
    link = tmp_path / "manifests"
    deploy(export(forge, _head(forge), link), link)
    assert (link / "models" / "toy" / "release.yaml").read_text() == "version: 1\n"


def test_a_link_in_a_pushed_commit_is_exported_as_a_plain_file(forge: Path, tmp_path: Path) -> None:
    exported = export(forge, _head(forge), tmp_path / "manifests")
    assert not (exported / "outside").is_symlink()
    assert (exported / "outside").read_text() == "/etc/passwd"


def test_a_commit_that_is_not_there_is_named(forge: Path, tmp_path: Path) -> None:
    (forge / "objects").rename(forge / "lost")
    with pytest.raises(DeployError, match="1234"):
        export(forge, "1234" * 10, tmp_path / "manifests")


def _head(forge: Path) -> str:
    commit = head(forge)
    assert commit is not None
    return commit


def _git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=someone", "-c", "user.email=someone@users.noreply.invalid")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)
