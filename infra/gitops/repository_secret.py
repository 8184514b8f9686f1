"""How Argo CD enters a private repository: a Secret that it knows by a label."""

from __future__ import annotations

import json
from collections.abc import Mapping

from infra.secret_store.store import Secrets

NAMESPACE = "argocd"
_NAME = "repository-that-is-followed"
_LABELS = {
    "argocd.argoproj.io/secret-type": "repository",
    "app.kubernetes.io/name": _NAME,
    "app.kubernetes.io/part-of": "homeostat",
}


def repository_secret(repository: str, secrets: Secrets) -> str:
    """The Secret for ``repository`` as a manifest; nothing when the owner has no key to it.

    Raises:
        Undecryptable: when the file of secrets can't be read with the keys that are here.
    """
    entrance = _entrance(repository, secrets)
    if not entrance:
        return ""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": _NAME, "namespace": NAMESPACE, "labels": _LABELS},
            "stringData": {"type": "git", "url": repository, **entrance},
        }
    )


def _entrance(repository: str, secrets: Secrets) -> Mapping[str, str]:
    if repository.startswith(("http://", "https://")):
        token = secrets.find("git_token")
        # forges look at the token alone, and refuse an empty name
        return {"username": "git", "password": token.get_secret_value()} if token else {}
    key = secrets.find("git_deploy_key")
    return {"sshPrivateKey": key.get_secret_value()} if key else {}
