"""The list of all resources is up to ten seconds old: how machines of ours are is asked of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.homelab.machines import Machines
from infra.homelab.ssh import ssh_of
from infra.proxmox.destroy import destroy, shutdown_all, targets
from infra.proxmox.drift.check import check
from infra.proxmox.plan.actions import Kind
from tests.proxmox_simulator import Host
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import SERVERS, Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        opened.apply(opened.definition())
        yield opened


def running(site: Site, *nodes: dict[str, object]) -> dict[int, bool | None]:
    definition = site.definition(*nodes)
    with site.session(definition) as session:
        ssh = ssh_of(definition, site.folder / "known_hosts")
        return dict(Machines(definition, session, ssh, site.folder / "observations.jsonl").running())


def test_one_that_was_stopped_a_moment_ago_is_started(site: Site):
    with site.proxmox.held_broadcasts():
        site.vm(201).status = "stopped"
        assert [action.kind for action in site.plan(site.definition()).actions] == [Kind.START]


def test_one_that_was_started_a_moment_ago_is_not_started_again(site: Site):
    site.vm(201).status = "stopped"
    with site.proxmox.held_broadcasts():
        assert not site.apply(site.definition()).failures
        assert site.plan(site.definition()).empty


def test_one_that_was_made_a_moment_ago_is_as_planned(site: Site):
    more = site.definition(*SERVERS, node("agent-2", 3, role="agent"))
    with site.proxmox.held_broadcasts():
        assert not site.apply(more).failures
        assert site.plan(more).empty


def test_all_that_run_are_shut_down_and_removed(site: Site):
    definition = site.definition()
    site.vm(201).status = "stopped"
    with site.proxmox.held_broadcasts(), site.session(definition) as session:
        site.vm(201).status = "running"
        shutdown_all(definition, session, site.tell)
        assert site.vm(201).status == "stopped"
        site.vm(202).status = "running"
        assert not destroy(targets(definition, session), definition, session, site.tell).failures
    assert sorted(site.proxmox.vms) == [9000]


def test_the_journal_holds_how_they_are(site: Site):
    definition = site.definition()
    with site.proxmox.held_broadcasts(), site.session(definition) as session:
        site.vm(201).status = "stopped"
        (drift,) = check(definition, session, site.folder / "observations.jsonl").drifts
    assert (drift.difference.field, drift.difference.found) == ("power", "stopped")


def test_the_status_tells_how_they_are(site: Site):
    with site.proxmox.held_broadcasts():
        site.vm(201).status = "stopped"
        assert running(site) == {201: False, 202: True}


def test_the_status_of_one_whose_host_is_down_is_not_known(tmp_path: Path):
    nodes = node("server-1", 1), node("agent-1", 2, role="agent", host="pve2")
    with open_site(tmp_path, hosts=(Host("pve1"), Host("pve2"))) as site:
        site.apply(site.definition(*nodes))
        site.proxmox.take_offline("pve2")
        assert running(site, *nodes) == {201: True, 202: None}
