"""The kinds of values that ``cluster.yaml`` is made of."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field

GIB = 2**30
MIB = 2**20

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_K3S = re.compile(r"v(\d+)\.(\d+)\.(\d+)\+k3s(\d+)")
_PCI_ADDRESS = re.compile(r"([0-9a-fA-F]{4}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(\.[0-7])?")


def _whole_mebibytes(size: ByteSize) -> ByteSize:
    if size <= 0 or size % MIB:
        raise ValueError("must be a whole number of MiB, such as 4GiB or 512MiB")
    return size


def _network(value: Any) -> Any:
    # the default message tells of "host bits", which few people know
    if isinstance(value, str):
        try:
            return IPv4Network(value)
        except ValueError:
            raise ValueError("must be an IPv4 network in CIDR form, such as 192.168.20.0/24") from None
    return value


def _address(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return IPv4Address(value)
        except ValueError:
            raise ValueError("must be an IPv4 address such as 192.168.20.11, without a prefix") from None
    return value


def _host_name(value: str) -> str:
    if not _LABEL.fullmatch(value):
        raise ValueError("must be lower-case letters, digits and '-', at most 63 characters, as in DNS")
    return value


def _domain(value: str) -> str:
    if not all(_LABEL.fullmatch(label) for label in value.split(".")) or len(value) > 253:
        raise ValueError("must be a domain such as home.arpa, in lower case and without a dot at its end")
    return value


def _k3s_version(value: str) -> str:
    if not _K3S.fullmatch(value):
        raise ValueError("must be a release of K3s, such as v1.34.4+k3s1")
    return value


def _proxmox_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]{0,39}", value):
        raise ValueError("must be a letter and then letters, digits, '.', '_' or '-', at most 40 characters")
    return value


def _no_pci_address(value: Any) -> Any:
    if isinstance(value, str) and _PCI_ADDRESS.fullmatch(value):
        raise ValueError(
            "is a PCI address, which only root@pam may pass through, not a token: make a mapping of the "
            "device in Proxmox (Datacenter, Resource Mappings) and put its name here"
        )
    return value


def k3s_minor(version: str) -> tuple[int, int]:
    """The major and minor version of a :data:`K3sVersion`.

    >>> k3s_minor("v1.34.4+k3s1")
    (1, 34)
    """
    major, minor = version.removeprefix("v").split(".")[:2]
    return int(major), int(minor)


#: a size in bytes, written as 4GiB or 512MiB
Size = Annotated[ByteSize, AfterValidator(_whole_mebibytes)]
Network = Annotated[IPv4Network, BeforeValidator(_network)]
Address = Annotated[IPv4Address, BeforeValidator(_address)]
#: of a machine or a cluster, as in DNS
HostName = Annotated[str, AfterValidator(_host_name)]
#: Proxmox's numbers for virtual machines
VmId = Annotated[int, Field(ge=100, le=999_999_999)]
#: the name of a storage, bridge, pool or mapping in Proxmox
ProxmoxName = Annotated[str, AfterValidator(_proxmox_name)]
#: the name of a resource mapping; a raw device is refused with the reason
MappingName = Annotated[ProxmoxName, BeforeValidator(_no_pci_address)]
#: of a search list
Domain = Annotated[str, AfterValidator(_domain)]
K3sVersion = Annotated[str, AfterValidator(_k3s_version)]


def shown_size(size_bytes: int) -> str:
    """The size as it is written in the file.

    >>> shown_size(4 * GIB), shown_size(1536 * MIB)
    ('4GiB', '1536MiB')
    """
    return f"{size_bytes // GIB}GiB" if size_bytes % GIB == 0 else f"{size_bytes // MIB}MiB"
