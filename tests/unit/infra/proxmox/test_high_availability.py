"""HA as it really is: rules that several change at a time, and machines that stop after their task."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.proxmox.api.explaining import Answer, Request, explain
from infra.proxmox.destroy import shutdown_all
from infra.proxmox.errors import NotSuitable, NotThere
from infra.proxmox.plan.actions import Kind
from infra.proxmox.plan.difference import difference
from infra.proxmox.plan.mistakes import mistakes
from infra.proxmox.plan.rendering import text
from tests.proxmox_simulator import Host, Storage
from tests.unit.infra.proxmox.samples import landscape, node, wishes
from tests.unit.infra.proxmox.site import TOKEN, Site, open_site

STORAGES = (Storage("local"), Storage("local-lvm"), Storage("ceph", "nfs", shared=True))
HOSTS = (Host("pve1", storages=STORAGES), Host("pve2", storages=STORAGES), Host("pve3", storages=STORAGES))
CHANGED = "update HA rules failed: detected modified configuration - file changed by other user? Try again."
FOUR = [node(f"server-{n}", n, host=f"pve{1 + n % 2}", storage="ceph", ha=True) for n in range(1, 5)]
GROUP = {"ha_group": "both"}


@contextmanager
def opened(folder: Path, version: str) -> Generator[Site]:
    with open_site(folder, hosts=HOSTS, version=version) as site:
        yield site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with opened(tmp_path, "9.1.2") as one:
        yield one


def rules(site: Site) -> dict[str, set[str]]:
    with site.session(site.definition()) as session:
        listed = session.get("/cluster/ha/rules")
    return {rule["rule"]: set(rule["resources"].split(",")) for rule in listed}


def test_a_rule_that_is_missing_is_no_mistake_since_9_and_is_made_with_its_first_machine(site: Site):
    definition = site.definition(*FOUR, proxmox=GROUP)
    assert "makes the node-affinity rule 'both' for pve1, pve2" in text(site.plan(definition))
    assert not site.apply(definition).failures
    with site.session(definition) as session:
        (rule,) = session.get("/cluster/ha/rules")
    assert (rule["type"], rule["nodes"]) == ("node-affinity", "pve1,pve2")
    assert rules(site) == {"both": {"vm:201", "vm:202", "vm:203", "vm:204"}}
    assert site.plan(definition).empty


def test_machines_that_enter_and_leave_a_rule_at_a_time_lose_none(site: Site):
    site.apply(site.definition(*FOUR, proxmox={"ha_group": "first"}))
    site.proxmox.latency_seconds = 0.02
    moved = site.definition(*FOUR, proxmox=GROUP)
    assert not site.apply(moved).failures
    assert rules(site) == {"both": {"vm:201", "vm:202", "vm:203", "vm:204"}}


def test_somebody_elses_change_of_a_rule_in_the_same_moment_is_kept(site: Site):
    site.apply(site.definition(*FOUR[:2], proxmox=GROUP))
    site.proxmox.fail("PUT", "/cluster/ha/rules/both", status=500, message=CHANGED)
    definition = site.definition(*FOUR[:3], proxmox=GROUP)
    assert not site.apply(definition).failures
    written = [request for request in site.writes() if request.path == "/cluster/ha/rules/both"]
    assert all("digest" in request.parameters for request in written)
    assert rules(site) == {"both": {"vm:201", "vm:202", "vm:203"}}


def test_a_rule_goes_with_its_last_machine_and_comes_back_with_the_next(site: Site):
    managed = site.definition(*FOUR[:1], proxmox=GROUP)
    site.apply(managed)
    assert not site.apply(site.definition({**FOUR[0], "ha": False}, proxmox=GROUP)).failures
    assert rules(site) == {}
    assert not site.apply(managed).failures
    assert rules(site) == {"both": {"vm:201"}}


def test_a_persons_rule_keeps_its_hosts(site: Site):
    site.apply(site.definition(*FOUR[:1], proxmox=GROUP))
    site.secret = site.proxmox.create_token(TOKEN)
    both = site.definition(*FOUR[:2], proxmox=GROUP)
    with site.session(both) as session:
        session.set("/cluster/ha/rules/both", type="node-affinity", nodes="pve3")
        assert not site.apply(both).failures
        assert session.get("/cluster/ha/rules/both")["nodes"] == "pve3"


def test_a_group_of_8_can_be_made_before_and_is_a_mistake_when_it_is_missing():
    want = wishes(FOUR[0], proxmox=GROUP)
    assert any("there is no such HA group" in one for one in mistakes(want, landscape()))
    nine = landscape(version=(9, 1))
    assert not [one for one in mistakes(want, nine) if "HA" in one or "rule" in one]
    assert difference(want, nine).of_kind(Kind.HA)


@pytest.mark.parametrize("reason", ["no such ha rule 'x'", "no such ha group 'x'", "no such resource 'vm:1'"])
def test_what_ha_does_not_have_is_known_as_absent(reason: str):
    assert isinstance(explain(Answer(500, reason), Request("GET", "/cluster/ha"), TOKEN), NotThere)


@pytest.mark.parametrize("version", ["8.4.1", "9.1.2"])
def test_a_machine_that_ha_manages_has_stopped_when_its_shutdown_ends(tmp_path: Path, version: str):
    with opened(tmp_path, version) as site:
        managed = site.definition(*FOUR[:2])
        site.apply(managed)
        with site.session(managed) as session:
            outcome = shutdown_all(managed, session, site.tell)
        assert not outcome.failures
        assert [site.vm(vmid).status for vmid in (201, 202)] == ["stopped", "stopped"]
        assert not site.apply(managed).failures
        assert [site.vm(vmid).status for vmid in (201, 202)] == ["running", "running"]


def test_a_restart_that_takes_too_long_tells_of_the_guest_agent(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.apply(site.definition(node("server-1", 1)))
        site.proxmox.fail_task("qmreboot", ["VM quit/powerdown failed - got timeout"])
        outcome = site.apply(site.definition(node("server-1", 1, cores=4)), Kind.RESTART)
        assert "qemu-guest-agent" in outcome.failures["server-1"]
        assert "got timeout" in outcome.failures["server-1"]


def test_a_group_of_8_that_is_missing_is_told(tmp_path: Path):
    with opened(tmp_path, "8.4.1") as site, pytest.raises(NotSuitable, match="there is no such HA group"):
        site.plan(site.definition(*FOUR, proxmox=GROUP))
