"""How SSH enters the machines: with the key of cluster.yaml and the host keys of the homelab alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def held_to(known_hosts: Path) -> Sequence[str]:
    """Options by which a machine is believed when it is new, and must be the same ever after."""
    return ("StrictHostKeyChecking=accept-new", f'UserKnownHostsFile="{known_hosts}"')


def compared_with(known_hosts: Path) -> Sequence[str]:
    """As ``held_to``, and nothing is written down, for who only looks."""
    return (
        "StrictHostKeyChecking=accept-new",
        # ssh reads them all, and writes to the first
        f'UserKnownHostsFile="/dev/null" "{known_hosts}"',
        "UpdateHostKeys=no",
    )


def words(options: Iterable[str]) -> Sequence[str]:
    """The options as words of a command line."""
    return [word for option in options for word in ("-o", option)]


def command(key: Path, host_keys: Iterable[str], connect_seconds: float) -> Sequence[str]:
    """The beginning of a call of ``ssh`` that nobody is asked by; the destination follows.

    Args:
        key: the private key; no other is tried, since an agent with many is shut out before the right one.
        host_keys: what is held of the machines' own keys, by ``held_to`` or ``compared_with``.
        connect_seconds: how long a machine may take to answer, rounded to whole seconds.
    """
    chosen = ("BatchMode=yes", f"ConnectTimeout={connect_seconds:.0f}", "IdentitiesOnly=yes", *host_keys)
    return ["ssh", "-i", str(key), *words(chosen)]
