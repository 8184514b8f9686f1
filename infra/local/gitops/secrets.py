"""The secrets that the local cluster's manifests refer to: random, made once, and never in git.

Each value is a file below the cluster's state that only its owner may read, so that a cluster started again
finds its databases' passwords again. The homelab has the same Secrets from an encrypted file.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from homeostat import digest
from infra.process.state.secret_files import secret

#: the value of a name, made when it is first asked for
Value = Callable[[str], str]

DATABASE_USER = "mlflow"
DATABASE = "mlflow"
#: the name under which the owner of this machine logs in
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Secret:
    """One Secret of the cluster."""

    namespace: str
    name: str
    values: Mapping[str, str]
    labels: Mapping[str, str]


def all_secrets(folder: Path) -> Sequence[Secret]:
    """Every Secret that the local overlays name, with the values kept in ``folder``."""

    def value(name: str) -> str:
        return secret(folder, name)

    return (_argocd(value), *_webhook(value), _database(value), _redis(value), *_entrance(value))


def manifests(folder: Path) -> str:
    """The Secrets with the values kept in ``folder``, as manifests."""
    return "\n---\n".join(json.dumps(_document(found)) for found in all_secrets(folder))


def _argocd(value: Value) -> Secret:
    # the core has no API server that would make this key, and its controllers refuse to work without
    return Secret(
        "argocd",
        "argocd-secret",
        {"server.secretkey": value("argocd-server-key")},
        # by this label Argo CD finds what its own configuration refers to
        {"app.kubernetes.io/name": "argocd-secret", "app.kubernetes.io/part-of": "argocd"},
    )


def _webhook(value: Value) -> Sequence[Secret]:
    """Triage's token, for Triage and for those who call it."""
    token = value("triage-webhook")
    return (
        _of_ours("observability", "triage-webhook", {"token": token}),
        Secret(
            "argocd",
            "argocd-notifications-secret",
            {"triage-token": token},
            {
                "app.kubernetes.io/name": "argocd-notifications-controller",
                "app.kubernetes.io/part-of": "argocd",
            },
        ),
    )


def _database(value: Value) -> Secret:
    return _of_ours(
        "mlops",
        "mlflow-database",
        {
            "username": DATABASE_USER,
            "password": value("mlflow-database"),
            "database": DATABASE,
        },
    )


def _redis(value: Value) -> Secret:
    return _of_ours("mlops", "redis-auth", {"password": value("redis")})


def _entrance(value: Value) -> Sequence[Secret]:
    """Who may come in: a key for the models and a login for the pages, each in its file on this machine."""
    key, password = value("api-key"), value("ui-password")
    # the files hold 256 random bits, so a plain hash of them can't be searched for
    hashed = b64encode(sha1(password.encode(), usedforsecurity=False).digest()).decode()
    return (
        _of_ours("ingress", "api-keys", {"keys": f"{OWNER}:{digest.of_bytes(key.encode())}\n"}),
        _of_ours("ingress", "ui-users", {"users": f"{OWNER}:{{SHA}}{hashed}\n"}),
    )


def _of_ours(namespace: str, name: str, values: Mapping[str, str]) -> Secret:
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "homeostat"}
    return Secret(namespace, name, values, labels)


def _document(found: Secret) -> Mapping[str, object]:
    metadata = {"name": found.name, "namespace": found.namespace, "labels": dict(found.labels)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "Opaque",
        "data": {key: b64encode(value.encode()).decode() for key, value in found.values.items()},
    }
