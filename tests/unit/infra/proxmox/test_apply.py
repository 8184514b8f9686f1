"""Plan, apply and plan again, over real HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.proxmox.api.tasks import follow
from infra.proxmox.plan.actions import Kind
from infra.proxmox.property_strings import decoded_keys
from tests.unit.infra.proxmox.samples import KEY, node
from tests.unit.infra.proxmox.site import SERVERS, Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


def test_an_empty_host_gets_the_template_and_the_machines(site: Site):
    outcome = site.apply(site.definition())
    assert not outcome.failures
    server = site.vm(201)
    assert (server.name, server.status, server.config["tags"]) == (
        "server-1",
        "running",
        "homeostat;homeostat-home",
    )
    assert "size=32G" in server.config["scsi0"]
    assert site.vm(9000).is_template


def test_a_plan_that_was_applied_leaves_nothing_to_do(site: Site):
    definition = site.definition()
    site.apply(definition)
    assert site.plan(definition).empty


def test_the_second_apply_writes_nothing(site: Site):
    definition = site.definition()
    site.apply(definition)
    before = len(site.writes())
    site.apply(definition)
    assert len(site.writes()) == before


def test_a_clone_gets_a_mac_address_of_its_own_and_the_owners_key(site: Site):
    site.apply(site.definition())
    first, second = site.vm(201).config["net0"], site.vm(202).config["net0"]
    assert first.startswith("virtio=")
    assert first != second
    assert decoded_keys(site.vm(201).config["sshkeys"]) == (KEY,)


def test_a_change_by_hand_is_shown_and_repaired(site: Site):
    definition = site.definition()
    site.apply(definition)
    site.vm().config |= {"onboot": "0", "tags": "homeostat;homeostat-home;mine"}
    (action,) = site.plan(definition).actions
    assert [(c.field, c.before, c.after) for c in action.changes] == [("onboot", "0", "1")]
    assert not site.apply(definition).failures
    assert site.vm().config["onboot"] == "1"
    assert "mine" in site.vm().config["tags"]


def test_a_change_that_needs_a_restart_waits_for_the_wish(site: Site):
    site.apply(site.definition())
    more = site.definition(node("server-1", 1, cores=4), SERVERS[1])
    outcome = site.apply(more)
    assert [action.kind for action in outcome.left] == [Kind.RESTART]
    assert site.vm().config["cores"] == "2"
    assert [action.kind for action in site.plan(more).actions] == [Kind.RESTART]
    before = len(site.writes())
    site.apply(more)
    assert len(site.writes()) == before
    assert not site.apply(more, Kind.RESTART).left
    assert site.vm().config["cores"] == "4"
    assert site.plan(more).empty


def test_restarts_come_one_after_the_other(site: Site):
    site.apply(site.definition())
    both = site.definition(node("server-1", 1, cores=4), node("agent-1", 2, role="agent", cores=4))
    site.proxmox.slow_task("qmreboot", 0.1)
    site.apply(both, Kind.RESTART)
    first, second = (task for task in site.proxmox.tasks if task.kind == "qmreboot")
    restarts = [request for request in site.proxmox.requests if request[1].endswith("/status/reboot")]
    assert first.ended_at is not None
    assert first.ended_at <= second.started_at
    assert len(restarts) == 2


def test_a_server_serves_again_before_the_next_one_restarts(site: Site):
    names = [node("server-1", 1), node("server-2", 2), node("agent-1", 3, role="agent")]
    site.apply(site.definition(*names))
    answers: list[tuple[str, int]] = []

    def serving(address: str, port: int = 6443) -> bool:
        restarted = [task.id for task in site.proxmox.tasks if task.kind == "qmreboot"]
        answers.append((address, len(restarted)))
        # right after its restart it does not answer
        return len([one for one in answers if one == (address, len(restarted))]) > 1 or not restarted

    more = [{**one, "cores": 4} for one in names]
    outcome = site.apply(site.definition(*more), Kind.RESTART, serving=serving)
    assert not outcome.failures
    asked = [number for address, number in answers if address == "192.168.20.11"]
    assert asked == [0, 1, 1]
    assert "192.168.20.13" not in {address for address, _ in answers}


def test_a_disk_is_grown_and_a_snapshot_taken_before(site: Site):
    site.apply(site.definition())
    larger = site.definition(node("server-1", 1, disk="40GiB"), SERVERS[1])
    site.apply(larger)
    assert "size=40G" in site.vm().config["scsi0"]
    assert len(site.vm().snapshots) == 1
    assert site.plan(larger).empty


def test_two_snapshots_are_kept_and_those_of_people_stay(site: Site):
    site.apply(site.definition())
    with site.session(site.definition()) as session:
        for name in ("mine", *(f"homeostat-2020010{number}-000000" for number in range(3))):
            task = session.create("/nodes/pve1/qemu/201/snapshot", snapname=name)
            follow(session, task, site.told.append, 20)
    site.apply(site.definition(node("server-1", 1, disk="40GiB"), SERVERS[1]))
    kept = sorted(site.vm().snapshots)
    assert "mine" in kept
    assert len(kept) == 3
    assert "homeostat-20200102-000000" in kept


def test_a_stopped_machine_is_started(site: Site):
    definition = site.definition()
    site.apply(definition)
    site.vm().status = "stopped"
    site.apply(definition)
    assert site.vm().status == "running"


def test_a_linked_clone_shares_the_templates_disk(site: Site):
    definition = site.definition(proxmox={"clone": "linked"})
    assert not site.apply(definition).failures
    assert site.plan(definition).empty


def test_a_pool_gets_the_machines(site: Site):
    site.apply(site.definition())
    pooled = site.definition(proxmox={"pool": "homelab"})
    site.secret = site.proxmox.create_token("homeostat@pve!platform")
    with site.session(pooled) as session:
        session.create("/pools", poolid="homelab")
    assert not site.apply(pooled).failures
    assert site.plan(pooled).empty
