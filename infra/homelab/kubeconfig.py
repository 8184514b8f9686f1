"""The administrator's kubeconfig: what a server keeps for itself, made usable from here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from homeostat import atomic
from homeostat.errors import HomeostatError
from homeostat.yaml_text import parse_yaml, to_yaml
from infra.definition.document import Definition
from infra.homelab.ssh import Ssh, SshFailed

_ON_SERVER = "/etc/rancher/k3s/k3s.yaml"
API_PORT = 6443


class KubeconfigError(HomeostatError):
    """No server gave its kubeconfig, or it is not what K3s writes."""


def fetch(definition: Definition, ssh: Ssh, path: Path) -> Sequence[str]:
    """Write the kubeconfig to ``path``, from the first server that answers; return what was changed.

    Raises:
        KubeconfigError: when none of them gives one.
    """
    text = usable(_from_a_server(definition, ssh), definition)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_text(path, text, mode=0o600)
    return ["kubeconfig"]


def usable(text: str, definition: Definition) -> str:
    """A server's own kubeconfig, aimed at the API's address and named after the cluster.

    Raises:
        KubeconfigError: when it has not the form that K3s writes.
    """
    content: Any = parse_yaml(text, _ON_SERVER)
    name = f"homeostat-{definition.name}"
    try:
        cluster, user = content["clusters"][0]["cluster"], content["users"][0]["user"]
        cluster["server"] = f"https://{definition.api_address}:{API_PORT}"
    except (KeyError, IndexError, TypeError):
        raise KubeconfigError(f"{_ON_SERVER} is no kubeconfig with one cluster and one user.") from None
    return to_yaml(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": user}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def _from_a_server(definition: Definition, ssh: Ssh) -> str:
    complaints: list[str] = []
    for server in definition.servers:
        try:
            return ssh.run(server.address, "sudo", "cat", _ON_SERVER)
        except SshFailed as error:
            complaints.append(f"{server.name}: {error}")
    raise KubeconfigError(f"no server gave its kubeconfig. {' '.join(complaints)}")
