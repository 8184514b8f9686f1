"""K3s' own paths: what joiners and its own commands ask a server for."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from . import bootstrap, log, snapshots
from .certificates import issue
from .etcd_client import EtcdError, local_etcd
from .front import Request, Response
from .keys import read_pair
from .kube_api import ApiError, KubeApi
from .node_password import PasswordRejectedError, ensure
from .options import Options
from .passwords import Passwords
from .paths import Paths

#: must be equal on all servers
CRITICAL = (
    *("cluster-cidr", "service-cidr", "cluster-dns", "cluster-domain", "flannel-backend"),
    *("secrets-encryption", "disable-network-policy", "disable-helm-controller"),
)


def critical(options: Options) -> Mapping[str, str]:
    """The options that must be equal on all servers."""
    return {
        name: options.one(name, "false" if name.startswith(("secrets", "disable")) else "")
        for name in CRITICAL
    }


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Answers requests, several at a time."""

    paths: Paths
    options: Options
    node: str
    passwords: Passwords
    api: KubeApi

    def handle(self, request: Request) -> Response:
        """Answer one request; whatever fails is the asker's answer, never this server's end."""
        path = request.path.partition("?")[0]
        if path == "/ping":
            return Response(200, b"pong")
        if path == "/cacerts":
            return Response(200, (self.paths.tls / "server-ca.crt").read_bytes())
        found = self._routes().get((request.method, path))
        if found is None:
            return Response(404, b"404 page not found\n")
        answer, roles = found
        if self._role(request) not in roles:
            return Response(401, b"Unauthorized\n")
        try:
            return answer(request)
        except (ApiError, EtcdError, OSError) as error:
            log.error(f"{path}: {error}")
            return Response(503, f"{error}\n".encode())

    def _routes(self) -> Mapping[tuple[str, str], tuple[Callable[[Request], Response], tuple[str, ...]]]:
        nodes, servers = ("node", "server"), ("server",)
        return {
            ("GET", "/v1-k3s/readyz"): (self._readyz, nodes),
            ("GET", "/v1-k3s/config"): (self._config, nodes),
            ("GET", "/v1-k3s/apiservers"): (self._api_servers, nodes),
            ("GET", "/v1-k3s/client-ca.crt"): (self._client_ca, nodes),
            ("POST", "/v1-k3s/client-kubelet.crt"): (self._client_kubelet, nodes),
            ("GET", "/v1-k3s/server-bootstrap"): (self._bootstrap, servers),
            ("GET", "/db/info"): (self._members, servers),
            ("POST", "/db/snapshot"): (self._snapshot, servers),
            ("PUT", "/v1-k3s/token"): (self._rotate_token, servers),
        }

    def _role(self, request: Request) -> str:
        kind, _, encoded = request.headers.get("authorization", "").partition(" ")
        if kind != "Basic":
            return ""
        password = base64.b64decode(encoded).decode().partition(":")[2].encode()
        if hmac.compare_digest(password, self.passwords.server.encode()):
            return "server"
        return "node" if hmac.compare_digest(password, self.passwords.agent.encode()) else ""

    def _readyz(self, request: Request) -> Response:
        return Response(200, b"ok") if self.api.is_ready() else Response(500, b"runtime core not ready\n")

    def _config(self, request: Request) -> Response:
        return _json({"critical": critical(self.options), "clusterDNS": self.options.one("cluster-dns")})

    def _api_servers(self, request: Request) -> Response:
        found = self.api.call("GET", "/api/v1/namespaces/default/endpoints/kubernetes")
        hosts = [one["ip"] for subset in found.get("subsets", []) for one in subset.get("addresses", [])]
        return _json([f"{host}:6443" for host in hosts])

    def _client_ca(self, request: Request) -> Response:
        return Response(200, (self.paths.tls / "client-ca.crt").read_bytes())

    def _client_kubelet(self, request: Request) -> Response:
        node = request.headers.get("k3s-node-name", "")
        if not node:
            return Response(400, b"node name not set\n")
        try:
            ensure(self.api, node, request.headers.get("k3s-node-password", ""))
        except PasswordRejectedError as error:
            log.error(f"unable to verify password for node {node}: {error}")
            return Response(403, f"{error}\n".encode())
        ca = read_pair(self.paths.tls / "client-ca")
        pair = issue(ca, f"system:node:{node}", datetime.now(UTC), ("system:nodes",))
        return _json({"certificate": pair.certificate, "key": pair.key})

    def _bootstrap(self, request: Request) -> Response:
        return Response(200, bootstrap.collect(self.paths))

    def _members(self, request: Request) -> Response:
        members = local_etcd(self.paths).members()
        return _json([{"name": one.name, "peer_url": one.peer_url} for one in members if not one.is_learner])

    def _snapshot(self, request: Request) -> Response:
        wanted = json.loads(request.body)
        options = Options({**self.options.values, **wanted["options"]}, tuple(wanted["arguments"]))
        try:
            lines = snapshots.serve(wanted["action"], options, self.paths, self.node)
        except snapshots.SnapshotError as error:
            return Response(400, str(error).encode())
        return Response(200, "\n".join(lines).encode())

    def _rotate_token(self, request: Request) -> Response:
        token = json.loads(request.body)["new_token"]
        bootstrap.store(local_etcd(self.paths), self.paths, token)
        self.passwords.change(token, self.paths)
        return Response(200)


def _json(content: object) -> Response:
    return Response(200, json.dumps(content).encode(), "application/json")
