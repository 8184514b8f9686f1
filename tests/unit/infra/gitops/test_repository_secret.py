from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.gitops.repository_secret import repository_secret
from infra.secret_store.store import Secrets

HTTPS, SSH = "https://git.home.arpa/mine.git", "git@git.home.arpa:mine.git"


def given(variables: Mapping[str, str], tmp_path: Path, repository: str) -> str:
    return repository_secret(repository, Secrets(tmp_path, variables, lambda: Path("sops")))


def test_a_token_opens_a_repository_over_https(tmp_path: Path):
    made = json.loads(given({"HOMEOSTAT_GIT_TOKEN": "hunter22"}, tmp_path, HTTPS))
    assert made["stringData"] == {"type": "git", "url": HTTPS, "username": "git", "password": "hunter22"}
    assert made["metadata"]["labels"]["argocd.argoproj.io/secret-type"] == "repository"
    assert made["metadata"]["namespace"] == "argocd"


def test_a_key_opens_one_over_ssh(tmp_path: Path):
    made = json.loads(given({"HOMEOSTAT_GIT_DEPLOY_KEY": "first\nsecond"}, tmp_path, SSH))
    assert made["stringData"] == {"type": "git", "url": SSH, "sshPrivateKey": "first\nsecond\n"}


@pytest.mark.parametrize(
    ("repository", "variables"),
    [
        (HTTPS, {}),
        (SSH, {}),
        (HTTPS, {"HOMEOSTAT_GIT_DEPLOY_KEY": "key"}),
        (SSH, {"HOMEOSTAT_GIT_TOKEN": "t"}),
    ],
)
def test_without_what_it_asks_for_there_is_none(repository: str, variables: dict[str, str], tmp_path: Path):
    assert given(variables, tmp_path, repository) == ""
