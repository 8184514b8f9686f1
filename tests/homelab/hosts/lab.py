"""A lab: a network of its own, the hosts in it, and what they can reach."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.linux.marks import MARKS_VARIABLE, with_marks
from tests.homelab.hosts import claims, network
from tests.homelab.hosts.base import base
from tests.homelab.hosts.claims import Claim
from tests.homelab.hosts.command import run
from tests.homelab.hosts.disk import Disk, require_overlays
from tests.homelab.hosts.host import Ground, Host
from tests.homelab.hosts.repository import repository
from tests.homelab.hosts.web import Shelves, Web


class Lab:
    """Made by :meth:`open`; as a context manager it removes itself with all its hosts at the end.

    Attributes:
        folder: what the lab writes; it goes with the lab.
        files: a folder that hosts read at :attr:`files_url`.
        parts: a folder that hosts started from now on see, read-only, at ``/opt/parts``.
        key: the private SSH key of the lab, and ``public_key`` the text for ``authorized_keys``.
        hosts: by name.
    """

    def __init__(self, claim: Claim, parts: Path | None) -> None:
        self.folder = claim.folder
        self.parts = parts
        self.hosts: dict[str, Host] = {}
        self._claim = claim
        self._base = base()
        self._changing = threading.Lock()
        require_overlays(self._base, self.folder)
        self.files = self.folder / "files"
        self.files.mkdir()
        self.key = self.folder / "id_ed25519"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", claim.lab, "-f", str(self.key))
        self.public_key = self.key.with_suffix(".pub").read_text(encoding="utf-8").strip()
        self._environment = {
            "PATH": os.environ["PATH"],
            MARKS_VARIABLE: with_marks(os.environ, claim.mark),
        }
        self._network = network.create(claim.lab, claim.network, self._environment)
        self._shelves = Shelves({"files": self.files, "apt": repository(self._base)})
        self._web = Web(str(self.address), self._shelves)

    @classmethod
    def open(cls, folder: Path, parts: Path | None = None) -> Self:
        """Make a lab in ``folder``, after sweeping away those whose processes were killed.

        Raises:
            MachineError: when this machine can't hold one.
        """
        claim = claims.claim(folder.resolve())
        try:
            return cls(claim, parts)
        except BaseException:
            claim.release()
            raise

    @property
    def name(self) -> str:
        """Its name among the labs of this machine."""
        return self._claim.lab

    @property
    def network(self) -> IPv4Network:
        """Its /24: hosts take any address but the first and the last."""
        return self._claim.network

    @property
    def gateway(self) -> IPv4Address:
        """What hosts have as default gateway and name server: it answers that all else is unreachable."""
        return self._network.gateway

    @property
    def address(self) -> IPv4Address:
        """This machine, as the hosts see it: a server for them listens here."""
        return self._network.machine

    @property
    def files_url(self) -> str:
        """Where hosts read :attr:`files`."""
        return f"{self._web.url}/files"

    @property
    def apt_url(self) -> str:
        """The apt repository that hosts have as their only source."""
        return f"{self._web.url}/apt"

    def git_url(self, repository: Path) -> str:
        """Where hosts read the bare repository, over git's smart HTTP."""
        self._shelves.repositories[repository.name] = repository.resolve()
        return f"{self._web.url}/git/{repository.name}"

    def create(
        self,
        name: str,
        address: str | IPv4Address,
        user: str = "homeostat",
        authorized_keys: Sequence[str] | None = None,
    ) -> Host:
        """Make a host that is switched off, as if cloned from a cloud image and set up by cloud-init.

        Args:
            name: its hostname.
            address: one of the lab's network.
            user: may log in with the keys and use sudo without a password.
            authorized_keys: the lab's own key when there are none.

        Raises:
            ValueError: when another host has the name or the address, or it is outside of the network.
        """
        wanted = IPv4Address(address)
        host = Host(
            name, wanted, user, Disk(self._base, self.folder / "hosts" / name), self._ground(), self._forget
        )
        with self._changing:
            if wanted not in self.network or wanted in {
                self.network[0],
                self.gateway,
                self.address,
                self.network[-1],
            }:
                raise ValueError(f"{address} is no address for a host of {self.network}.")
            if name in self.hosts or wanted in {other.address for other in self.hosts.values()}:
                raise ValueError(f"the lab has a host {name} or one with the address {address} already.")
            self.hosts[name] = host
        try:
            host.prepare(authorized_keys if authorized_keys is not None else [self.public_key])
        except BaseException:
            host.delete()
            raise
        return host

    def close(self) -> None:
        """Cut the power of all hosts, and remove the lab."""
        try:
            for host in tuple(self.hosts.values()):
                host.kill()
            self._web.close()
            self._network.holder.kill()
            self._network.holder.wait()
        finally:
            self._claim.release()

    def _ground(self) -> Ground:
        return Ground(self.name, self._network, self._environment, self.apt_url, lambda: self.parts)

    def _forget(self, host: Host) -> None:
        with self._changing:
            del self.hosts[host.name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
