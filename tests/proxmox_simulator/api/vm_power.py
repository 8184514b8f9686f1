"""Starting and stopping VMs."""

import time
from collections.abc import Callable

from tests.proxmox_simulator.accounts import ROOT
from tests.proxmox_simulator.cluster import Call, Cluster
from tests.proxmox_simulator.hosts import Host
from tests.proxmox_simulator.refusal import failure
from tests.proxmox_simulator.routes import route
from tests.proxmox_simulator.tasks import Task
from tests.proxmox_simulator.vms import VirtualMachine

#: until the HA manager has seen what was asked for; ten seconds with the real one
_MANAGER_SECONDS = 0.2


def start_vm(cluster: Cluster, vm: VirtualMachine) -> None:
    """Take up what was pending, and run."""
    if vm.is_running:
        raise failure(f"VM {vm.vmid} already running")
    with cluster.lock:
        apply_pending(vm)
        vm.write_drive()
    _check_host_has(cluster.hosts[vm.host], vm)
    if cluster.machines:
        cluster.machines.start(vm)
    with cluster.lock:
        vm.status, vm.started_at = "running", time.monotonic()


def _check_host_has(host: Host, vm: VirtualMachine) -> None:
    """Cores, bridges and devices are looked for when the VM starts, not when they are configured."""
    if int(vm.config.get("cores", "1")) * int(vm.config.get("sockets", "1")) > host.cores:
        raise failure(f"MAX {host.cores} vcpus allowed per VM on this node")
    for key, value in vm.config.items():
        parts = dict(part.split("=", 1) for part in value.split(",") if "=" in part)
        if key.startswith("net") and parts.get("bridge", host.bridges[0]) not in host.bridges:
            raise failure(f"bridge '{parts['bridge']}' does not exist")
        if key.startswith("hostpci") and parts.get("mapping", "") not in ("", *host.pci_mappings):
            raise failure(f"PCI device mapping not found for '{parts['mapping']}'")


def apply_pending(vm: VirtualMachine) -> None:
    """Let pending changes become the configuration."""
    for key, value in vm.pending.items():
        if value is None:
            vm.config.pop(key, None)
        else:
            vm.config[key] = value
    vm.pending.clear()


def _stopped(cluster: Cluster, vm: VirtualMachine, end: Callable[[int], None] | None) -> None:
    if end:
        end(vm.vmid)
    with cluster.lock:
        vm.status = "stopped"
        apply_pending(vm)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/start")
def start(call: Call) -> str:
    call.check_skiplock()
    vm = call.vm
    if vm.is_template:
        raise failure("you can't start a vm if it's a template")

    def work(task: Task) -> None:
        if not call.flag("skiplock"):
            vm.check_lock()
        start_vm(call.cluster, vm)

    return _through_ha(call, vm, "start", work)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/stop")
def stop(call: Call) -> str:
    call.check_skiplock()
    vm, machines = call.vm, call.cluster.machines

    def work(task: Task) -> None:
        if not vm.is_running:
            task.tell("VM not running")
            return
        if not call.flag("skiplock"):
            vm.check_lock()
        _stopped(call.cluster, vm, machines.stop if machines else None)

    return _through_ha(call, vm, "stop", work)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/shutdown")
def shutdown(call: Call) -> str:
    call.check_skiplock()
    vm, machines = call.vm, call.cluster.machines

    def work(task: Task) -> None:
        _check_running(vm)
        if not call.flag("skiplock"):
            vm.check_lock()
        _stopped(call.cluster, vm, machines.shutdown if machines else None)

    return _through_ha(call, vm, "shutdown", work)


def _check_running(vm: VirtualMachine) -> None:
    if not vm.is_running:
        raise failure(f"VM {vm.vmid} not running")


@route("POST", "/nodes/{node}/qemu/{vmid}/status/reboot")
def reboot(call: Call) -> str:
    vm, machines = call.vm, call.cluster.machines
    _check_running(vm)

    def work(task: Task) -> None:
        vm.check_lock()
        _stopped(call.cluster, vm, machines.shutdown if machines else None)
        start_vm(call.cluster, vm)

    return call.start_locked_task("qmreboot", work)


@route("POST", "/nodes/{node}/qemu/{vmid}/status/reset")
def reset(call: Call) -> str:
    call.check_skiplock()
    vm, machines = call.vm, call.cluster.machines
    _check_running(vm)

    def work(task: Task) -> None:
        if machines:  # the process stays, so what is pending stays pending
            machines.stop(vm.vmid)
            machines.start(vm)

    return call.start_locked_task("qmreset", work)


def _through_ha(call: Call, vm: VirtualMachine, action: str, work: Callable[[Task], None]) -> str:
    """A VM that HA manages is started and stopped by the HA manager: the caller's task only asks for it."""
    resource = call.cluster.ha.resources.get(f"vm:{vm.vmid}")
    if resource is None or resource["state"] == "ignored":
        return call.start_locked_task(f"qm{action}", work)
    resource["state"] = "started" if action == "start" else "stopped"
    locked = call.under(call.cluster.file_locks.exclusive(vm.vmid), work)
    return ha_task(call, "start" if action == "start" else "stop", f"qm{action}", locked)


def ha_task(call: Call, request: str, kind: str, work: Callable[[Task], None]) -> str:
    """Ask the HA manager: a task that ends at once, while the manager's own task does the work."""

    def act(task: Task) -> None:
        call.cluster.tasks.pause(task, _MANAGER_SECONDS)
        work(task)

    def ask(task: Task) -> None:
        task.tell(f"Requesting HA {request} for VM {call.vmid}")
        call.cluster.tasks.start(call.host, kind, str(call.vmid), ROOT, act)

    return call.start_task(f"ha{request}", ask)
