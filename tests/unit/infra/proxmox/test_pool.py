"""With rights on a pool alone, Proxmox says of a machine that is not there that we may not see it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.definition.document import Definition
from infra.proxmox.api.locks import wait_until_unlocked
from infra.proxmox.apply.removing import remove
from infra.proxmox.apply.work import MachineAt
from infra.proxmox.checkups import checkups_of
from infra.proxmox.destroy import destroy, targets
from infra.proxmox.errors import NotThere
from infra.proxmox.plan.actions import Kind
from tests.apiserver import await_
from tests.proxmox_simulator import VirtualMachine
from tests.unit.infra.proxmox.samples import node
from tests.unit.infra.proxmox.site import SERVERS, Site, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        opened.proxmox.create_pool("homelab")
        yield opened


def pooled(site: Site, *nodes: dict[str, Any]) -> Definition:
    return site.definition(*nodes, proxmox={"pool": "homelab"})


def test_a_whole_life_needs_no_more_than_the_listed_privileges(site: Site):
    definition = pooled(site)
    assert not site.apply(definition).failures
    assert site.plan(definition).empty
    changed = pooled(site, *({**one, "cores": 4, "disk": "40GiB"} for one in SERVERS))
    assert not site.apply(changed, Kind.RESTART).failures
    assert site.plan(changed).empty
    with site.session(changed) as session:
        chosen = targets(changed, session, with_template=True)
        assert not destroy(chosen, changed, session, site.tell).failures
        # nothing is left to be removed
        assert not destroy(chosen, changed, session, site.tell).failures
    assert not site.proxmox.vms


def test_the_doctor_is_content_with_them(site: Site):
    definition = pooled(site)
    site.apply(definition)
    findings = [one.run() for one in checkups_of(definition, lambda: site.secret)]
    assert not [one.sentence for one in findings if one.level == "failed"]


def test_what_is_gone_is_not_there(site: Site):
    definition = pooled(site)
    site.apply(definition)
    del site.proxmox.vms[201]
    site.proxmox.create_pool("homelab").vmids.discard(201)
    with site.session(definition) as session:
        place = MachineAt(session, "pve1", 201, site.told.append)
        assert not place.exists()
        with pytest.raises(NotThere):
            place.read()
        remove(place, definition.tags)
        wait_until_unlocked(session, "pve1", 201)


def test_a_lost_answer_of_a_clone_neither_doubles_nor_forgets_it(site: Site):
    definition = pooled(site)
    site.proxmox.fail("POST", "/nodes/*/qemu/*/clone", status=596, after_effect=True, times=2)
    site.proxmox.slow_task("qmclone", 0.2)
    assert not site.apply(definition).failures
    assert [task.kind for task in site.proxmox.tasks].count("qmclone") == 2
    assert site.plan(definition).empty


def test_a_clone_that_an_earlier_apply_began_is_waited_for(site: Site):
    definition = pooled(site)
    site.apply(definition)
    more = pooled(site, *SERVERS, node("agent-2", 3, role="agent"))
    clone = next(action for action in site.plan(more).actions if action.kind is Kind.CLONE)
    with site.session(more) as session, ThreadPoolExecutor(1) as beside:
        with site.proxmox.held_task("qmclone"):
            session.create(f"/nodes/{clone.host}/qemu/9000/clone", **clone.parameters)
            planned = beside.submit(site.plan, more)
            await_("the plan waits", lambda: any("waits for the end of clones" in line for line in site.told))
        assert Kind.CLONE not in {action.kind for action in planned.result().actions}
    assert not site.apply(more).failures


def test_a_number_of_a_machine_that_we_may_not_see_is_refused_as_such(site: Site):
    definition = pooled(site)
    site.proxmox.vms[201] = VirtualMachine(201, "pve1", {"name": "nas"})
    outcome = site.apply(definition)
    assert "the token may not see" in outcome.failures["server-1"]
    assert list(outcome.failures) == ["server-1"]
    assert site.vm(201).config == {"name": "nas"}
