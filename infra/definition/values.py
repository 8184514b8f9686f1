"""The kinds of values that ``cluster.yaml`` is made of."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ByteSize, Field, StringConstraints

GIB = 2**30
MIB = 2**20

_TAG = "vm and host names are lower-case letters, digits and '-', at most 63 characters (RFC 1123)"


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
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value):
        raise ValueError(f"is no host name: {_TAG}")
    return value


#: a size in bytes, written as 4GiB or 512MiB
Size = Annotated[ByteSize, AfterValidator(_whole_mebibytes)]
Network = Annotated[IPv4Network, BeforeValidator(_network)]
Address = Annotated[IPv4Address, BeforeValidator(_address)]
#: of a machine or a cluster, as in DNS
HostName = Annotated[str, AfterValidator(_host_name)]
#: Proxmox's numbers for virtual machines
VmId = Annotated[int, Field(ge=100, le=999_999_999)]
#: the name of a storage, bridge, pool or mapping in Proxmox
ProxmoxName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._-]*$", max_length=40)]
