"""An apply that ends anywhere is gone on with by the next one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.proxmox.plan.actions import Kind
from infra.proxmox.privileges import by_path
from tests.unit.infra.proxmox.site import TOKEN, Site, open_site

ROOT = Path(__file__).parents[4]
#: an apply on an empty host sends eleven writes: three for the template, and four for each of two machines
POINTS = sorted(random.Random(6).sample(range(1, 12), 5))
DEADLINE_SECONDS = 60.0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_site(tmp_path) as opened:
        yield opened


def started(site: Site, *options: str) -> subprocess.Popen[str]:
    """A process of its own that applies."""
    definition = site.definition()
    site.secret = site.secret or site.proxmox.create_token(TOKEN, by_path(definition))
    file = site.folder / "cluster.yaml"
    file.write_text(definition.model_dump_json(exclude_defaults=True))
    return subprocess.Popen(
        [sys.executable, "-m", "homeostat", "proxmox", "apply", "--yes", "--file", str(file), *options],
        env={
            **os.environ,
            "HOMEOSTAT_ROOT": str(ROOT),
            "HOMEOSTAT_STATE": str(site.folder / "state"),
            "HOMEOSTAT_PROXMOX_TOKEN": site.secret,
        },
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < ends
        time.sleep(0.002)


@pytest.mark.parametrize("writes", POINTS)
def test_an_apply_that_was_killed_is_gone_on_with(site: Site, writes: int):
    site.proxmox.slow_task("qmclone", 0.2)
    process = started(site, "--wait-seconds", "0")
    try:
        until(lambda: len(site.writes()) >= writes, process)
    finally:
        process.kill()
        process.communicate()
    definition = site.definition()
    assert not site.apply(definition).failures
    assert site.plan(definition).empty
    assert sorted(site.proxmox.vms) == [201, 202, 9000]
    assert not [vm.lock for vm in site.proxmox.vms.values() if vm.lock]
    disks = [name for name in site.proxmox.storage("local-lvm").volumes if "disk" in name]
    assert len(disks) == 3


def test_an_interrupted_apply_ends_what_runs_and_tells_what_is_left(site: Site):
    site.proxmox.slow_task("qmclone", 0.5)
    process = started(site, "--wait-seconds", "0")
    try:
        until(lambda: any(task.kind == "qmclone" for task in site.proxmox.tasks), process)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=DEADLINE_SECONDS)[0]
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Ctrl-C again leaves at once" in told
    assert "server-1: start: was not done; the next apply goes on" in told
    assert not any(vm.lock for vm in site.proxmox.vms.values())
    assert not site.apply(site.definition()).failures


def test_a_second_apply_waits_outside(site: Site):
    with site.proxmox.held_task("qmclone"):
        first = started(site, "--wait-seconds", "0")
        try:
            until(lambda: bool(site.writes()), first)
            second = started(site)
            assert "another command works on this cluster" in second.communicate(timeout=DEADLINE_SECONDS)[0]
            assert second.returncode == 3
        finally:
            first.kill()
            first.communicate()


def test_a_waiting_for_ssh_can_be_interrupted(site: Site):
    process = started(site, "--wait-seconds", "600")
    try:
        until(lambda: [task.kind for task in site.proxmox.tasks].count("qmstart") == 2, process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=DEADLINE_SECONDS)
    finally:
        process.kill()
    assert process.returncode == 130
    assert Kind.START not in {action.kind for action in site.plan(site.definition()).actions}


def test_a_waiting_for_somebodys_lock_can_be_interrupted(site: Site):
    site.apply(site.definition())
    site.vm().config["onboot"] = "0"
    site.proxmox.lock(201, "backup")
    before = len(site.writes())
    process = started(site, "--wait-seconds", "0")
    try:
        until(lambda: len(site.writes()) > before, process)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=DEADLINE_SECONDS)[0]
    finally:
        process.kill()
    assert process.returncode == 130
    assert "server-1: configure: was not done; the next apply goes on" in told
