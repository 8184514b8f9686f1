import pytest
import requests

from tests.unit.proxmox_simulator.talking import refused


def test_a_request_fails_as_often_as_asked_before_its_effect(proxmox, admin):
    proxmox.fail("POST", "/nodes/*/qemu", status=596, times=2)
    for _ in range(2):
        with refused(596, ""):
            admin.node.qemu.post(vmid=100)
    assert 100 not in proxmox.vms
    admin.create(100)


def test_an_answer_can_be_lost_after_the_effect(proxmox, admin):
    proxmox.fail(
        "PUT", "/nodes/*/qemu/100/config", status=500, after_effect=True, message="got no worker upid"
    )
    admin.create(100)
    with refused(500, "got no worker upid"):
        admin.vm(100).config.put(cores=4)
    assert admin.config(100)["cores"] == 4


def test_a_failure_comes_with_an_empty_body(proxmox, admin):
    proxmox.fail("GET", "/version", status=502)
    answer = requests.get(f"{proxmox.url}/api2/json/version", verify=str(proxmox.ca_file), timeout=30)
    assert (answer.status_code, answer.content) == (502, b"")


def test_a_connection_can_be_closed_without_an_answer(proxmox, admin):
    proxmox.close_connection("POST", "/nodes/*/qemu", after_effect=True)
    with pytest.raises(requests.exceptions.ConnectionError):
        admin.node.qemu.post(vmid=100)
    assert admin.api.version.get()
    assert 100 in proxmox.vms


def test_latency_is_added_to_each_request(proxmox, admin):
    proxmox.latency_seconds = 0.05
    answer = requests.get(f"{proxmox.url}/api2/json/version", verify=str(proxmox.ca_file), timeout=30)
    assert answer.elapsed.total_seconds() >= 0.05


def test_a_host_that_is_gone_is_known_as_gone_and_not_reached(proxmox, admin):
    admin.host = "pve2"
    admin.create(100)
    proxmox.take_offline("pve2")
    with refused(595, ""):
        admin.config(100)
    assert {row["node"]: row["status"] for row in admin.api.nodes.get()} == {
        "pve1": "online",
        "pve2": "offline",
    }
    assert [row["status"] for row in admin.api.cluster.resources.get(type="vm")] == ["unknown"]
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(f"{proxmox.urls['pve2']}/api2/json/version", verify=str(proxmox.ca_file), timeout=30)
    proxmox.bring_online("pve2")
    assert admin.config(100)


def test_a_host_that_never_was_is_not_found(admin):
    admin.host = "pve9"
    with refused(500, "hostname lookup 'pve9' failed"):
        admin.node.qemu.get()
