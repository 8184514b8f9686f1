"""A node proves by its password that it is the one that first joined under its name."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from pathlib import Path

from .kube_api import KubeApi
from .paths import NODE_PASSWORD, write

REJECTED = (
    "Node password rejected, duplicate hostname or contents of '/etc/rancher/node/password' may not match "
    "server node-passwd entry, try enabling a unique node name with the --with-node-id flag"
)
_SECRETS = "/api/v1/namespaces/kube-system/secrets"


class PasswordRejectedError(Exception):
    """The password is not the one that the node joined with first."""


def own_password(path: Path = NODE_PASSWORD) -> str:
    """This machine's password, made once."""
    if not path.exists():
        write(path, secrets.token_hex(16) + "\n")
    return path.read_text().strip()


def ensure(api: KubeApi, node: str, password: str) -> None:
    """Hold the password against what the cluster remembers, or let it remember this one.

    Raises:
        PasswordRejectedError: when it is another one.
    """
    found = api.get(f"{_SECRETS}/{secret_name(node)}")
    if found is None:
        _remember(api, node, password)
    elif not _matches(base64.b64decode(found["data"]["hash"]).decode(), password):
        raise PasswordRejectedError(REJECTED)


def forget(api: KubeApi, node: str) -> None:
    """Let the next machine of that name choose a password."""
    api.delete(f"{_SECRETS}/{secret_name(node)}")


def secret_name(node: str) -> str:
    """Where the cluster remembers."""
    return f"{node}.node-password.k3s"


def _remember(api: KubeApi, node: str, password: str) -> None:
    salt = secrets.token_bytes(8)
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret_name(node)},
        "immutable": True,
        "stringData": {"hash": f"$1:{salt.hex()}:15:8:1:{_hash(password, salt)}"},
    }
    if not api.create(_SECRETS, body):
        ensure(api, node, password)


def _matches(text: str, password: str) -> bool:
    parts = text.split(":")
    return len(parts) == 6 and hmac.compare_digest(parts[5], _hash(password, bytes.fromhex(parts[1])))


def _hash(password: str, salt: bytes) -> str:
    digest = hashlib.scrypt(password.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=64)
    return base64.b64encode(digest).decode().rstrip("=")
