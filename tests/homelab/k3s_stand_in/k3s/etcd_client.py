"""A client of etcd through its gateway of JSON over HTTPS."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .https import connect, request, trusting
from .paths import Paths


class EtcdError(Exception):
    """etcd refuses; the message is its own."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the cluster."""

    id: str
    #: empty until it has started
    name: str
    peer_url: str
    is_learner: bool


@dataclass(frozen=True, slots=True)
class Etcd:
    """One member to ask."""

    url: str
    context: ssl.SSLContext

    def call(self, path: str, body: dict[str, Any] | None = None, seconds: float = 10.0) -> dict[str, Any]:
        """One call of its API.

        Raises:
            EtcdError: when etcd refuses.
            OSError: when it does not answer.
        """
        text = json.dumps(body or {}).encode()
        answer = request("POST", f"{self.url}/v3/{path}", self.context, text, seconds=seconds)
        content = answer.document() if answer.body.startswith(b"{") else {"message": answer.reason}
        if answer.status != 200:
            raise EtcdError(str(content.get("message") or content.get("error") or answer.reason))
        return content

    def members(self) -> list[Member]:
        """All members, learners too, as the quorum knows them."""
        return [
            Member(one["ID"], one.get("name", ""), one["peerURLs"][0], bool(one.get("isLearner")))
            for one in self.call("cluster/member/list", {"linearizable": True}).get("members", [])
        ]

    def read(self, prefix: str) -> dict[str, bytes]:
        """What lies below ``prefix``."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        found = self.call("kv/range", {"key": _encoded(prefix), "range_end": _encoded(end)}).get("kvs", [])
        return {
            base64.b64decode(one["key"]).decode(): base64.b64decode(one.get("value", "")) for one in found
        }

    def write(self, key: str, content: bytes) -> None:
        """Put one key."""
        self.call("kv/put", {"key": _encoded(key), "value": base64.b64encode(content).decode()})

    def delete(self, key: str) -> None:
        """Delete one key."""
        self.call("kv/deleterange", {"key": _encoded(key)})

    def snapshot(self) -> Iterator[bytes]:
        """The whole store with its checksum, in pieces."""
        connection = connect(self.url, self.context, 60)
        try:
            connection.request("POST", "/v3/maintenance/snapshot", b"{}")
            for line in connection.getresponse():
                piece = json.loads(line)
                if "result" not in piece:
                    raise EtcdError(str(piece))
                yield base64.b64decode(piece["result"].get("blob", ""))
        finally:
            connection.close()


def local_etcd(paths: Paths) -> Etcd:
    """This server's own member."""
    return etcd_at("https://127.0.0.1:2379", paths.tls)


def etcd_at(url: str, tls: Path) -> Etcd:
    """The member at ``url``."""
    return Etcd(url, trusting(tls / "etcd/server-ca.crt", tls / "etcd/client.crt"))


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
