"""A forge behind HTTP, mirrored before it is read: real git, real HTTP."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.unit.triage.cluster import alert
from tests.unit.triage.story import MODEL, Forge
from triage.clock import utc_now
from triage.evidence.collector import scope_of
from triage.evidence.git import Git
from triage.evidence.handoffs import HandOffCollector
from triage.evidence.item import EvidenceItem, EvidenceStatus
from triage.evidence.mirror import Mirror


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder over HTTP; git reads a repository in it by its plain files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/homeostat.git"
    finally:
        server.shutdown()
        server.server_close()


def hand_off(forge: Forge, version: int) -> None:
    source = forge.commit_source(f"version = {version}")
    forge.hand_off(version, source, datetime.now(UTC) - timedelta(minutes=10 - version))
    subprocess.run(["git", "--git-dir", forge.bare, "update-server-info"], check=True)


def read(mirror: Mirror, folder: Path) -> EvidenceItem:
    scope = scope_of(alert("ModelErrorRateHigh", model=MODEL), utc_now())
    (item,) = HandOffCollector(Git(folder, 10, mirror), utc_now).collect(scope)
    return item


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "forge.git"


def test_hand_offs_are_read_from_a_forge_behind_http(forge: Forge, folder: Path) -> None:
    hand_off(forge, 1)
    with served(forge.bare.parent) as url:
        item = read(Mirror(url, folder, 20), folder)
        assert item.status is EvidenceStatus.OK
        assert "version 1" in item.lines[0].text
        hand_off(forge, 2)
        later = read(Mirror(url, folder, 20), folder)
    assert "version 2" in later.lines[0].text
    assert len(later.lines) == 2


def test_a_forge_that_is_away_leaves_what_was_fetched_and_says_that_it_is_old(
    forge: Forge, folder: Path
) -> None:
    hand_off(forge, 1)
    with served(forge.bare.parent) as url:
        read(Mirror(url, folder, 20), folder)
    item = read(Mirror(url, folder, 20), folder)
    assert item.status is EvidenceStatus.OK
    assert "the forge can't be fetched" in item.note


def test_a_forge_that_was_never_reached_is_an_error(folder: Path) -> None:
    item = read(Mirror("http://127.0.0.1:1/homeostat.git", folder, 20), folder)
    assert item.status is EvidenceStatus.ERROR
    assert "the forge can't be fetched" in item.note
    assert not folder.exists()


def test_a_clone_that_was_cut_off_is_begun_anew(forge: Forge, folder: Path) -> None:
    hand_off(forge, 1)
    left_behind = folder.with_name("forge.git.unfinished")
    (left_behind / "objects").mkdir(parents=True)
    with served(forge.bare.parent) as url:
        assert read(Mirror(url, folder, 20), folder).status is EvidenceStatus.OK
    assert not left_behind.exists()


def test_no_address_runs_a_program(folder: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    assert Mirror(f"ext::sh -c 'touch {proof}'", folder, 20).refresh()
    assert Mirror(f"file://{tmp_path}", folder, 20).refresh()
    assert not proof.exists()


def test_secrets_in_the_address_are_not_told(folder: Path) -> None:
    problem = Mirror("http://bot:hunter2hunter2@127.0.0.1:1/homeostat.git", folder, 20).refresh()
    assert problem
    assert "hunter2" not in problem
