"""Only what carries both tags of the cluster is removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from homeostat.errors import Refused
from infra.definition.document import Definition
from infra.proxmox.apply.outcome import Outcome
from infra.proxmox.destroy import Targets, destroy, shutdown_all, targets
from tests.proxmox_simulator import Host, VirtualMachine
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        opened.apply(opened.definition())
        yield opened


def chosen(site: Site, definition: Definition, node: str | None = None, **more: Any) -> Targets:
    with site.session(definition) as session:
        return targets(definition, session, node, **more)


def removed(site: Site, node: str | None = None, **more: Any) -> Outcome:
    definition = site.definition()
    with site.session(definition) as session:
        return destroy(targets(definition, session, node, **more), definition, session, site.tell)


def test_the_clusters_machines_go_and_those_of_others_stay(site: Site):
    site.proxmox.vms[300] = VirtualMachine(300, "pve1", {"name": "nas"}, "running")
    site.proxmox.vms[301] = VirtualMachine(301, "pve1", {"name": "lab", "tags": "homeostat;homeostat-lab"})
    site.proxmox.vms[302] = VirtualMachine(302, "pve1", {"name": "half", "tags": "homeostat"})
    assert not removed(site).failures
    assert sorted(site.proxmox.vms) == [300, 301, 302, 9000]
    assert site.vm(300).status == "running"


def test_one_node_goes_alone(site: Site):
    removed(site, "agent-1")
    assert sorted(site.proxmox.vms) == [201, 9000]


def test_a_node_that_is_not_there_is_refused_with_those_that_are(site: Site):
    with pytest.raises(Refused, match="there are: agent-1, server-1"):
        removed(site, "agent-7")


def test_the_template_goes_only_with_the_wish(site: Site):
    removed(site, with_template=True)
    assert not site.proxmox.vms


def test_a_protected_machine_stays_and_the_others_go(site: Site):
    site.vm(201).config["protection"] = "1"
    failures = removed(site).failures
    assert "protected" in failures["server-1"]
    assert sorted(site.proxmox.vms) == [201, 9000]
    assert site.vm(201).status == "running"


def test_a_machine_whose_tags_go_meanwhile_stays(site: Site):
    definition = site.definition()
    agreed = chosen(site, definition)
    site.vm(201).config["tags"] = "production"
    with site.session(definition) as session:
        failures = destroy(agreed, definition, session, site.tell).failures
    assert "lacks the tags homeostat and homeostat-home" in failures["server-1"]
    assert site.vm(201).status == "running"


def test_an_unfinished_clone_is_told_and_left_alone(site: Site):
    site.vm(201).config["tags"] = "homeostat;homeostat-template"
    found = chosen(site, site.definition())
    assert [machine.vmid for machine in found.machines] == [202]
    assert "apply again" in found.left_alone[0]


def test_removing_what_is_gone_already_is_no_failure(site: Site):
    definition = site.definition()
    agreed = chosen(site, definition)
    removed(site)
    with site.session(definition) as session:
        assert not destroy(agreed, definition, session, site.tell).failures


def test_one_that_moved_meanwhile_is_removed_where_it_is(tmp_path: Path):
    with open_site(tmp_path, hosts=(Host("pve1"), Host("pve2"))) as site:
        definition = site.definition()
        site.apply(definition)
        agreed = chosen(site, definition)
        site.vm(201).host = "pve2"
        with site.session(definition) as session:
            assert not destroy(agreed, definition, session, site.tell).failures
        assert sorted(site.proxmox.vms) == [9000]


def test_a_host_whose_name_is_not_known_for_a_while_has_not_lost_its_machines(site: Site):
    definition = site.definition()
    agreed = chosen(site, definition)
    why = "hostname lookup 'pve1' failed - failed to get address info for: pve1: Name or service not known"
    site.proxmox.fail("GET", "/nodes/pve1/qemu/201/*", status=500, message=why, times=100)
    with site.session(definition) as session:
        failures = destroy(agreed, definition, session, site.tell).failures
    assert "hostname lookup" in failures["server-1"]
    assert sorted(site.proxmox.vms) == [201, 9000]


def test_one_whose_system_does_not_shut_down_is_stopped(site: Site):
    site.proxmox.fail_task("qmshutdown", ["VM quit/powerdown failed - got timeout"], times=2)
    assert not removed(site).failures
    assert sorted(site.proxmox.vms) == [9000]


def test_agents_are_shut_down_before_servers_and_come_back_with_the_next_apply(site: Site):
    definition = site.definition()
    with site.session(definition) as session:
        assert not shutdown_all(definition, session, site.tell).failures
    ended = [task.id for task in site.proxmox.tasks if task.kind == "qmshutdown"]
    assert ended == ["202", "201"]
    site.apply(definition)
    assert {site.vm(vmid).status for vmid in (201, 202)} == {"running"}


def test_a_machine_that_left_the_file_is_listed_and_stays_without_the_wish(site: Site):
    alone = site.definition(node("server-1", 1))
    outcome = site.apply(alone)
    assert [action.vmid for action in outcome.left] == [202]
    assert 202 in site.proxmox.vms
