"""How a machine asks a server of the cluster to let it in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .etcd_client import EtcdError, Member, etcd_at
from .https import Answer, basic, request, trusting
from .log import FatalError
from .options import Options
from .paths import Paths
from .supervisor import critical
from .token import Token, TokenError


class NotYetError(Exception):
    """The server can't let it in now; it may later."""


@dataclass(frozen=True, slots=True)
class Door:
    """A server as joiners see it."""

    url: str
    token: Token
    #: the user of a bare password
    user: str = "server"

    def authority(self) -> bytes:
        """The cluster's authority, held against the token.

        Raises:
            NotYetError: when nobody answers.
            TokenError: when it is another cluster's.
        """
        try:
            answer = request("GET", f"{self.url}/cacerts", trusting(None))
        except OSError as error:
            raise NotYetError(f'failed to get CA certs: Get "{self.url}/cacerts": {error}') from None
        self.token.verify(answer.body)
        return answer.body

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request that the token opens.

        Raises:
            NotYetError: when nobody answers, or the server is not ready for it.
        """
        credentials = basic(self.user, self.token.password)
        try:
            answer = request(
                method, self.url + path, trusting(None), body, {**credentials, **(headers or {})}, 30
            )
        except OSError as error:
            raise NotYetError(f'Get "{self.url}{path}": {error}') from None
        if answer.status >= 500:
            raise NotYetError(f"{self.url}{path}: {answer.status} {answer.reason}")
        return answer

    def need(self, path: str) -> Any:
        """What a server must give to a joining server.

        Raises:
            FatalError: when it refuses.
        """
        answer = self.ask("GET", path)
        if answer.status != 200:
            raise FatalError(f"starting kubernetes: preparing server: {_refused(self.url + path, answer)}")
        return answer.document()


def server_files(door: Door, options: Options) -> bytes:
    """What the servers of the cluster share.

    Raises:
        FatalError: when the server refuses, or this one is told something else than it.
        NotYetError: when it can't tell now.
    """
    try:
        door.authority()
    except TokenError as error:
        raise FatalError(f"starting kubernetes: preparing server: {error}") from None
    content = door.need("/v1-k3s/server-bootstrap")
    theirs, ours = door.need("/v1-k3s/config")["critical"], critical(options)
    if different := sorted(name for name in ours if ours[name] != theirs.get(name)):
        raise FatalError(
            "starting kubernetes: preparing server: failed to validate server configuration: "
            f"critical configuration value mismatch between servers: {', '.join(different)}"
        )
    return json.dumps(content).encode()


def join_etcd(door: Door, paths: Paths, node: str, name: str, peer_url: str) -> dict[str, str]:
    """Become a learner; return what etcd is to be started with.

    Raises:
        FatalError: when the cluster knows another machine by that name.
        NotYetError: while it lets another one in, or has no quorum.
    """
    known = door.need("/db/info")
    reason = "no member answers"
    for one in known:
        etcd = etcd_at(one["peer_url"].replace(":2380", ":2379"), paths.tls)
        try:
            members = etcd.members()
            _refuse_duplicate(members, node, name, peer_url)
            if not any(member.peer_url == peer_url for member in members):
                etcd.call("cluster/member/add", {"peerURLs": [peer_url], "isLearner": True})
        except (OSError, EtcdError) as error:
            reason = str(error)
            continue
        cluster = [f"{member.name}={member.peer_url}" for member in members if member.peer_url != peer_url]
        return {
            "initial-cluster": ",".join([*cluster, f"{name}={peer_url}"]),
            "initial-cluster-state": "existing",
        }
    raise NotYetError(f"Waiting for other members to finish joining etcd cluster: {reason}")


def _refuse_duplicate(members: list[Member], node: str, name: str, peer_url: str) -> None:
    for member in members:
        same_node = member.name.rpartition("-")[0] == node
        if member.name != name and (same_node or (member.name and member.peer_url == peer_url)):
            raise FatalError(
                "starting kubernetes: preparing server: start managed database: joining etcd cluster: etcd "
                "cluster join failed: duplicate node name found, please use a unique name for this node"
            )


def _refused(url: str, answer: Answer) -> str:
    return f"{url}: {answer.status} {answer.reason}"
