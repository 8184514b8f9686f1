"""No secret can be read in git, and every Secret that a manifest names is told to the owner."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from ruamel.yaml import YAML

from tests.contract.overlays import overlays
from tests.contract.platform_manifests.postgresql import ROOT
from tests.contract.platform_manifests.secrets import (
    made_in_the_cluster,
    named_by,
    plaintext,
    suspicious,
    tracked_yaml,
)
from tests.contract.rendering import workshop

LISTED = ROOT / "secrets/homelab.example.yaml"
RANDOM = "q9XzLw3nV7bT2k" + "Pd8mRfY5cJ1hG4sA6eU0iO"
#: of Argo CD's own manifests: it makes them itself, or does without
NOT_OURS = {
    ("argocd", name)
    for name in ("argocd-secret", "argocd-redis", "argocd-repo-server-tls", "argocd-dex-server-tls")
}


def documents(path: Path) -> list:
    return list(YAML(typ="safe", pure=True).load_all(path))


def listed() -> dict[tuple[str, str], set[str]]:
    found = documents(LISTED)
    return {(d["metadata"]["namespace"], d["metadata"]["name"]): set(d["stringData"]) for d in found}


def test_no_file_holds_a_secret_that_can_be_read():
    found = []
    for path in tracked_yaml(ROOT):
        try:
            content = documents(path)
        except Exception as error:  # noqa: BLE001 - templates of a KRM function, of Helm, ...
            content = [{"text": path.read_text(encoding="utf-8"), "error": type(error).__name__}]
        found += [f"{path.relative_to(ROOT)}: {sentence}" for sentence in plaintext(content)]
    assert found == []


def test_a_secret_is_encrypted_or_empty():
    secret = {"kind": "Secret", "metadata": {"name": "a"}, "stringData": {"password": "easy"}}
    assert list(plaintext([secret])) == ["the Secret a holds a value in stringData.password"]
    assert list(plaintext([{**secret, "stringData": {"password": ""}}])) == []
    sealed = {**secret, "stringData": {"password": "ENC[AES256_GCM,data:x,type:str]"}, "sops": {"age": []}}
    assert list(plaintext([sealed])) == []
    half = {**sealed, "stringData": {"password": "ENC[x]", "token": "forgotten"}}
    assert "the Secret a holds a value in stringData.token" in list(plaintext([half]))


@pytest.mark.parametrize(
    "text",
    [
        RANDOM,
        "-----BEGIN EC PRIVATE" + " KEY-----\nMHc",
        "AGE-SECRET-KEY-" + "1QYQSZQGP",
        "ghp_" + "a1B2" * 9,
    ],
)
def test_a_string_that_looks_like_a_secret_is_found(text):
    assert list(suspicious(text))
    assert list(plaintext([{"kind": "ConfigMap", "data": {"any": f"key = {text}"}}]))


def test_a_variable_with_a_password_beside_it_is_found():
    container = {"env": [{"name": "DATABASE_PASSWORD", "value": "easy"}]}
    assert list(plaintext([container])) == ["the variable DATABASE_PASSWORD has its value beside it"]
    referred = {
        "env": [{"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}]
    }
    assert list(plaintext([referred])) == []


@pytest.mark.go
def test_every_secret_that_a_manifest_names_is_listed_with_its_keys():
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    made = set()
    for overlay in overlays("homelab"):
        for found in workshop().render(overlay):
            made |= set(made_in_the_cluster(found))
            for name in named_by(found):
                named[name.namespace, name.secret] |= {name.key} if name.key else set()
    named = {name: keys for name, keys in named.items() if name not in made | NOT_OURS}
    told = listed()
    assert set(named) - set(told) == set()
    assert {name: keys - told[name] for name, keys in named.items() if keys - told[name]} == {}
    # Argo CD's notifications find theirs by its name alone
    assert set(told) - set(named) == {("argocd", "argocd-notifications-secret")}


def test_the_local_cluster_makes_the_same_secrets(tmp_path):
    from infra.local.gitops.secrets import all_secrets  # noqa: PLC0415

    told = listed()
    for secret in all_secrets(tmp_path):
        if (secret.namespace, secret.name) not in NOT_OURS:
            assert set(secret.values) <= told[secret.namespace, secret.name]


def test_the_rule_for_sops_names_no_real_key():
    rules = yaml.safe_load((ROOT / "secrets/.sops.yaml").read_text())["creation_rules"]
    assert all("EXAMPLE" in rule["age"] for rule in rules)
