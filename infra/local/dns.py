"""Ask the cluster's DNS a question from the host: the answer comes from a pod, by way of a service."""

from __future__ import annotations

import secrets
import socket
import struct

_QUESTION_TYPE_A, _CLASS_INTERNET, _RECURSE = 1, 1, 0x0100


def resolve(name: str, server: str, timeout_seconds: float = 2.0) -> str | None:
    """The first IPv4 address of ``name`` as ``server`` tells it; None when it tells none in time."""
    number = secrets.randbits(16)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout_seconds)
        try:
            client.sendto(question(number, name), (server, 53))
            return address(client.recv(4096), number)
        except OSError:
            return None


def question(number: int, name: str) -> bytes:
    """The packet that asks for the address of ``name`` (RFC 1035, section 4)."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    header = struct.pack(">6H", number, _RECURSE, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack(">2H", _QUESTION_TYPE_A, _CLASS_INTERNET)


def address(packet: bytes, number: int) -> str | None:
    """The address in the answer to question ``number``: an answer's last four bytes, when there is one."""
    answered, _, _, answers, others, more = struct.unpack(">6H", packet[:12])
    if answered != number or answers != 1 or others or more:
        return None
    return socket.inet_ntoa(packet[-4:])
