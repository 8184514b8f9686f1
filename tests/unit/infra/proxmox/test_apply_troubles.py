"""What goes wrong while a plan is done is told in a sentence, and gone on with by the next run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest

from infra.proxmox.errors import NotSuitable, ProxmoxError
from infra.proxmox.plan.actions import Kind
from tests.apiserver import await_
from tests.proxmox_simulator import VirtualMachine
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import SERVERS, TOKEN, Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


def test_somebody_elses_change_between_plan_and_apply_is_not_overwritten(site: Site):
    site.apply(site.definition())
    more = site.definition(node("server-1", 1, cores=4), SERVERS[1])
    agreed = site.plan(more)
    site.vm().config["cores"] = "3"
    assert "somebody changed cores after the plan" in site.do(agreed, more).failures["server-1"]
    assert site.vm().config["cores"] == "3"


def test_a_note_that_somebody_writes_meanwhile_is_no_conflict(site: Site):
    site.apply(site.definition())
    more = site.definition(node("server-1", 1, cores=4), SERVERS[1])
    agreed = site.plan(more)
    site.vm().config["description"] = "under the desk"
    assert not site.do(agreed, more).failures


def test_a_locked_machine_is_waited_for(site: Site):
    site.apply(site.definition())
    site.proxmox.lock(201, "backup")
    timer = Timer(0.5, site.proxmox.unlock, [201])
    timer.start()
    more = site.definition(node("server-1", 1, disk="40GiB"), SERVERS[1])
    assert not site.apply(more).failures
    timer.join()
    assert any("backup" in line for line in site.told)


def test_one_machines_failure_does_not_stop_the_others(site: Site):
    site.make_template()
    site.proxmox.fail_task("qmclone", ["lvcreate: command failed", "storage is broken"])
    outcome = site.apply(site.definition())
    (failure,) = outcome.failures.values()
    assert "storage is broken" in failure
    assert "lvcreate: command failed" in failure
    assert len([vmid for vmid in (201, 202) if vmid in site.proxmox.vms]) == 1
    assert not site.apply(site.definition()).failures


def test_a_storage_that_is_full_is_a_mistake_before_anything_is_done(site: Site):
    site.proxmox.fill("local-lvm")
    with pytest.raises(NotSuitable, match="GiB are free"):
        site.apply(site.definition())
    assert not site.writes()


def test_a_storage_that_fills_up_meanwhile_is_told(site: Site):
    site.make_template()
    both = site.definition()
    agreed = site.plan(both)
    site.proxmox.fill("local-lvm")
    outcome = site.do(agreed, both)
    assert "space" in outcome.failures["server-1"]
    site.proxmox.make_space("local-lvm")
    assert not site.apply(both).failures


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/nodes/*/qemu/*/clone"),
        ("PUT", "/nodes/*/qemu/*/config"),
        ("PUT", "/nodes/*/qemu/*/resize"),
        ("POST", "/nodes/*/qemu/*/status/start"),
    ],
)
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_neither_doubles_nor_forgets_a_write(
    site: Site, method: str, path: str, after_effect: bool
):
    site.make_template()
    site.proxmox.fail(method, path, status=596, after_effect=after_effect)
    definition = site.definition()
    assert not site.apply(definition).failures
    assert site.plan(definition).empty
    effects = [task.kind for task in site.proxmox.tasks if task.kind in {"qmclone", "qmstart"}]
    assert effects.count("qmclone") == 2
    assert effects.count("qmstart") == 2


def test_a_missing_privilege_is_named_with_the_command_that_gives_it(site: Site):
    site.secret = site.proxmox.create_token(
        TOKEN, {"/": {"VM.Audit", "Datastore.Audit", "Sys.Audit", "SDN.Audit", "SDN.Use", "VM.Allocate"}}
    )
    with pytest.raises(ProxmoxError, match="pveum"):
        site.apply(site.definition())


def test_a_clone_without_its_tags_is_gone_on_with(site: Site):
    site.make_template()
    site.proxmox.fail(
        "PUT", "/nodes/*/qemu/201/config", status=403, times=1, message="Permission check failed"
    )
    both = site.definition()
    assert "server-1" in site.apply(both).failures
    assert "homeostat-home" not in site.vm().config["tags"]
    assert [action.kind for action in site.plan(both).actions] == [Kind.CONFIGURE, Kind.GROW, Kind.START]
    assert not site.apply(both).failures
    assert site.plan(both).empty


def test_a_clone_that_still_runs_is_waited_for(site: Site):
    site.make_template()
    both = site.definition()
    agreed = site.plan(both)
    with site.session(both) as session, site.proxmox.held_task("qmclone"), suppress(ProxmoxError):
        clone = next(action for action in agreed.actions if action.kind is Kind.CLONE)
        session.create(f"/nodes/{clone.host}/qemu/9000/clone", **clone.parameters)
    assert not site.apply(both).failures
    assert [task.kind for task in site.proxmox.tasks].count("qmclone") == 2


def test_a_machine_that_an_earlier_apply_is_starting_is_no_failure(site: Site):
    definition = site.definition()
    site.apply(definition)
    site.vm().status = "stopped"

    def starts() -> int:
        return [task.kind for task in site.proxmox.tasks].count("qmstart")

    before = starts()
    with ThreadPoolExecutor(1) as pool:
        with site.proxmox.held_task("qmstart"), site.session(definition) as session:
            session.create("/nodes/pve1/qemu/201/status/start")
            second = pool.submit(site.apply, definition)
            await_("both want to start it", lambda: starts() == before + 2)
        assert not second.result().failures
    assert site.vm().status == "running"


def test_a_number_that_is_taken_meanwhile_is_refused(site: Site):
    site.make_template()
    both = site.definition()
    agreed = site.plan(both)
    site.proxmox.vms[201] = VirtualMachine(
        201, "pve1", {"name": "nas", "scsi0": "local-lvm:vm-201-disk-0,size=8G"}
    )
    outcome = site.do(agreed, both)
    assert "choose another vmid" in outcome.failures["server-1"]
    assert site.vm().config["name"] == "nas"


def test_a_machine_that_does_not_answer_is_told_with_what_to_look_at(site: Site):
    outcome = site.apply(site.definition(), reachable=lambda address, port=22: False, reachable_seconds=0.0)
    assert "no SSH answers at 192.168.20.11" in outcome.failures["server-1"]


def test_a_change_in_the_very_moment_of_ours_is_not_overwritten(site: Site):
    site.apply(site.definition())
    site.vm().config["onboot"] = "0"
    changed = "detected modified configuration - file changed by other user? Try again."
    site.proxmox.fail("PUT", "/nodes/*/qemu/201/config", status=500, message=changed)
    outcome = site.apply(site.definition())
    assert "server-1" in outcome.failures
    assert all("digest" in request[2] for request in site.writes() if request[1].endswith("/201/config"))
    assert not site.apply(site.definition()).failures


def test_a_server_that_fails_to_restart_keeps_the_others_from_it(site: Site):
    site.apply(site.definition())
    both = site.definition(*({**one, "cores": 4} for one in SERVERS))
    site.proxmox.fail_task("qmreboot", ["VM quit/powerdown failed - got timeout"])
    outcome = site.apply(both, Kind.RESTART)
    assert list(outcome.failures) == ["server-1"]
    assert {action.name for action in outcome.left if action.kind is Kind.RESTART} == {"server-1", "agent-1"}
    assert not site.apply(both, Kind.RESTART).left
