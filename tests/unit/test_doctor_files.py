"""What the doctor says of the files that cluster.yaml names, made by the real ssh-keygen."""

from __future__ import annotations

import subprocess

import pytest

from homeostat.doctor import Level
from homeostat.yaml_text import to_yaml
from infra.definition.checkups import certificate, checkups, private_key, public_key
from infra.definition.rules.ssh import is_public_key
from tests.unit.infra.definition.wanted import content


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "id_ed25519"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me@laptop", "-f", path]
    subprocess.run(command, check=True, timeout=60)
    return path


def test_a_key_as_ssh_keygen_makes_it_is_right(key):
    assert (private_key(key).level, public_key(key).level) == (Level.OK, Level.OK)


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_keys_of_other_kinds_are_public_keys_too(kind, tmp_path):
    path = tmp_path / kind
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True, timeout=60)
    assert is_public_key((tmp_path / f"{kind}.pub").read_text())
    assert not is_public_key(path.read_text())


def test_a_key_that_others_can_read_is_told_with_the_command_that_helps(key):
    key.chmod(0o640)
    seen = private_key(key)
    assert (seen.level, seen.remedy) == (Level.FAILED, f"chmod 600 {key}")
    assert "(mode 0640)" in seen.sentence


def test_a_key_that_is_not_there_is_told_with_the_command_that_makes_it(tmp_path):
    seen = private_key(tmp_path / "absent")
    assert public_key(tmp_path / "absent").level is Level.SKIPPED
    assert (seen.level, "ssh-keygen -t ed25519" in seen.remedy) == (Level.FAILED, True)


def test_a_missing_or_wrong_public_half_is_told(key):
    public = key.with_name("id_ed25519.pub")
    public.write_text(key.read_text())
    assert "holds no public key" in public_key(key).sentence
    public.unlink()
    assert "is missing" in public_key(key).sentence


def test_a_file_that_is_no_certificate_is_told(key, tmp_path):
    assert "holds no certificate" in certificate(key).sentence
    assert "no such file" in certificate(tmp_path / "absent.pem").sentence


def test_only_what_the_definition_names_is_looked_at(tmp_path, key):
    found = content()
    found["ssh"]["key_file"] = key.name
    (tmp_path / "cluster.yaml").write_text(to_yaml(found))
    assert [one.name for one in checkups(tmp_path, tmp_path)] == [
        "program ssh",
        "program ssh-keygen",
        "SSH private key",
        "SSH public key",
    ]
    found["proxmox"]["ca_file"] = "pve.pem"
    (tmp_path / "cluster.yaml").write_text(to_yaml(found))
    seen = {one.name: one.run().level for one in checkups(tmp_path, tmp_path)}
    assert seen["SSH private key"] is Level.OK
    assert seen["Proxmox's certificate authority"] is Level.FAILED
