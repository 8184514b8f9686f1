"""Secrets out of a file that the real sops encrypted to a real age key; no failure shows one."""

from __future__ import annotations

import os
import subprocess

import pytest

from homeostat.errors import ConfigError
from homeostat.redaction import redact
from infra.secret_store.errors import MissingSecret, Undecryptable
from infra.secret_store.file import names_in
from infra.secret_store.store import Secrets
from tests.unit.infra.secret_store.keys import Vault, new_key, new_vault

pytestmark = [pytest.mark.go, pytest.mark.timeout(1500)]

#: looks like nothing, so that only remembering it can redact it
PLAIN = "correct horse battery"


@pytest.fixture
def vault(tmp_path) -> Vault:
    made = new_vault(tmp_path)
    made.encrypt(
        f"proxmox_token: {PLAIN}\nregistry_password: ''\ngit_deploy_key: |\n  first line\n  second line\n"
    )
    return made


def test_a_secret_is_read_and_redacted_from_then_on(vault):
    secret = vault.secrets().get("proxmox_token")
    assert secret.get_secret_value() == PLAIN
    assert PLAIN not in f"{secret} {secret!r}"
    assert PLAIN not in redact(f"Proxmox said: who is '{PLAIN}'?")


def test_a_key_of_several_lines_keeps_them_and_ends_with_one(vault):
    assert vault.secrets().get("git_deploy_key").get_secret_value() == "first line\nsecond line\n"


def test_the_environment_goes_before_the_file(vault):
    secrets = vault.secrets(HOMEOSTAT_PROXMOX_TOKEN="of the environment\n")
    assert secrets.get("proxmox_token").get_secret_value() == "of the environment"


def test_nothing_is_decrypted_for_a_secret_that_is_not_in_the_file(vault):
    secrets = Secrets(vault.root, {}, sops=lambda: pytest.fail("sops was asked for"))
    assert secrets.find("registry_password") is None
    with pytest.raises(
        MissingSecret, match=r"no 's3_access_key' \(.*\): set HOMEOSTAT_S3_ACCESS_KEY, or put"
    ):
        secrets.get("s3_access_key")


def test_the_plain_text_is_neither_on_the_disk_nor_in_an_argument(vault, tmp_path):
    log = tmp_path / "arguments"
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\necho "$@" >>{log}\nexec {vault.sops} "$@"\n')
    spy.chmod(0o755)
    secrets = Secrets(vault.root, {**os.environ, **vault.environment}, lambda: spy)
    assert secrets.get("proxmox_token").get_secret_value() == PLAIN
    assert secrets.get("git_deploy_key")
    assert len(log.read_text().splitlines()) == 1
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in written if PLAIN.encode() in path.read_bytes()]


def test_without_a_key_it_says_where_to_put_one(vault):
    secrets = Secrets(vault.root, {"HOME": str(vault.root)}, lambda: vault.sops)
    with pytest.raises(
        Undecryptable, match=r"no age key is here; put yours into ~/\.config/sops/age/keys\.txt"
    ):
        secrets.get("proxmox_token")


def test_a_key_file_that_is_not_there_is_told(vault):
    with pytest.raises(Undecryptable, match="the file that SOPS_AGE_KEY_FILE names is not there"):
        vault.secrets(SOPS_AGE_KEY_FILE="/nowhere/keys.txt").get("proxmox_token")


def test_a_key_of_someone_else_is_told(vault, tmp_path):
    new_key(tmp_path / "other.key")
    with pytest.raises(Undecryptable, match="it is not encrypted to your age key"):
        vault.secrets(SOPS_AGE_KEY_FILE=str(tmp_path / "other.key")).get("proxmox_token")


def test_a_value_that_was_swapped_by_hand_is_told(vault):
    lines = vault.path.read_text().splitlines()
    token = next(line for line in lines if line.startswith("proxmox_token"))
    swapped = token.replace("proxmox_token", "registry_password")
    vault.path.write_text(
        vault.path.read_text()
        .replace('registry_password: ""', swapped)
        .replace("registry_password: ''", swapped)
    )
    with pytest.raises(Undecryptable, match="changed without sops"):
        vault.secrets().get("proxmox_token")


def test_a_rule_that_leaves_values_in_plain_text_is_noticed(vault):
    rules = vault.path.with_name(".sops.yaml")
    rules.write_text(rules.read_text() + "    encrypted_regex: ^(data|stringData)$\n")
    vault.encrypt(f"proxmox_token: {PLAIN}\n")
    with pytest.raises(ConfigError, match="'proxmox_token' can be read although sops has encrypted the file"):
        vault.secrets().get("proxmox_token")


def test_the_committed_rules_encrypt_every_value(vault, repository_rules):
    recipient = vault.path.with_name(".sops.yaml").read_text().split()[-1]
    vault.path.with_name(".sops.yaml").write_text(repository_rules(recipient))
    vault.encrypt(f"proxmox_token: {PLAIN}\ns3_secret_key: {PLAIN}\n")
    assert PLAIN not in vault.path.read_text()
    assert names_in(vault.path) == ["proxmox_token", "s3_secret_key"]
    assert vault.secrets().get("s3_secret_key").get_secret_value() == PLAIN


def test_what_sops_itself_quotes_is_not_shown(vault):
    broken = vault.path.read_text().replace("proxmox_token: ENC[", "proxmox_token: ENC[hunter22 ")
    vault.path.write_text(broken)
    with pytest.raises(Undecryptable) as raised:
        vault.secrets().get("proxmox_token")
    said = subprocess.run(
        [vault.sops, "--decrypt", vault.path],
        env=dict(vault.environment),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"hunter22" in said.stderr
    assert "hunter22" not in str(raised.value)
