"""How tests talk to the simulator: proxmoxer, with the steps that every test needs."""

import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
from proxmoxer import ProxmoxAPI
from proxmoxer.core import ResourceException

from tests.proxmox_simulator import Simulator

#: far more than is needed: the machine may be busy
PATIENCE_SECONDS = 30.0


@dataclass
class Client:
    api: Any
    host: str = "pve1"

    @classmethod
    def by_token(cls, proxmox: Simulator, name: str, secret: str, url: str | None = None) -> "Client":
        user, token = name.split("!")
        address = (url or proxmox.url).removeprefix("https://")
        trusted = str(proxmox.ca_file)
        return cls(
            ProxmoxAPI(
                address, user=user, token_name=token, token_value=secret, verify_ssl=trusted, timeout=30
            )
        )

    @classmethod
    def by_password(cls, proxmox: Simulator, user: str, password: str) -> "Client":
        address = proxmox.url.removeprefix("https://")
        return cls(
            ProxmoxAPI(address, user=user, password=password, verify_ssl=str(proxmox.ca_file), timeout=30)
        )

    @classmethod
    def with_privileges(cls, proxmox: Simulator, privileges: dict[str, set[str]]) -> "Client":
        return cls.by_token(proxmox, "some@pve!one", proxmox.create_token("some@pve!one", privileges))

    @property
    def node(self) -> Any:
        return self.api.nodes(self.host)

    def vm(self, vmid: int) -> Any:
        return self.node.qemu(vmid)

    def config(self, vmid: int) -> dict[str, Any]:
        return self.vm(vmid).config.get()

    def ended(self, upid: str) -> str:
        """The exit status of a task, awaited."""
        task = self.api.nodes(upid.split(":")[1]).tasks(upid).status
        end = time.monotonic() + PATIENCE_SECONDS
        while (status := task.get())["status"] != "stopped":
            assert time.monotonic() < end, f"{upid} goes on"
        return status["exitstatus"]

    def done(self, upid: str) -> None:
        assert self.ended(upid) == "OK"

    def create(self, vmid: int, **settings: Any) -> None:
        self.done(self.node.qemu.post(vmid=vmid, **settings))

    def create_template(self, vmid: int, storage: str = "local-lvm", **settings: Any) -> None:
        self.create(vmid, name=f"template-{vmid}", scsi0=f"{storage}:8", **settings)
        self.done(self.vm(vmid).template.post())


def refused(status: int, sentence: str) -> Any:
    """Expect a refusal with that status and (part of) that sentence."""
    return pytest.raises(ResourceException, match=f"(?s)^{status} .*{re.escape(sentence)}")
