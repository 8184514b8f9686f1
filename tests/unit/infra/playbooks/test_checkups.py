"""The doctor tells whether the release for the hosts is whole, and skips what can't be told yet."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from homeostat.doctor import Level, declared_checkups, run_all
from infra.definition.load import load_definition
from infra.playbooks.checkups import checkups
from infra.playbooks.release_folder import release


@pytest.fixture
def folder(playground) -> Path:
    """A release beside the definition, which names it."""
    made = playground.root / "k3s-release"
    made.mkdir()
    version = load_definition(playground.definition).k3s.version
    (made / "k3s").write_bytes(b"\x7fELF" + version.encode() + b"\x00")
    (made / "k3s-airgap-images-amd64.tar.gz").write_bytes(b"images")
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in made.iterdir()}
    text = "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    (made / "sha256sum-amd64.txt").write_text(text + "ab" * 32 + "  k3s-arm64\n")
    (made / "kube-vip.tar").write_bytes(b"kube-vip")
    (made / "images.sha256").write_text(f"{hashlib.sha256(b'kube-vip').hexdigest()}  kube-vip.tar\n")
    content = playground.definition.read_text()
    playground.definition.write_text(content.replace("  # airgap_folder:", "  airgap_folder:"))
    return made


def examined(playground):
    return release(load_definition(playground.definition))


def test_a_release_that_is_as_it_was_made_is_well(playground, folder):
    assert examined(playground).level is Level.OK


def test_a_damaged_file_is_named(playground, folder):
    (folder / "k3s").write_bytes(b"other")
    found = examined(playground)
    assert (found.level, "k3s in " in found.sentence) == (Level.FAILED, True)


def test_a_release_without_the_program_is_no_release(playground, folder):
    (folder / "k3s").unlink()
    assert "holds no k3s" in examined(playground).sentence


def test_a_release_of_another_version_is_refused(playground, folder):
    other = b"\x7fELFv1.33.1+k3s1\x00"
    (folder / "k3s").write_bytes(other)
    (folder / "sha256sum-amd64.txt").write_text(f"{hashlib.sha256(other).hexdigest()}  k3s\n")
    found = examined(playground)
    assert (found.level, "another version of K3s than v1.34.4+k3s1" in found.sentence) == (Level.FAILED, True)


def test_an_address_that_moves_needs_the_image_of_kube_vip_or_a_mirror_of_it(playground, folder):
    assert "api_vip:" in playground.definition.read_text()
    (folder / "images.sha256").unlink()
    assert "needs kube-vip's image of ghcr.io" in examined(playground).sentence
    with playground.definition.open("a") as stream:
        stream.write(
            "registry: {host: registry.home.arpa, mirrors: {ghcr.io: [https://registry.home.arpa]}}\n"
        )
    assert examined(playground).level is Level.OK


def test_further_images_must_be_there_as_they_were_made(playground, folder):
    (folder / "kube-vip.tar").unlink()
    assert "kube-vip.tar in" in examined(playground).sentence


def test_images_may_come_from_a_registry(playground, folder):
    (folder / "k3s-airgap-images-amd64.tar.gz").unlink()
    assert examined(playground).level is Level.WARNING


def test_a_folder_that_is_not_there_fails(playground, folder):
    folder.rename(folder.with_name("elsewhere"))
    assert "can't be read" in examined(playground).sentence


def test_a_release_without_its_checksums_fails(playground, folder):
    (folder / "sha256sum-amd64.txt").unlink()
    found = examined(playground)
    assert (found.level, "sha256sum-amd64.txt can't be read" in found.sentence) == (Level.FAILED, True)
    assert "sha256sum-amd64.txt and the images of v1.34.4+k3s1" in found.remedy


def test_every_checkup_of_the_doctor_together_looks_at_the_folder_once(playground, folder):
    def looks_at_the_folder(checkup):
        return str(folder) in checkup.run().sentence

    (folder / "k3s").unlink()
    declared, broken = declared_checkups(playground.root, playground.state)
    assert not broken
    assert [one.name for one in declared if "K3s" in one.name and looks_at_the_folder(one)] == ["K3s release"]


def test_without_a_folder_there_is_nothing_to_look_at(playground):
    assert examined(playground).level is Level.SKIPPED


def test_without_a_definition_there_are_no_hosts_to_look_at(playground):
    playground.definition.unlink()
    found = {
        one.name: one.finding.level for one in run_all(list(checkups(playground.root, playground.state)))
    }
    assert found == {
        "ansible": Level.SKIPPED,
        "SSH to the hosts": Level.SKIPPED,
        "K3s release": Level.SKIPPED,
    }
