"""``k3s server --cluster-reset``: a cluster of this one member, from what is here or from a snapshot."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import bootstrap, log, sealed, snapshots
from .control_plane import ControlPlane
from .etcd_client import Etcd, EtcdError
from .keys import issue_leaves, server_leaves
from .log import FatalError
from .machine import Machine
from .options import Options
from .passwords import passwords
from .paths import Paths, write
from .processes import Children
from .release import Release

_PORTS = (2379, 2380, 6443)
_DONE = (
    "Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and "
    "delete ${datadir}/server/db on each peer etcd server and rejoin the nodes"
)


@dataclass(slots=True)
class Reset:
    """One reset."""

    release: Release
    paths: Paths
    options: Options
    machine: Machine
    children: Children

    def run(self) -> None:
        """Reset, and return when the server may be started.

        Raises:
            FatalError: when it can't be done; what was here is then as it was, but for a moved folder.
        """
        log.info(f"Starting k3s {self.release.version} ({self.release.commit})")
        if self.paths.reset_flag.exists():
            raise FatalError(
                "starting kubernetes: preparing server: start managed database: cluster-reset was "
                "successfully performed, please remove the cluster-reset flag and start k3s normally, if you "
                f"need to perform another cluster reset, you must first manually delete the "
                f"{self.paths.reset_flag} file"
            )
        self.release.verify()
        self._refuse_while_running()
        password = passwords(self.options, self.paths).server
        if source := self.options.one("cluster-reset-restore-path"):
            self._restore(Path(source))
        elif not (self.paths.etcd / "member").exists():
            raise FatalError("etcd: there is no managed database here to reset")
        self._take_over(password)
        write(self.paths.reset_flag, "")
        log.info(_DONE)

    def _refuse_while_running(self) -> None:
        for port in _PORTS:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    raise FatalError(
                        "starting kubernetes: preparing server: start managed database: "
                        f"listen tcp 127.0.0.1:{port}: bind: address already in use"
                    ) from None

    def _restore(self, source: Path) -> None:
        if not source.is_file():
            raise FatalError(
                "starting kubernetes: preparing server: start managed database: "
                f"etcd: snapshot path does not exist: {source}"
            )
        name = self._member_name()
        if self.paths.etcd.exists():
            self.paths.etcd.rename(self.paths.etcd.with_name(f"etcd-old-{int(time.time())}"))
        with tempfile.TemporaryDirectory() as folder:
            snapshot = snapshots.unpacked(source, Path(folder))
            self._etcdutl(snapshot, name, Path(folder) / "restored")
            shutil.move(Path(folder) / "restored", self.paths.etcd)
        self.paths.etcd.chmod(0o700)
        write(self.paths.etcd / "name", name)

    def _etcdutl(self, snapshot: Path, name: str, target: Path) -> None:
        peer_url = f"https://{self.machine.address}:2380"
        command = [self.release.part("etcdutl"), "snapshot", "restore", str(snapshot), f"--name={name}"]
        command += [f"--data-dir={target}", f"--initial-cluster={name}={peer_url}"]
        command.append(f"--initial-advertise-peer-urls={peer_url}")
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            told = (ran.stderr.strip().splitlines() or ["it failed"])[-1]
            raise FatalError(f"starting kubernetes: preparing server: start managed database: {told}")

    def _member_name(self) -> str:
        path = self.paths.etcd / "name"
        return path.read_text().strip() if path.exists() else f"{self.machine.name}-{int(time.time()):08x}"

    def _take_over(self, password: str) -> None:
        """Start etcd alone, without its certificates: they may be inside, under the token."""
        plane = ControlPlane(self.release, self.paths, self.options, self.machine)
        local = {
            "listen-client-urls": "http://127.0.0.1:2399",
            "advertise-client-urls": "http://127.0.0.1:2399",
            "listen-peer-urls": "http://127.0.0.1:2400",
            "listen-metrics-urls": "",
            "force-new-cluster": "true",
        }
        command = [part for part in plane.etcd(self._member_name(), local) if not _is_tls(part)]
        self.children.start("etcd", command)
        etcd = Etcd("http://127.0.0.1:2399", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        if not self.children.wait_until(lambda: _leads(etcd), 60):
            raise FatalError("starting kubernetes: preparing server: etcd does not become healthy")
        try:
            log.info("Reconciling bootstrap data between datastore and disk")
            bootstrap.reconcile(etcd, self.paths, password)
        except sealed.WrongTokenError as error:
            raise FatalError(f"starting kubernetes: preparing server: {error}") from None
        finally:
            self.children.stop()
        issue_leaves(self.paths, server_leaves(self.options, self.machine))
        passwords(self.options, self.paths).write(self.paths)


def _leads(etcd: Etcd) -> bool:
    try:
        return bool(int(etcd.call("maintenance/status", seconds=3).get("leader", "0")))
    except (OSError, EtcdError):
        return False


def _is_tls(flag: str) -> bool:
    name = flag.partition("=")[0].removeprefix("--")
    return name.endswith(("-file", "-cert-auth")) or flag == "--listen-metrics-urls="
