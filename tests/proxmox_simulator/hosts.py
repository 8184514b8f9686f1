"""What a test says about the cluster to simulate: hosts and their storages."""

from dataclasses import dataclass, field

GIB = 2**30
_DIR_CONTENT = ("images", "iso", "vztmpl", "import", "snippets", "backup", "rootdir")
_BLOCK_CONTENT = ("images", "rootdir")


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage of a host; one that is shared is the same on all hosts that name it.

    Attributes:
        type: `dir`, `nfs`, `lvmthin`, `lvm` or `zfspool`; empty: `dir` for the name "local", else `lvmthin`.
        content: what it may hold; empty: what Proxmox's installer would allow for the type.
    """

    name: str
    type: str = ""
    content: tuple[str, ...] = ()
    size_bytes: int = 500 * GIB
    used_bytes: int = 0
    shared: bool = False

    @property
    def kind(self) -> str:
        """The type, the usual one where none was said."""
        return self.type or ("dir" if self.name == "local" else "lvmthin")

    @property
    def is_file_based(self) -> bool:
        """Whether volumes are files in a folder (and may be downloaded to)."""
        return self.kind in ("dir", "nfs", "cifs", "cephfs")

    @property
    def contents(self) -> tuple[str, ...]:
        """The content types, the usual ones where none were said."""
        return self.content or (_DIR_CONTENT if self.is_file_based else _BLOCK_CONTENT)


def _default_storages() -> tuple[Storage, ...]:
    return (Storage("local", size_bytes=100 * GIB), Storage("local-lvm"))


@dataclass(frozen=True, slots=True)
class Host:
    """A Proxmox VE host, a node of the cluster.

    Attributes:
        bridges: its network bridges.
        vlan_aware: whether these know VLANs.
        pci_mappings: names of cluster-wide PCI mappings that have a device on this host.
    """

    name: str = "pve1"
    memory_bytes: int = 64 * GIB
    cores: int = 16
    storages: tuple[Storage, ...] = field(default_factory=_default_storages)
    bridges: tuple[str, ...] = ("vmbr0",)
    vlan_aware: bool = True
    pci_mappings: tuple[str, ...] = ()
