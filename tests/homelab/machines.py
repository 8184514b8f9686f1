"""Virtual machines of the simulated Proxmox that are real hosts of the lab, made as cloud-init would."""

from __future__ import annotations

import threading
from ipaddress import IPv4Interface
from urllib.parse import unquote

from tests.homelab.hosts import Host, Lab
from tests.proxmox_simulator.vms import VirtualMachine


class LabMachines:
    """A machine's disk is made at its first start, when its configuration is whole."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._hosts: dict[int, Host] = {}
        self._changing = threading.Lock()

    def start(self, vm: VirtualMachine) -> None:
        """Boot it; the first time with the name, address, user and keys of its configuration."""
        with self._changing:
            if vm.vmid not in self._hosts:
                self._hosts[vm.vmid] = self._made(vm)
        self._hosts[vm.vmid].start()

    def shutdown(self, vmid: int) -> None:
        """Ask its operating system to power off, and wait."""
        self._hosts[vmid].shutdown()

    def stop(self, vmid: int) -> None:
        """Pull the plug."""
        self._hosts[vmid].kill()

    def destroy(self, vmid: int) -> None:
        """Remove it and its disk; it may never have been started."""
        with self._changing:
            host = self._hosts.pop(vmid, None)
        if host is not None:
            host.delete()

    def _made(self, vm: VirtualMachine) -> Host:
        settings = dict(part.split("=", 1) for part in vm.config["ipconfig0"].split(","))
        keys = unquote(vm.config["sshkeys"]).strip().splitlines()
        address = IPv4Interface(settings["ip"]).ip
        return self._lab.create(vm.name, address, vm.config["ciuser"], keys)
