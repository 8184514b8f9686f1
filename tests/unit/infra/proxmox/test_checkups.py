"""What the doctor finds in Proxmox, against a simulated one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from homeostat.doctor import Finding, Level, run_all
from infra.definition.document import Definition
from infra.proxmox.checks.reach import _expiry
from infra.proxmox.checkups import checkups, checkups_of
from infra.proxmox.privileges import by_path
from tests.proxmox_simulator import Host, Simulator, Storage
from tests.unit.infra.proxmox import samples

TOKEN = "homeostat@pve!platform"
GIB = 2**30
Doctor = Callable[..., Mapping[str, Finding]]


@pytest.fixture
def proxmox() -> Iterator[Simulator]:
    with Simulator.start() as simulator:
        yield simulator


def define(simulator: Simulator, *nodes: dict[str, Any], **more: Any) -> Definition:
    reach = {"endpoints": [simulator.url], "ca_file": simulator.ca_file}
    return samples.definition(*nodes, proxmox=reach | more)


def examine(
    simulator: Simulator, *nodes: dict[str, Any], secret: str | None = None, **more: Any
) -> Mapping[str, Finding]:
    """All findings by name; the token has the least privileges unless another ``secret`` is given."""
    definition = define(simulator, *nodes, **more)
    token = secret or simulator.create_token(TOKEN, by_path(definition))
    found = run_all(list(checkups_of(definition, lambda: token)))
    return {one.name: one.finding for one in found}


def test_all_is_well_with_the_least_privileges(proxmox: Simulator) -> None:
    found = examine(proxmox)
    assert {name for name, one in found.items() if one.level is not Level.OK} == {"proxmox VLAN"}
    assert found["proxmox VLAN"].level is Level.SKIPPED


def test_a_wrong_secret_is_one_failure_and_the_rest_is_skipped(proxmox: Simulator) -> None:
    proxmox.create_token(TOKEN)
    found = examine(proxmox, secret="11111111-2222-3333-4444-555555555555")
    assert [name for name, one in found.items() if one.level is Level.FAILED] == ["proxmox answers"]
    assert "pveum user token" in found["proxmox answers"].sentence


def test_an_old_version_is_told() -> None:
    with Simulator.start(version="8.1.4") as old:
        assert "8.4" in examine(old)["proxmox answers"].sentence


def test_a_certificate_of_another_authority_is_told(proxmox: Simulator) -> None:
    with Simulator.start() as other:
        found = examine(proxmox, ca_file=other.ca_file)
    assert "pve-root-ca.pem" in found["proxmox certificate"].remedy


def test_an_endpoint_that_is_down_is_a_warning_while_another_answers(proxmox: Simulator) -> None:
    with Simulator.start() as other:
        gone = other.url
    found = examine(proxmox, endpoints=[gone, proxmox.url])
    assert found["proxmox certificate"].level is Level.WARNING
    assert found["proxmox answers"].level is Level.OK


def test_a_certificate_that_expires_soon_is_a_warning() -> None:
    assert "expires in" in _expiry("pve1", "Jan  1 00:00:00 2020 GMT").sentence
    assert _expiry("pve1", "Jan  1 00:00:00 2120 GMT").level is Level.OK


def test_missing_rights_are_named_with_the_commands(proxmox: Simulator) -> None:
    held = {path: names - {"VM.Clone"} for path, names in by_path(define(proxmox)).items()}
    finding = examine(proxmox, secret=proxmox.create_token(TOKEN, held))["proxmox token's rights"]
    assert "VM.Clone on /vms" in finding.sentence
    assert "pveum acl modify /vms" in finding.remedy


def test_an_unknown_host_a_missing_storage_and_a_missing_bridge_are_told(proxmox: Simulator) -> None:
    one = samples.node("server-1", 1, host="pve7")
    two = samples.node("agent-1", 2, role="agent", storage="ceph")
    root = proxmox.create_token(TOKEN)
    sentence = examine(proxmox, one, two, secret=root, bridge="vmbr9", template=template(host="pve1"))[
        "proxmox hosts"
    ].sentence
    assert "pve7" in sentence
    assert "ceph" in sentence
    assert "vmbr9" in sentence


def template(**more: Any) -> dict[str, Any]:
    return {
        "image": "https://images.example/debian.qcow2",
        "checksum": {"algorithm": "sha512", "value": "0" * 128},
    } | more


def test_memory_and_space_that_do_not_suffice_are_told() -> None:
    storages = (Storage("local"), Storage("local-lvm", "lvm", size_bytes=10 * GIB))
    with Simulator.start(hosts=(Host(memory_bytes=2 * GIB, storages=storages),)) as small:
        sentence = examine(small)["proxmox hosts"].sentence
    assert "memory" in sentence
    assert "make space" in sentence


def test_a_storage_that_takes_no_images_to_import_is_told_with_the_command() -> None:
    storages = (Storage("local", content=("iso",)), Storage("local-lvm"))
    with Simulator.start(hosts=(Host(storages=storages),)) as other:
        assert "pvesm set local --content import,iso" in examine(other)["proxmox template"].sentence


def test_a_strangers_machine_at_our_number_is_told(proxmox: Simulator) -> None:
    strange(proxmox, 201)
    assert "201" in examine(proxmox)["proxmox machine numbers"].sentence


def test_a_number_that_a_machine_has_which_the_token_may_not_see_is_told(proxmox: Simulator) -> None:
    strange(proxmox, 201)
    held = {path: names - {"VM.Audit"} for path, names in by_path(define(proxmox)).items()}
    finding = examine(proxmox, secret=proxmox.create_token(TOKEN, held))["proxmox machine numbers"]
    assert "which a machine has that the token may not see" in finding.sentence


def strange(proxmox: Simulator, vmid: int) -> None:
    from infra.proxmox.api import tasks  # noqa: PLC0415 - only here
    from infra.proxmox.api.session import Session  # noqa: PLC0415 - only here

    token = proxmox.create_token("root@pam!other")
    definition = samples.definition(
        proxmox={"endpoints": [proxmox.url], "ca_file": proxmox.ca_file, "token": {"id": "root@pam!other"}}
    )
    with Session.open(definition.proxmox, token) as session:
        upid = session.create("/nodes/pve1/qemu", vmid=vmid, name="somebody")
        tasks.follow(session, upid, lambda _: None, 20.0)


def test_without_a_definition_every_checkup_is_skipped(tmp_path: Any) -> None:
    found = run_all(list(checkups(tmp_path, tmp_path / "state")))
    assert len(found) >= 8
    assert all(one.finding.level is Level.SKIPPED for one in found)
