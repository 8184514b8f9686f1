"""The doctor tells whether the release for the hosts is whole, and skips what can't be told yet."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from homeostat.doctor import Level, run_all
from infra.definition.load import load_definition
from infra.playbooks.checkups import checkups, release


@pytest.fixture
def folder(playground) -> Path:
    """A release beside the definition, which names it."""
    made = playground.root / "k3s-release"
    made.mkdir()
    for name in ("k3s", "k3s-airgap-images-amd64.tar.gz"):
        (made / name).write_bytes(name.encode())
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.iterdir()}
    text = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    (made / "sha256sum-amd64.txt").write_text(text + "ab" * 32 + "  k3s-arm64\n")
    content = playground.definition.read_text()
    playground.definition.write_text(content.replace("  # airgap_folder:", "  airgap_folder:"))
    return made


def examined(playground):
    return release(load_definition(playground.definition), playground.root)


def test_a_release_that_is_as_it_was_made_is_well(playground, folder):
    assert examined(playground).level is Level.OK


def test_a_damaged_file_is_named(playground, folder):
    (folder / "k3s").write_bytes(b"other")
    found = examined(playground)
    assert (found.level, "k3s in " in found.sentence) == (Level.FAILED, True)


def test_a_release_without_the_program_is_no_release(playground, folder):
    (folder / "k3s").unlink()
    assert "holds no k3s" in examined(playground).sentence


def test_images_may_come_from_a_registry(playground, folder):
    (folder / "k3s-airgap-images-amd64.tar.gz").unlink()
    assert examined(playground).level is Level.WARNING


def test_a_folder_that_is_not_there_fails(playground, folder):
    folder.rename(folder.with_name("elsewhere"))
    assert "can't be read" in examined(playground).sentence


def test_without_a_folder_there_is_nothing_to_look_at(playground):
    assert examined(playground).level is Level.SKIPPED


def test_without_a_definition_the_hosts_are_skipped_and_ansible_is_looked_at(playground):
    playground.definition.unlink()
    found = {
        one.name: one.finding.level for one in run_all(list(checkups(playground.root, playground.state)))
    }
    assert found == {"ansible": Level.OK, "SSH to the hosts": Level.SKIPPED, "K3s release": Level.SKIPPED}
