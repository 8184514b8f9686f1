"""Where the local cluster lies: one folder below the platform's state, and fixed addresses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from homeostat import digest
from infra.linux.marks import mark_of_state

#: the network namespace that all of the cluster lives in
NAMESPACE = "homeostat"
#: how nsenter(1) finds it
NAMESPACE_FILE = Path("/run/netns") / NAMESPACE
#: the host's end of the cable into the namespace: what serves pods from the host listens here
HOST_ADDRESS = "10.99.0.254"
#: the namespace's end: the node, the API server
NODE_ADDRESS = "10.99.0.1"
NODE_NETWORK = "10.99.0.0/24"
POD_NETWORK = "10.42.0.0/16"
SERVICE_NETWORK = "10.43.0.0/16"
API_SERVICE_ADDRESS = "10.43.0.1"
DNS_ADDRESS = "10.43.0.10"
API_PORT = 6443
NODE_NAME = "homeostat"

#: sun_path in unix(7) holds 108 bytes, the last of them zero
_SOCKET_LIMIT = 107


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of the cluster, and what lies where below it."""

    root: Path
    #: everything of the cluster: removing it removes the cluster's data
    folder: Path

    @property
    def mark(self) -> str:
        """What every process of this cluster carries in its environment."""
        return mark_of_state(self.folder)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's way into the cluster, for kubectl and other clients on this machine."""
        return self.folder / "kubeconfig"

    @property
    def certificates(self) -> Path:
        """Keys and certificates, readable by root alone."""
        return self.folder / "certificates"

    @property
    def configuration(self) -> Path:
        """The configuration files of the cluster's programs, written anew by every start."""
        return self.folder / "configuration"

    @property
    def logs(self) -> Path:
        """One ``<program>.log`` for each program of the cluster."""
        return self.folder / "logs"

    @property
    def pod_logs(self) -> Path:
        """The logs of containers, as the kubelet keeps them."""
        return self.folder / "logs" / "pods"

    @property
    def programs(self) -> Path:
        """Links to every program of the cluster: its processes' PATH begins here."""
        return self.folder / "bin"

    @property
    def etcd(self) -> Path:
        """The cluster's objects."""
        return self.folder / "etcd"

    @property
    def images(self) -> Path:
        """Archives of images that were made for this cluster."""
        return self.folder / "images"

    @property
    def containerd(self) -> Path:
        """The content of images, and snapshots."""
        return self.folder / "containerd"

    @property
    def kubelet(self) -> Path:
        """The kubelet's folder: volumes of pods are mounted below it."""
        return self.folder / "kubelet"

    @property
    def volumes(self) -> Path:
        """Where the StorageClass ``local-path`` keeps persistent volumes."""
        return self.folder / "volumes"

    @property
    def secrets(self) -> Path:
        """Secrets that the provider makes, one file each."""
        return self.folder / "secrets"

    @property
    def forge(self) -> Path:
        """The bare repository that Argo CD reads."""
        return self.folder / "forge" / "homeostat.git"

    @property
    def running(self) -> Path:
        """What is of use only while the cluster runs; emptied by every stop."""
        return self.folder / "run"

    @property
    def containerd_socket(self) -> Path:
        """Containerd's socket; in /run when the path below the folder is too long for one."""
        socket = self.running / "containerd.sock"
        # containerd puts a second socket beside it, with a longer name
        fits = len(f"{socket}.ttrpc".encode()) <= _SOCKET_LIMIT
        return socket if fits else self.short_running / "containerd.sock"

    @property
    def short_running(self) -> Path:
        """A folder with a short path, for sockets."""
        return Path("/run") / f"homeostat-{digest.of_bytes(str(self.folder).encode())[:8]}"

    def log(self, component: str) -> Path:
        """The log of one program."""
        return self.logs / f"{component}.log"


def place(root: Path, state: Path) -> Place:
    """The place of the cluster of the platform whose state is in ``state``."""
    return Place(root, (state / "cluster").resolve())
