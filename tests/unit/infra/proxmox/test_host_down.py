"""A host that is down takes its own machines out of reach, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from homeostat.doctor import Finding, Level, run_all
from homeostat.errors import Refused
from infra.definition.document import Definition
from infra.proxmox.apply.outcome import Outcome
from infra.proxmox.checkups import checkups_of
from infra.proxmox.destroy import destroy, shutdown_all, targets
from infra.proxmox.drift.check import Report, check
from infra.proxmox.plan.actions import Kind
from infra.proxmox.plan.rendering import text
from tests.proxmox_simulator import Host
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import Site, open_site

NODES = (node("server-1", 1), node("agent-1", 2, role="agent", host="pve2"))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path, hosts=(Host("pve1"), Host("pve2"))) as opened:
        opened.apply(opened.definition(*NODES))
        opened.proxmox.requests.clear()
        yield opened


def drift(site: Site, definition: Definition) -> Report:
    with site.session(definition) as session:
        return check(definition, session, site.folder / "observations.jsonl")


def removed(site: Site, definition: Definition) -> Outcome:
    with site.session(definition) as session:
        return destroy(targets(definition, session), definition, session, site.tell)


def examined(site: Site, definition: Definition) -> Mapping[str, Finding]:
    site.session(definition).close()
    return {one.name: one.finding for one in run_all(list(checkups_of(definition, lambda: site.secret)))}


def reached_by_either(site: Site) -> Mapping[str, Any]:
    return {"endpoints": list(site.proxmox.urls.values())}


def asked_of(site: Site, host: str) -> list[str]:
    return [request.path for request in site.proxmox.requests if f"/nodes/{host}/" in request.path]


def test_nothing_is_asked_of_it(site: Site):
    site.proxmox.take_offline("pve2")
    site.plan(site.definition(*NODES))
    assert not asked_of(site, "pve2")


def test_the_plan_for_other_nodes_goes_on_and_its_own_is_refused_by_a_sentence(site: Site):
    site.proxmox.take_offline("pve2")
    changed = site.definition(node("server-1", 1, cores=4), NODES[1])
    plan = site.plan(changed)
    assert {action.name for action in plan.actions} == {"server-1"}
    assert "node agent-1: it is on pve2, which is offline" in text(plan)
    assert not plan.empty


def test_other_nodes_are_changed_and_its_own_fails_by_name(site: Site):
    site.proxmox.take_offline("pve2")
    outcome = site.apply(site.definition(node("server-1", 1, cores=4), NODES[1]))
    assert {action.kind for action in outcome.done} >= {Kind.CONFIGURE}
    assert list(outcome.failures) == ["agent-1"]


def test_a_node_that_should_be_made_there_is_refused_and_others_are_made(site: Site):
    site.proxmox.take_offline("pve2")
    more = node("agent-2", 3, role="agent"), node("agent-3", 4, role="agent", host="pve2")
    outcome = site.apply(site.definition(*NODES, *more))
    assert sorted(outcome.failures) == ["agent-1", "agent-3"]
    assert "host is 'pve2', which is offline" in outcome.failures["agent-3"]
    assert site.vm(203).is_running


def test_nodes_are_not_made_while_the_host_of_the_template_is_down(site: Site):
    site.proxmox.take_offline("pve1")
    more = node("agent-2", 3, role="agent", host="pve2")
    told = text(site.plan(site.definition(*NODES, more, proxmox=reached_by_either(site))))
    assert "node agent-2: the template is on pve1, which is offline" in told
    assert "make template" not in told


def test_a_machine_on_it_that_left_the_file_is_told_and_not_removed(site: Site):
    site.proxmox.take_offline("pve2")
    outcome = site.apply(site.definition(NODES[0]), Kind.REMOVE)
    assert not outcome.failures
    assert 202 in site.proxmox.vms
    assert "machine 202" in text(site.plan(site.definition(NODES[0])))


def test_destroy_leaves_what_is_on_it_and_says_so(site: Site):
    definition = site.definition(*NODES)
    site.proxmox.take_offline("pve2")
    with site.session(definition) as session:
        left = targets(definition, session).left_alone
    assert ["its host pve2 is offline" in sentence for sentence in left] == [True]
    assert not removed(site, definition).failures
    assert sorted(site.proxmox.vms) == [202, 9000]


def test_destroying_one_on_it_is_refused_with_the_reason(site: Site):
    definition = site.definition(*NODES)
    site.proxmox.take_offline("pve2")
    with site.session(definition) as session, pytest.raises(Refused, match="its host pve2 is offline"):
        targets(definition, session, "agent-1")


def test_the_others_are_shut_down(site: Site):
    definition = site.definition(*NODES)
    site.proxmox.take_offline("pve2")
    with site.session(definition) as session:
        outcome = shutdown_all(definition, session, site.tell)
    assert [action.name for action in outcome.done] == ["server-1"]
    assert "its host pve2 is offline" in outcome.failures["agent-1"]


def test_drift_tells_the_host_and_not_that_its_machine_is_gone(site: Site):
    definition = site.definition(*NODES)
    drift(site, definition)
    site.proxmox.take_offline("pve2")
    (found,) = drift(site, definition).drifts
    assert (found.difference.name, found.difference.field) == ("agent-1", "host pve2")
    assert (found.difference.wanted, found.difference.found) == ("online", "offline")


def test_a_host_that_came_back_is_no_change_of_its_machines(site: Site):
    definition = site.definition(*NODES)
    drift(site, definition)
    site.proxmox.take_offline("pve2")
    drift(site, definition)
    site.proxmox.bring_online("pve2")
    assert not drift(site, definition).drifts
    site.vm(202).config["onboot"] = "0"
    (found,) = drift(site, definition).drifts
    assert found.before == "1"


def test_the_doctor_warns_of_it_and_looks_at_the_others(site: Site):
    definition = site.definition(*NODES, proxmox={"vlan": 20})
    site.proxmox.take_offline("pve2")
    found = examined(site, definition)
    assert {name for name, one in found.items() if one.level is Level.FAILED} == set()
    assert found["proxmox hosts"].level is Level.WARNING
    assert "pve2" in found["proxmox hosts"].sentence
    assert found["proxmox VLAN"].level is Level.OK
    assert found["proxmox template"].level is Level.OK


def test_the_doctor_says_that_the_template_is_out_of_reach(site: Site):
    definition = site.definition(*NODES, proxmox=reached_by_either(site))
    site.proxmox.take_offline("pve1")
    found = examined(site, definition)["proxmox template"]
    assert found.level is Level.SKIPPED
    assert "pve1 is offline" in found.sentence
