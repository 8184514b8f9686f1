"""etcd itself, looked at all the while: which members run and vote, and whether a quorum answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx

from tests.homelab.hosts import Host
from tests.homelab.hosts.command import CommandFailed
from tests.homelab.writing import client

#: a member's own word, which it gives without a quorum too: it runs, and is no learner
_ASK = """
import re, urllib.request
text = urllib.request.urlopen("http://127.0.0.1:2381/metrics", timeout=20).read().decode()
print(re.search(r"^etcd_server_is_learner (\\S+)", text, re.M).group(1))
"""
#: answers that took longer tell of no one moment: meanwhile one server may have come back and the next left
_MOMENT_SECONDS = 10.0


class EtcdWatch:
    """Counts members that run and vote, and measures how long a quorum did not answer."""

    def __init__(self, hosts: Mapping[str, Host], kubeconfig: str) -> None:
        #: of each look, how many members ran and voted
        self.voting: list[int] = []
        #: the longest time from one read that a quorum answered to the next
        self.longest_silence_seconds = 0.0
        self._hosts = hosts
        self._kubeconfig = kubeconfig
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._count, self._read)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _count(self) -> None:
        with ThreadPoolExecutor(len(self._hosts)) as pool:
            while not self._ended.wait(2.0):
                began = time.monotonic()
                answers = list(pool.map(_votes, self._hosts.values()))
                if time.monotonic() - began < _MOMENT_SECONDS:
                    self.voting.append(sum(answers))

    def _read(self) -> None:
        """A read of one object without a resourceVersion goes to etcd, which asks a quorum (linearizable)."""
        answered = time.monotonic()
        with client(self._kubeconfig) as api:
            while not self._ended.wait(0.5):
                if any(_reads(api, host) for host in self._hosts.values()):
                    now = time.monotonic()
                    self.longest_silence_seconds = max(self.longest_silence_seconds, now - answered)
                    answered = now
        self.longest_silence_seconds = max(self.longest_silence_seconds, time.monotonic() - answered)


def _votes(host: Host) -> bool:
    try:
        return float(host.run("python3", "-c", _ASK, limit_seconds=30.0)) == 0
    except (CommandFailed, RuntimeError):
        return False


def _reads(api: httpx.Client, host: Host) -> bool:
    try:
        answer = api.get(f"https://{host.address}:6443/api/v1/namespaces/default")
    except httpx.TransportError:
        return False
    return answer.is_success
