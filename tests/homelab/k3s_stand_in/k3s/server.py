"""``k3s server``: etcd, the control plane, the port that joiners know, and the node itself."""

from __future__ import annotations

import base64
import os
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import bootstrap, joining, log, sealed
from .addresses import LOCAL_API
from .certificates import issue
from .control_plane import LEAN, ControlPlane
from .etcd_client import EtcdError, local_etcd
from .front import Front
from .keys import issue_leaves, make_authorities, read_pair, server_leaves
from .kube_api import ApiError, KubeApi, client, kubeconfig, kubeconfig_with
from .kwok_role import allow_kwok
from .log import FatalError
from .machine import Machine, refuse_bad_flags
from .manifests import Manifests
from .members import Members
from .node import Node
from .node_password import PasswordRejectedError, ensure, own_password
from .options import Options
from .passwords import Passwords, given_token, passwords
from .paths import CONFIGURATION, Paths, write
from .processes import Children, EndedError, notify
from .release import Release
from .schedule import Schedule
from .snapshots import SnapshotError, save_scheduled
from .supervisor import Supervisor

_RETRY_SECONDS = 1.0
_TURN_SECONDS = 2.0


@dataclass(slots=True)
class Server:
    """One start of a server, from nothing or from what an earlier start left."""

    release: Release
    paths: Paths
    options: Options
    machine: Machine
    children: Children
    _is_removed: bool = False

    def run(self) -> None:
        """Start all, and run until a program ends or a signal comes.

        Raises:
            FatalError: when it can't go on.
        """
        log.info(f"Starting k3s {self.release.version} ({self.release.commit})")
        # refused before anything is started, as the kubelet's flags are
        refuse_bad_flags(self.options)
        self.release.verify()
        self._clear()
        found = self._prepare()
        etcd_flags = self._etcd_flags()
        supervisor = Supervisor(self.paths, self.options, self.machine.name, found, self._api())
        try:
            Front(self.paths, supervisor.handle).start()
        except OSError as error:
            raise FatalError(f"starting kubernetes: preparing server: init cluster: {error}") from None
        self._start_etcd(etcd_flags, found)
        self._start_control_plane()
        self._start_node()
        notify("READY=1")
        log.info("k3s is up and running")
        threading.Thread(target=self._turns, name="turns", daemon=True).start()
        while not self._is_removed:
            try:
                self.children.check()
            except EndedError as ended:
                if (ended.name, ended.code) != ("etcd", 0):
                    raise
                self._leave()
            time.sleep(0.5)
        while True:
            time.sleep(60)

    def _leave(self) -> None:
        """etcd ends without an error once the cluster has removed it; K3s then waits to be restarted."""
        self._is_removed = True
        write(self.paths.tombstone, "")
        log.info("this node has been removed from the cluster please restart k3s to rejoin the cluster")
        self.children.stop()

    def _api(self) -> KubeApi:
        tls = self.paths.tls
        return client(LOCAL_API, tls / "server-ca.crt", tls / "client-supervisor.crt")

    @property
    def _joins(self) -> bool:
        return bool(self.options.one("server")) and not (self.paths.etcd / "member").exists()

    def _clear(self) -> None:
        self.paths.reset_flag.unlink(missing_ok=True)
        if self.paths.tombstone.exists():
            log.info("etcd datastore has been removed from the cluster, backing up data and rejoining")
            self.paths.etcd.rename(self.paths.etcd.with_name(f"etcd-old-{int(time.time())}"))

    def _prepare(self) -> Passwords:
        """Have the cluster's authorities, and this server's certificates of them."""
        if self._joins:
            bootstrap.place(self.paths, self._fetch())
        elif not (self.paths.etcd / "member").exists() and not self.options.on("cluster-init"):
            raise FatalError("this stand-in has no SQLite: start the first server with --cluster-init")
        make_authorities(self.paths, encrypt_secrets=self.options.on("secrets-encryption"))
        issue_leaves(self.paths, server_leaves(self.options, self.machine))
        found = passwords(self.options, self.paths)
        found.write(self.paths)
        return found

    def _door(self) -> joining.Door:
        token = given_token(self.options)
        if token is None:
            raise FatalError("--token is required to join a cluster")
        return joining.Door(self.options.one("server").rstrip("/"), token)

    def _fetch(self) -> bytes:
        door = self._door()
        while True:
            try:
                return joining.server_files(door, self.options)
            except joining.NotYetError as error:
                log.error(str(error))
                time.sleep(_RETRY_SECONDS)

    def _etcd_flags(self) -> dict[str, str]:
        name, peer_url = self._member_name(), f"https://{self.machine.address}:2380"
        if (self.paths.etcd / "member").exists():
            return {}
        if not self._joins:
            return {"initial-cluster": f"{name}={peer_url}", "initial-cluster-state": "new"}
        while True:
            try:
                return joining.join_etcd(self._door(), self.paths, self.machine.name, name, peer_url)
            except joining.NotYetError as error:
                log.info(str(error))
                time.sleep(_RETRY_SECONDS)

    def _member_name(self) -> str:
        path = self.paths.etcd / "name"
        if not path.exists():
            write(path, f"{self.machine.name}-{secrets.token_hex(4)}")
        return path.read_text().strip()

    def _start_etcd(self, flags: dict[str, str], found: Passwords) -> None:
        plane = ControlPlane(self.release, self.paths, self.options, self.machine)
        self.children.start("etcd", plane.etcd(self._member_name(), flags))
        self.children.wait_until(self._votes)
        try:
            bootstrap.reconcile(local_etcd(self.paths), self.paths, found.server)
        except sealed.WrongTokenError as error:
            raise FatalError(f"starting kubernetes: preparing server: {error}") from None
        # what etcd holds may be of other authorities than what was here
        issue_leaves(self.paths, server_leaves(self.options, self.machine))
        found.write(self.paths)

    def _votes(self) -> bool:
        try:
            status = local_etcd(self.paths).call("maintenance/status", seconds=3)
            if status.get("isLearner") or not int(status.get("leader", "0")):
                return False
            local_etcd(self.paths).members()
        except (OSError, EtcdError):
            return False
        return True

    def _start_control_plane(self) -> None:
        plane = ControlPlane(self.release, self.paths, self.options, self.machine)
        self.children.start("kube-apiserver", plane.api_server(), LEAN)
        self._write_kubeconfigs()
        api = self._api()
        self.children.wait_until(api.is_ready)
        self.children.start("kube-controller-manager", plane.controller_manager(), LEAN)
        self.children.start("kube-scheduler", plane.scheduler(), LEAN)
        self.children.wait_until(lambda: _has_namespaces(api))

    def _write_kubeconfigs(self) -> None:
        tls = self.paths.tls
        write(
            self.paths.credentials / "admin.kubeconfig",
            kubeconfig(LOCAL_API, tls / "server-ca.crt", tls / "client-admin.crt"),
        )
        admin = read_pair(tls / "client-admin")
        content = {
            "authority": _encoded((tls / "server-ca.crt").read_text()),
            "certificate": _encoded(admin.certificate),
            "key": _encoded(admin.key),
        }
        path = Path(self.options.one("write-kubeconfig", str(CONFIGURATION / "k3s.yaml")))
        mode = int(self.options.one("write-kubeconfig-mode", "600"), 8)
        write(path, kubeconfig_with("https://127.0.0.1:6443", content), mode)

    def _start_node(self) -> None:
        node = Node(self.release, self.paths, self.options, self.machine, LOCAL_API)
        api = self._api()
        while not self._admit(node, api):
            self.children.check()
            time.sleep(_RETRY_SECONDS)
        older = ("master",) if self.release.version < "v1.34" else ()
        Members(api, local_etcd(self.paths)).mark_server(self.machine, self._member_name(), more_labels=older)
        self.children.start("kwok", node.kwok())

    def _admit(self, node: Node, api: KubeApi) -> bool:
        try:
            allow_kwok(api)
            ensure(api, self.machine.name, own_password())
            ca = read_pair(self.paths.tls / "client-ca")
            groups = ("system:nodes",)
            pair = issue(ca, f"system:node:{self.machine.name}", datetime.now(UTC), groups)
            authority = (self.paths.tls / "server-ca.crt").read_text()
            node.place_certificate(authority, pair.certificate, pair.key)
            node.register()
        except (PasswordRejectedError, ApiError, OSError) as error:
            log.error(f"Waiting to retrieve agent configuration; server is not ready: {error}")
            return False
        return True

    def _turns(self) -> None:
        """What goes on beside: members, manifests, snapshots. A cluster without quorum is waited for."""
        members = Members(self._api(), local_etcd(self.paths))
        manifests = Manifests(self.release, self.paths, self.options)
        self.paths.manifests.mkdir(parents=True, exist_ok=True, mode=0o700)
        schedule = Schedule(self.options.one("etcd-snapshot-schedule-cron", "0 */12 * * *"))
        while not self._is_removed:
            try:
                members.reconcile()
                manifests.apply()
                if schedule.is_due() and not self.options.on("etcd-disable-snapshots"):
                    save_scheduled(self.options, self.paths, self.machine.name)
            except (ApiError, EtcdError, OSError, SnapshotError) as error:
                log.error(f"cluster is not able to now: {error}")
            except Exception as error:  # noqa: BLE001 - the edge of a thread: without it K3s is half dead
                log.error(f"panic: {error!r}")
                os._exit(2)
            time.sleep(_TURN_SECONDS)


def _has_namespaces(api: KubeApi) -> bool:
    try:
        return api.get("/api/v1/namespaces/kube-system") is not None
    except (ApiError, OSError):
        return False


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
