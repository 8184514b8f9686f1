"""Plan, apply and plan again, over real HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
    assert (server.name, server.status, server.config["tags"]) == ("server-1", "running", "homeostat;homeostat-home")
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
