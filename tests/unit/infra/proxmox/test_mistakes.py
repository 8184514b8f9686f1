"""What Proxmox knows to be wrong is told at once, in one sentence each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.proxmox.found import FoundMachine, FoundStorage, Landscape
from infra.proxmox.plan.difference import difference
from infra.proxmox.plan.mistakes import mistakes
from infra.proxmox.wanted import TEMPLATE_MARK, Wanted
from tests.unit.infra.proxmox.samples import GIB, TEMPLATE, as_wanted, landscape, node, wishes

FOREIGN = FoundMachine(
    vmid=201, name="nas", host="pve1", running=True, config={"scsi0": "local-lvm:x,size=8G"}
)
LOCAL = wishes()
ON_CEPH = wishes(node("server-1", 1, storage="ceph"))
BALLOON = {"memory_minimum": "8GiB"}
SMALL = FoundStorage("local-lvm", "pve1", False, True, frozenset({"images"}), 40 * GIB, 0)

CASES: dict[str, tuple[Wanted, Landscape, str]] = {
    "host": (
        wishes(node("a", 1, host="pve7")),
        landscape(),
        "host is 'pve7', which is none of Proxmox's: pve1",
    ),
    "storage": (
        wishes(node("a", 1, storage="nvme")),
        landscape(),
        "which host pve1 does not have; it has: ceph",
    ),
    "content": (
        LOCAL,
        landscape(storages=[replace(SMALL, content=frozenset({"iso"}))]),
        "does not take disk images",
    ),
    "bridge": (wishes(proxmox={"bridge": "vmbr7"}), landscape(), "bridge is 'vmbr7'"),
    "mapping": (wishes(node("a", 1, gpu={"mapping": "npu"})), landscape(), "gpu.mapping is 'npu'"),
    "mapping elsewhere": (
        wishes(node("a", 1, host="pve2", gpu={"mapping": "gpu"})),
        landscape(),
        "no device on host pve2",
    ),
    "memory": (
        wishes(node("a", 1, memory="40GiB"), node("b", 2, memory="40GiB")),
        landscape(),
        "its 2 nodes can't do with less than 80 GiB of memory, and it has 64 GiB",
    ),
    "memory that is pinned": (
        wishes(node("a", 1, memory="40GiB"), node("b", 2, memory="40GiB", gpu={"mapping": "gpu"}, **BALLOON)),
        landscape(),
        "can't do with less than 80 GiB of memory",
    ),
    "space": (
        wishes(node("a", 1), node("b", 2)),
        landscape(storages=[SMALL]),
        "want 64 GiB, and 40 GiB are free",
    ),
    "space for the copies alone": (
        wishes(node("a", 1), node("b", 2)),
        landscape(storages=[replace(SMALL, kind="lvmthin", used_bytes=35 * GIB)]),
        "storage local-lvm on pve1: copies of the template alone want 6 GiB, and 5 GiB are free",
    ),
    "vmid": (
        LOCAL,
        landscape(FOREIGN),
        "VMID 201 belongs to 'nas' on pve1, which this platform did not make",
    ),
    "container": (LOCAL, landscape(replace(FOREIGN, is_container=True, config=None)), "VMID 201 belongs to"),
    "half made": (LOCAL, landscape(replace(FOREIGN, lock="clone")), "left half made"),
    "name": (LOCAL, landscape(replace(FOREIGN, vmid=300, name="server-1")), "rename one of them"),
    "shrunk": (
        wishes(node("server-1", 1, disk="16GiB")),
        landscape(as_wanted(LOCAL)),
        "its disk has 32 GiB and is never shrunk",
    ),
    "other storage": (ON_CEPH, landscape(as_wanted(LOCAL)), "but its disk lies on 'local-lvm'"),
    "runs elsewhere": (LOCAL, landscape(as_wanted(LOCAL, host="pve2")), "drain the node and shut it down"),
    "ha": (wishes(node("a", 1, ha=True)), landscape(), "use a shared storage, or set ha to false"),
    "ha group": (
        wishes(node("a", 1, ha=True, storage="ceph"), proxmox={"ha_group": "all"}),
        landscape(),
        "there is no such HA group; there are: none",
    ),
    "template's vmid": (
        LOCAL,
        landscape(machines=[replace(FOREIGN, vmid=9000)]),
        "proxmox.template.vmid is 9000, which belongs to 'nas'",
    ),
    "image": (
        LOCAL,
        landscape(machines=(), storages=[SMALL, replace(SMALL, name="local")]),
        "pvesm set local --content images,import",
    ),
    "linked elsewhere": (
        wishes(node("a", 1, host="pve2"), proxmox={"clone": "linked"}),
        landscape(),
        "write proxmox.clone: full",
    ),
    "storage of another host": (
        wishes(node("a", 1, host="pve2", storage="nvme")),
        landscape(storages=[SMALL, replace(SMALL, name="nvme", host="pve2")]),
        "write a storage that both have",
    ),
    "smaller than the template": (
        LOCAL,
        landscape(machines=[replace(TEMPLATE, config={"scsi0": "local-lvm:base-9000-disk-0,size=50G"})]),
        "but the template's has 50 GiB",
    ),
    "address of one that left": (
        wishes(node("server-2", 1, vmid=202)),
        landscape(as_wanted(LOCAL)),
        "is still that of machine 201 'server-1'; remove it first: homeostat proxmox destroy --node server-1",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told(case: str):
    want, found, sentence = CASES[case]
    told = "\n".join(mistakes(want, found))
    assert sentence in told


def test_a_number_that_changed_names_the_way_out():
    renumbered = wishes(node("server-1", 5, address="192.168.20.11"))
    told = "\n".join(mistakes(renumbered, landscape(as_wanted(LOCAL))))
    assert "it is machine 201 already" in told
    assert "homeostat proxmox destroy --node server-1" in told


def test_memory_that_the_host_can_take_back_is_no_mistake_but_a_note():
    want = wishes(node("a", 1, memory="40GiB", **BALLOON), node("b", 2, memory="40GiB", **BALLOON))
    assert not mistakes(want, landscape())
    (note,) = difference(want, landscape()).notes
    assert note == "host pve1 has 64 GiB of memory; this cluster may take 80 GiB."


@pytest.mark.parametrize(
    ("kind", "is_thin"),
    [("lvm", False), ("iscsi", False), ("lvmthin", True), ("zfspool", True), ("rbd", True), ("dir", True)],
)
def test_a_thin_storage_may_be_promised_more_than_it_has(kind: str, is_thin: bool):
    want = wishes(node("a", 1), node("b", 2))
    small = landscape(storages=[replace(SMALL, kind=kind)])
    notes = difference(want, small).notes
    assert bool(mistakes(want, small)) == (not is_thin)
    assert bool(notes) == is_thin
    assert all("may come to 64 GiB, and 40 GiB are free" in note for note in notes)


def test_all_mistakes_are_told_at_once():
    want = wishes(node("a", 1, host="pve7"), node("b", 2, storage="nvme"), proxmox={"bridge": "vmbr7"})
    assert len(mistakes(want, landscape())) == 3


def test_an_interrupted_clone_of_ours_is_not_somebody_elses():
    clone = as_wanted(LOCAL, tags=frozenset({"homeostat", "homeostat-template"}), running=False)
    assert not mistakes(LOCAL, landscape(clone))


def test_a_template_that_has_no_tags_yet_is_not_somebody_elses():
    options = {"name": TEMPLATE.name, "description": TEMPLATE_MARK, "scsi0": "local-lvm:x,size=3G"}
    unfinished = replace(TEMPLATE, is_template=False, tags=frozenset(), config=options)
    assert not mistakes(LOCAL, landscape(machines=[unfinished]))
    renamed = replace(unfinished, name="nas")
    assert "belongs to 'nas'" in "\n".join(mistakes(LOCAL, landscape(machines=[renamed])))


def test_a_machine_of_ours_is_known_when_its_tags_were_removed_by_hand():
    assert not mistakes(LOCAL, landscape(as_wanted(LOCAL, tags=frozenset())))
