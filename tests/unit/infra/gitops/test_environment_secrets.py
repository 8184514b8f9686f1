"""Secrets of an environment, encrypted by the real sops to a real age key."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from homeostat.errors import ConfigError, MachineError
from infra.gitops.environment_secrets import environment_secrets
from infra.secret_store.errors import Undecryptable
from tests.programs import find

pytestmark = pytest.mark.go

TWO_SECRETS = """\
apiVersion: v1
kind: Secret
metadata: {name: redis-auth, namespace: mlops}
stringData: {password: open-sesame}
---
apiVersion: v1
kind: Secret
metadata: {name: api-keys, namespace: ingress}
stringData: {keys: "owner:1234"}
"""


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Where sops finds its key, and who it encrypts to."""
    key = tmp_path_factory.mktemp("age") / "keys.txt"
    made = subprocess.run(
        [find("go", "age-keygen"), "-o", key], check=True, capture_output=True, text=True, timeout=60
    )
    recipient = made.stderr.strip().removeprefix("Public key: ")
    return {**os.environ, "SOPS_AGE_KEY_FILE": str(key), "SOPS_AGE_RECIPIENTS": recipient}


def given(root: Path, text: str, variables: Mapping[str, str]) -> str:
    """What the bootstrap gets of a file with ``text`` that was encrypted."""
    sops, path = find("go", "sops"), root / "secrets" / "homelab.sops.yaml"
    path.parent.mkdir()
    path.write_text(text)
    subprocess.run(
        [sops, "--encrypt", "--in-place", path], check=True, env=variables, capture_output=True, timeout=60
    )
    return environment_secrets(root, "homelab", sops, variables)


def test_every_secret_of_the_file_is_given_in_plain_text(tmp_path: Path, variables: Mapping[str, str]):
    text = given(tmp_path, TWO_SECRETS, variables)
    assert "open-sesame" in text
    assert "owner:1234" in text
    assert "open-sesame" not in (tmp_path / "secrets" / "homelab.sops.yaml").read_text()


def test_without_the_file_it_says_what_to_copy(tmp_path: Path):
    with pytest.raises(MachineError, match=r"copy secrets/homelab\.example\.yaml"):
        environment_secrets(tmp_path, "homelab", Path("sops"), {})


def test_a_value_that_was_left_out_is_named(tmp_path: Path, variables: Mapping[str, str]):
    with pytest.raises(ConfigError, match=r"Secret ingress/api-keys has no value for 'keys'\."):
        given(tmp_path, TWO_SECRETS.replace("owner:1234", ""), variables)


def test_nothing_but_secrets_may_stand_there(tmp_path: Path, variables: Mapping[str, str]):
    with pytest.raises(ConfigError, match="document 2 is no Secret"):
        given(
            tmp_path,
            TWO_SECRETS.replace("kind: Secret", "kind: ConfigMap").replace("ConfigMap", "Secret", 1),
            variables,
        )


def test_a_file_that_was_not_encrypted_is_refused(tmp_path: Path, variables: Mapping[str, str]):
    path = tmp_path / "secrets" / "homelab.sops.yaml"
    path.parent.mkdir()
    path.write_text(TWO_SECRETS)
    with pytest.raises(Undecryptable, match="it is not encrypted"):
        environment_secrets(tmp_path, "homelab", find("go", "sops"), variables)
