"""Where K3s keeps what."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = Path("/etc/rancher/k3s")
NODE_PASSWORD = Path("/etc/rancher/node/password")
DATA = Path("/var/lib/rancher/k3s")


@dataclass(frozen=True, slots=True)
class Paths:
    """The files below one data folder."""

    data: Path = DATA

    @property
    def server(self) -> Path:
        """All that only servers have."""
        return self.data / "server"

    @property
    def agent(self) -> Path:
        """What every node has."""
        return self.data / "agent"

    @property
    def logs(self) -> Path:
        """What the programs inside print."""
        return self.data / "logs"

    @property
    def tls(self) -> Path:
        """A server's certificates."""
        return self.server / "tls"

    @property
    def credentials(self) -> Path:
        """Kubeconfigs of the control plane, and passwords."""
        return self.server / "cred"

    @property
    def etcd(self) -> Path:
        """What etcd keeps."""
        return self.server / "db" / "etcd"

    @property
    def snapshots(self) -> Path:
        """Where snapshots go when no other folder is named."""
        return self.server / "db" / "snapshots"

    @property
    def reset_flag(self) -> Path:
        """Stands after a cluster reset until the next start."""
        return self.server / "db" / "reset-flag"

    @property
    def tombstone(self) -> Path:
        """Stands once etcd has learnt that it was removed from the cluster."""
        return self.etcd / "tombstone"

    @property
    def manifests(self) -> Path:
        """What lies here is applied."""
        return self.server / "manifests"

    @property
    def token(self) -> Path:
        """The token that servers join with."""
        return self.server / "token"


def write(path: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Write a file so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = content.encode() if isinstance(content, str) else content
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
    Path(name).chmod(mode)
    Path(name).replace(path)
