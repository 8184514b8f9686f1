"""What can be told of secrets without any key: names, plain text, what a definition needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeostat.doctor import Level, run_all
from homeostat.errors import ConfigError, MachineError
from homeostat.redaction import redact
from homeostat.yaml_text import read_yaml, to_yaml
from infra.secret_store.checkups import checkups
from infra.secret_store.file import config_files, names_in
from infra.secret_store.names import KNOWN
from infra.secret_store.needed import needed
from infra.secret_store.store import Secrets
from tests.unit.infra.definition.wanted import content, parsed

ROOT = Path(__file__).parents[4]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "secrets/cluster.sops.yaml"
    path.parent.mkdir()
    return path


def test_the_example_lists_every_secret_and_holds_none():
    assert read_yaml(ROOT / "secrets/cluster.example.yaml") == dict.fromkeys(KNOWN, "")


def test_a_file_in_plain_text_is_refused_with_the_command_that_encrypts_it_and_not_quoted(file, tmp_path):
    file.write_text("proxmox_token: hunter22\nregistry_password: ''\n")
    (checked,) = config_files(tmp_path)
    with pytest.raises(ConfigError) as raised:
        checked.check(checked.path)
    (told,) = raised.value.mistakes
    assert told.startswith("'proxmox_token' can be read: run 'cd secrets && sops --encrypt --in-place")
    assert "hunter22" not in str(raised.value)


def test_an_unknown_name_is_told_with_the_one_that_is_near(file):
    file.write_text("proxmox_tokn: ENC[AES256_GCM,data:a]\nsops: {}\n")
    with pytest.raises(
        ConfigError, match="'proxmox_tokn' is not a known secret; did you mean 'proxmox_token'"
    ):
        names_in(file)


def test_names_without_a_value_count_as_absent(file):
    file.write_text("proxmox_token: ENC[AES256_GCM,data:a]\nregistry_password: ''\ngit_token:\nsops: {}\n")
    assert names_in(file) == ["proxmox_token"]


@pytest.mark.parametrize("text", ["", "- a\n", "text\n"])
def test_a_file_that_is_no_mapping_is_told(file, text):
    file.write_text(text)
    with pytest.raises(ConfigError, match="must be a mapping of names to secrets"):
        names_in(file)


def test_only_what_a_definition_uses_is_needed():
    found = content()
    found["git"]["repository"] = "https://git.home.arpa/me/homeostat.git"
    assert needed(parsed(found)) == ["proxmox_token"]
    found["backups"] = {"s3": {"endpoint": "nas:9000", "bucket": "k3s"}}
    found["git"]["repository"] = "git@git.home.arpa:me/homeostat.git"
    assert needed(parsed(found)) == ["proxmox_token", "s3_access_key", "s3_secret_key", "git_deploy_key"]


def test_the_doctor_says_which_secret_is_missing(tmp_path, monkeypatch):
    found = content()
    found["backups"] = {"s3": {"endpoint": "nas:9000", "bucket": "k3s"}}
    (tmp_path / "cluster.yaml").write_text(to_yaml(found))
    for known in KNOWN.values():
        monkeypatch.delenv(known.variable, raising=False)
    monkeypatch.setenv("HOMEOSTAT_PROXMOX_TOKEN", "of the environment")
    findings = {one.name: one.run() for one in checkups(tmp_path, tmp_path / "state")}
    assert {name: finding.level for name, finding in findings.items()} == {
        "secret proxmox_token": Level.OK,
        "secret s3_access_key": Level.FAILED,
        "secret s3_secret_key": Level.FAILED,
        "secret git_deploy_key": Level.FAILED,
    }
    assert findings["secret s3_access_key"].remedy == "export HOMEOSTAT_S3_ACCESS_KEY=..."
    assert not any("of the environment" in finding.sentence for finding in findings.values())


def test_a_user_name_is_masked_but_stays_a_word_that_logs_may_hold(tmp_path):
    environment = {"HOMEOSTAT_REGISTRY_USERNAME": "platformer", "HOMEOSTAT_REGISTRY_PASSWORD": "a quiet word"}
    secrets = Secrets(tmp_path, environment, lambda: tmp_path)
    assert "platformer" not in repr(secrets.get("registry_username"))
    assert secrets.get("registry_password").get_secret_value() == "a quiet word"
    assert redact("platformer said a quiet word").startswith("platformer said [redacted:known:")


def test_where_sops_can_not_be_had_it_says_what_was_tried(file, tmp_path, monkeypatch):
    file.write_text("proxmox_token: ENC[AES256_GCM,data:a]\nsops: {}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    secrets = Secrets.open(tmp_path, {})
    with pytest.raises(MachineError, match=r"(?s)sops .* could not be obtained:.*path: it is not on PATH"):
        secrets.get("proxmox_token")


def test_the_doctor_builds_no_sops_but_says_how_to(file, tmp_path, monkeypatch):
    file.write_text("proxmox_token: ENC[AES256_GCM,data:a]\nsops: {}\n")
    (tmp_path / "cluster.yaml").write_text(to_yaml(content()))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HOMEOSTAT_PROXMOX_TOKEN", raising=False)
    seen = run_all(list(checkups(tmp_path, tmp_path / "state")))
    told = next(one.finding for one in seen if one.name == "secret proxmox_token")
    assert told.level is Level.FAILED
    assert "run 'homeostat process program sops'" in told.sentence


def test_without_a_definition_the_doctor_needs_no_secret(tmp_path):
    assert [one.run().level for one in checkups(tmp_path, tmp_path)] == [Level.SKIPPED]
