"""Which upgrades of K3s are allowed: up, one minor version at a time, servers before agents.

While servers are upgraded one by one their API servers may be at most one minor version apart, and a kubelet
may never be newer than they are (Kubernetes' version skew policy).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)\+k3s(\d+)")


@dataclass(frozen=True, slots=True, order=True)
class K3sVersion:
    """A version of K3s; an order of age."""

    major: int
    minor: int
    patch: int
    #: K3s' own number behind Kubernetes' version
    build: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The version in ``text``, such as what ``k3s --version`` prints.

        >>> str(K3sVersion.parse("k3s version v1.34.4+k3s1 (c6017918)"))
        'v1.34.4+k3s1'

        Raises:
            ValueError: when there is none.
        """
        if not (found := _VERSION.search(text)):
            raise ValueError(f"'{text.strip()}' names no version of K3s such as v1.34.4+k3s1")
        return cls(*(int(number) for number in found.groups()))

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}+k3s{self.build}"


def upgrade_mistakes(
    current: Mapping[str, str], wanted: Mapping[str, str], servers: Collection[str]
) -> Sequence[str]:
    """Why the hosts can't be brought from their current to their wanted versions: one sentence a mistake.

    Args:
        current: host -> the version that it runs.
        wanted: host -> the version that it should run.
        servers: which of them are servers.

    >>> upgrade_mistakes({"a": "v1.32.1+k3s1"}, {"a": "v1.34.4+k3s1"}, {"a"})
    ['a runs v1.32.1+k3s1 and v1.34.4+k3s1 is wanted: one minor version at a time, so v1.33 comes first.']
    """
    now = {host: K3sVersion.parse(text) for host, text in current.items()}
    then = {host: K3sVersion.parse(text) for host, text in wanted.items() if host in now}
    mistakes = [told for host in sorted(now) if (told := _step_mistake(host, now[host], then[host]))]
    oldest = min((then[host] for host in servers if host in then), default=None)
    return mistakes + [
        f"{host} is an agent and would get {then[host]}, newer than a server's {oldest}: "
        "an agent may not be ahead of a server."
        for host in sorted(set(then) - set(servers))
        if oldest and (then[host].major, then[host].minor) > (oldest.major, oldest.minor)
    ]


def _step_mistake(host: str, now: K3sVersion, then: K3sVersion) -> str:
    if then < now:
        return f"{host} runs {now} and {then} is wanted: K3s can't go back; restore a backup instead."
    if now.major != then.major or then.minor - now.minor > 1:
        return (
            f"{host} runs {now} and {then} is wanted: one minor version at a time, "
            f"so v{now.major}.{now.minor + 1} comes first."
        )
    return ""
