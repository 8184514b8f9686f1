"""A cluster of Proxmox VE (8.x or 9.x) that is not there: real HTTPS, true refusals, no virtual machines.

It serves, on free ports of loopback, the paths of pveproxy's API that are needed to make and keep virtual
machines; `proxmoxer` talks to it unchanged. What the real one refuses, it refuses with the same status and
words: privileges by path, the rules of parameters and property strings (rules.json), locks, digests, numbers
taken, storages that are full or unfit. What takes time is a task with a UPID and a log.

    from tests.proxmox_simulator import Host, Simulator, Storage

    host = Host("pve1", memory_bytes=64 * 2**30, cores=16, storages=(Storage("local"), Storage("local-lvm")))
    with Simulator.start(hosts=(host,), version="8.4.1", machines=None) as proxmox:
        secret = proxmox.create_token("homeostat@pve!platform", {"/": {"VM.Allocate", "VM.Audit"}})
        api = ProxmoxAPI(proxmox.url.removeprefix("https://"), user="homeostat@pve", token_name="platform",
                         token_value=secret, verify_ssl=str(proxmox.ca_file))

The test's side:
    url, urls[host], ca_file            where it listens; any host's address serves the whole cluster
    create_token, create_user, revoke_token, root_password
    requests                            (method, path, parameters) in order; paths are below /api2/json
    vms[vmid]                           name, host, config, pending, status, digest: to read, and to change
    tasks, storage(name, host=None)     what ran; a storage with its volumes
    latency_seconds                     of every request
    fail(method, pattern, status, times, after_effect, message); close_connection(...); clear_faults()
                                        patterns are a shell's, below /api2/json: "/nodes/*/qemu/*/clone"
    slow_task(kind, seconds), held_task(kind) (a block), fail_task(kind, log_lines, times)
    lock(vmid, kind), unlock(vmid), held_lock_file(vmid) (a block), lock_timeout_seconds
    fill(storage, host=None), make_space(storage); take_offline(host), bring_online(host)
`machines` (a Protocol) is what stands behind the VMs where they shall be more than states.

Behaviour that no document states is from memory of the real one; such places say so. Two that surprise: a
template on LVM-thin can be deleted under its linked clones (their volumes don't name their base; on dir,
NFS and ZFS it is refused), and a new VM is in its pool only once its task has ended. A mistake of the
simulator itself is raised when the block is left. Not simulated: backups, firewalls, consoles, containers.
"""

from tests.proxmox_simulator.gateway import Request
from tests.proxmox_simulator.hosts import Host, Storage
from tests.proxmox_simulator.simulator import Simulator
from tests.proxmox_simulator.vms import Machines, VirtualMachine

__all__ = ["Host", "Machines", "Request", "Simulator", "Storage", "VirtualMachine"]
