"""What all servers of a cluster share lies in etcd, sealed with the token."""

from __future__ import annotations

import base64
import hashlib
import json

from . import sealed
from .etcd_client import Etcd
from .keys import bootstrap_files
from .paths import Paths, write

_PREFIX = "/bootstrap/"


def collect(paths: Paths) -> bytes:
    """The shared files in one."""
    content = {
        str(path.relative_to(paths.server)): base64.b64encode(path.read_bytes()).decode()
        for path in bootstrap_files(paths)
        if path.exists()
    }
    return json.dumps(content).encode()


def place(paths: Paths, content: bytes) -> None:
    """Write the shared files where they belong."""
    for name, text in json.loads(content).items():
        mode = 0o644 if name.endswith(".crt") else 0o600
        write(paths.server / name, base64.b64decode(text), mode)


def store(etcd: Etcd, paths: Paths, token: str) -> None:
    """Keep the shared files under the token, and under no other."""
    old = etcd.read(_PREFIX)
    etcd.write(_key(token), sealed.seal(collect(paths), token).encode())
    for key in old:
        if key != _key(token):
            etcd.delete(key)


def reconcile(etcd: Etcd, paths: Paths, token: str) -> None:
    """Take over what etcd holds, or put there what is here when it holds nothing.

    Raises:
        sealed.WrongTokenError: when it was sealed with another token.
    """
    found = etcd.read(_PREFIX)
    if not found:
        store(etcd, paths, token)
        return
    text = found.get(_key(token))
    if text is None:
        raise sealed.WrongTokenError("bootstrap data already found and encrypted with different token")
    place(paths, sealed.unseal(text.decode(), token))


def _key(token: str) -> str:
    return _PREFIX + hashlib.sha256(token.encode()).hexdigest()[:12]
