"""What machines are told at their first boot, and what of it may be changed later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.proxmox.errors import NotSuitable
from infra.proxmox.plan.actions import Kind
from infra.proxmox.plan.difference import difference
from infra.proxmox.plan.mistakes import mistakes
from infra.proxmox.plan.rendering import text
from tests.unit.infra.proxmox.samples import as_wanted, but, landscape, node, wishes
from tests.unit.infra.proxmox.site import SERVERS, Site, open_site

MOVED = wishes(node("server-1", 1, address="192.168.20.99"))
OLD = as_wanted(wishes())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


def test_a_machine_does_not_upgrade_its_packages_beside_the_roles(site: Site):
    site.apply(site.definition())
    with site.session(site.definition()) as session:
        told = session.get("/nodes/pve1/qemu/201/cloudinit/dump", type="user")
    assert "package_upgrade" not in told


def test_the_plan_says_that_a_machine_will_no_longer_upgrade_itself():
    plan = difference(wishes(), landscape(but(OLD, without=["ciupgrade"])))
    (change,) = plan.of_kind(Kind.CONFIGURE)[0].changes
    assert (change.field, change.before, change.after) == ("ciupgrade", None, "0")
    assert "ciupgrade" in text(plan)


@pytest.mark.parametrize("before", [{}, {"ciupgrade": "1"}])
def test_it_waits_for_the_next_start(site: Site, before: dict[str, str]):
    definition = site.definition()
    site.apply(definition)
    for config in (site.vm().config, site.vm().on_drive):
        del config["ciupgrade"]
        config.update(before)
    assert [action.kind for action in site.apply(definition).left] == [Kind.RESTART]
    assert [action.kind for action in site.plan(definition).actions] == [Kind.RESTART]
    assert not site.apply(definition, Kind.RESTART).left
    assert site.plan(definition).empty


def test_a_domain_that_is_no_longer_wanted_waits_for_a_restart(site: Site):
    definition = site.definition()
    site.apply(definition)
    for config in (site.vm().config, site.vm().on_drive):
        config["searchdomain"] = "lan"
    site.apply(definition)
    (restart,) = site.plan(definition).actions
    assert [change.field for change in restart.changes] == ["searchdomain"]
    site.apply(definition, Kind.RESTART)
    assert site.plan(definition).empty


def test_the_address_of_a_living_node_is_not_changed(site: Site):
    site.apply(site.definition())
    moved = site.definition(node("server-1", 1, address="192.168.20.99"), SERVERS[1])
    for status in ("running", "stopped"):
        site.vm().status = status
        with pytest.raises(NotSuitable, match="homeostat proxmox destroy --node server-1"):
            site.plan(moved)


def test_a_machine_that_was_never_told_an_address_gets_the_new_one():
    clone = but(OLD, without=["ipconfig0"])
    assert not mistakes(MOVED, landscape(clone))


def test_an_unfinished_clone_gets_the_new_one():
    clone = as_wanted(wishes(), running=False, tags=frozenset())
    assert not mistakes(MOVED, landscape(clone))
    assert "ipconfig0" in difference(MOVED, landscape(clone)).of_kind(Kind.CONFIGURE)[0].parameters


def test_a_new_gateway_says_that_proxmox_forgets_that_it_waits():
    found = but(OLD, ipconfig0="ip=192.168.20.11/24,gw=192.168.20.254")
    assert not mistakes(wishes(), landscape(found))
    (note,) = difference(wishes(), landscape(found)).notes
    assert "--restart" in note
