"""Kubeconfig files: how a client finds the API server, and who it says it is."""

from __future__ import annotations

import base64
from pathlib import Path

from homeostat.yaml_text import to_yaml
from infra.local.certificates import Pair

#: the name of the cluster, and of the context in it
NAME = "homeostat-local"


def kubeconfig(server: str, authority: Path, client: Pair) -> str:
    """A kubeconfig with everything inside: it can be copied and used elsewhere.

    Raises:
        OSError: when one of the certificates can't be read.
    """
    return to_yaml(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": NAME,
                    "cluster": {"server": server, "certificate-authority-data": _encoded(authority)},
                }
            ],
            "users": [
                {
                    "name": NAME,
                    "user": {
                        "client-certificate-data": _encoded(client.certificate),
                        "client-key-data": _encoded(client.key),
                    },
                }
            ],
            "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME}}],
            "current-context": NAME,
        }
    )


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
