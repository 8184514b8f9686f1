"""Between which two checks a difference came to be, and what worked on the machine meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.proxmox.api.tasks import follow
from infra.proxmox.drift.check import Drift, Report, check
from infra.proxmox.drift.journal import MOST, append, read
from infra.proxmox.drift.observation import Observation, Seen
from tests.unit.infra.proxmox.site import Site, open_site

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        opened.apply(opened.definition())
        yield opened


def looked(site: Site) -> Report:
    definition = site.definition()
    with site.session(definition) as session:
        return check(definition, session, site.folder / "observations.jsonl")


def one(site: Site) -> Drift:
    (found,) = looked(site).drifts
    return found


def seen(hour: int, cores: int) -> Observation:
    at = NOON + timedelta(hours=hour)
    machine = Seen(name="server-1", host="pve1", fields={"cores": str(cores)})
    return Observation(first_at=at, last_at=at, machines={201: machine})


def test_what_is_as_wanted_is_no_drift(site: Site):
    assert not looked(site).drifts


def test_a_difference_that_the_first_check_finds_has_no_beginning(site: Site):
    site.vm().config["onboot"] = "0"
    found = one(site)
    assert found.last_other is None
    assert "at the first check" in found.since


def test_a_change_lies_between_the_last_check_without_it_and_the_first_with_it(site: Site):
    before = looked(site).at
    site.vm().config["onboot"] = "0"
    first = looked(site).at
    found = one(site)
    assert (found.last_other, found.before, found.first_seen) == (before, "1", first)
    assert "a change of options" in found.by


def test_a_machine_that_was_stopped_names_the_task_and_its_user(site: Site):
    looked(site)
    with site.session(site.definition()) as session:
        follow(session, session.create("/nodes/pve1/qemu/201/status/stop"), site.told.append, 20)
    found = one(site)
    assert (found.difference.field, found.difference.found) == ("power", "stopped")
    assert (found.tasks[-1].kind, found.tasks[-1].user) == ("qmstop", "homeostat@pve!platform")


def test_a_machine_that_vanished_is_a_difference(site: Site):
    looked(site)
    del site.proxmox.vms[201]
    found = one(site)
    assert (found.difference.field, found.difference.found, found.before) == ("machine", None, "there")


def test_a_disk_that_somebody_grew_is_drift_although_no_plan_shrinks_it(site: Site):
    site.vm().config["scsi0"] = site.vm().config["scsi0"].replace("size=32G", "size=64G")
    assert one(site).difference.found == "64 GiB"


def test_the_report_is_plain_data(site: Site):
    site.vm().config["onboot"] = "0"
    (found,) = json.loads(json.dumps(looked(site).document()))["differences"]
    assert (found["field"], found["wanted"], found["found"]) == ("onboot", "1", "0")


def test_checks_that_see_the_same_are_one_observation(tmp_path: Path):
    journal = tmp_path / "observations.jsonl"
    for hour, cores in enumerate([2, 2, 2, 4, 4, 2]):
        append(journal, seen(hour, cores))
    kept = [(one.checks, one.value(201, "cores"), one.last_at.hour) for one in read(journal)]
    assert kept == [(3, "2", 14), (2, "4", 16), (1, "2", 17)]


def test_the_journal_is_bounded(tmp_path: Path):
    journal = tmp_path / "observations.jsonl"
    lines = [seen(number, number).model_dump_json() for number in range(MOST)]
    journal.write_text("\n".join(lines) + "\n")
    append(journal, seen(MOST, 0))
    assert len(read(journal)) == MOST
    assert read(journal)[-1].value(201, "cores") == "0"


def test_a_line_that_cannot_be_read_is_left_out(tmp_path: Path):
    journal = tmp_path / "observations.jsonl"
    append(journal, seen(0, 2))
    journal.write_text(journal.read_text() + "{half a li")
    assert len(append(journal, seen(1, 4))) == 2


def test_checks_at_the_same_time_forget_nothing(tmp_path: Path):
    journal = tmp_path / "cluster" / "observations.jsonl"
    with ThreadPoolExecutor(8) as pool:
        for one in [pool.submit(append, journal, seen(cores, cores)) for cores in range(40)]:
            one.result()
    assert sorted(found.value(201, "cores") or "" for found in read(journal)) == sorted(map(str, range(40)))
