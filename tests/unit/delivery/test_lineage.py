"""Lineage: each link is verified, contradictions break it, and what can't be asked is unknown."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from delivery.endpoint import Running
from delivery.git import Git
from delivery.handoff import Remote, hand_off
from delivery.lineage import HandOffCommit, RegistryRecord, Sources, Standing, trace
from delivery.lineage_sources import History
from homeostat.release import Release
from tests.unit.delivery.small_platform import Platform, a_release, developer

RELEASE = a_release(version=2)
RUNNING = Running("2", RELEASE.model_sha256, RELEASE.bento_digest, RELEASE.source_commit)
RECORD = RegistryRecord(RELEASE.run_id, frozenset({RELEASE.data_sha256, RELEASE.source_commit}), champion=2)
HAND_OFF = HandOffCommit(
    "d" * 40,
    "homeostat-bot",
    {
        "Model-Version": ("toy 2",),
        "MLflow-Run": (f"toy {RELEASE.run_id}",),
        "Source-Commit": (RELEASE.source_commit,),
        "Pipeline-Run": ("000001-abc",),
    },
    only_releases=True,
)
WHOLE = Sources(
    running=lambda release: RUNNING,
    hand_off=lambda release: HAND_OFF,
    packaged_sha256=lambda release: release.model_sha256,
    record=lambda release: RECORD,
    on_main=lambda commit: True,
)


def standings(release: Release, sources: Sources) -> dict[str, Standing]:
    return {link.name: link.standing for link in trace(release, sources)}


def test_a_whole_chain_is_verified_link_by_link() -> None:
    assert standings(RELEASE, WHOLE) == dict.fromkeys(
        ("endpoint", "hand-off", "gates", "package", "MLflow run", "data", "source"), Standing.VERIFIED
    )


@pytest.mark.parametrize(
    ("link", "sources"),
    [
        ("endpoint", replace(WHOLE, running=lambda release: replace(RUNNING, model_sha256="0" * 64))),
        ("hand-off", replace(WHOLE, hand_off=lambda release: replace(HAND_OFF, only_releases=False))),
        ("hand-off", replace(WHOLE, hand_off=lambda release: replace(HAND_OFF, trailers={}))),
        ("package", replace(WHOLE, packaged_sha256=lambda release: "0" * 64)),
        ("MLflow run", replace(WHOLE, record=lambda release: replace(RECORD, run_id="b" * 32))),
        ("data", replace(WHOLE, record=lambda release: replace(RECORD, values=frozenset()))),
        ("source", replace(WHOLE, on_main=lambda commit: False)),
    ],
)
def test_a_contradiction_breaks_its_link(link: str, sources: Sources) -> None:
    assert standings(RELEASE, sources)[link] is Standing.BROKEN


def test_what_can_not_be_asked_is_unknown_not_verified() -> None:
    silent = Sources(
        running=lambda release: None,
        hand_off=lambda release: None,
        packaged_sha256=lambda release: None,
        record=lambda release: None,
        on_main=lambda commit: True,
    )

    found = standings(RELEASE, silent)

    assert found.pop("gates") is Standing.VERIFIED
    assert set(found.values()) == {Standing.UNKNOWN}


def test_git_tells_the_hand_off_commit_and_its_trailers(platform: Platform) -> None:
    platform.submit()
    release = a_release(source_commit=platform.commit())
    done = hand_off([release], Remote(str(platform.forge)), "000001-abc")
    history = History(Git(platform.forge), done.commit or "")

    found = history.hand_off(history.release("toy"))

    assert found is not None
    assert (found.commit, found.author, found.only_releases) == (done.commit, "homeostat-bot", True)
    assert found.trailers["Pipeline-Run"] == ("000001-abc",)
    assert history.release("toy") == release


def test_the_command_walks_back_and_fails_on_a_broken_link(platform: Platform) -> None:
    platform.submit()
    hand_off([a_release(source_commit="e" * 40)], Remote(str(platform.forge)), "000001-abc")

    done = subprocess.run(
        [sys.executable, "-m", "homeostat", "lineage", "toy", "--json"],
        env=developer() | {"HOMEOSTAT_ROOT": str(platform.root), "HOMEOSTAT_STATE": str(platform.state)},
        capture_output=True,
        text=True,
        check=False,
    )

    links = {link["name"]: link["standing"] for link in json.loads(done.stdout)["links"]}
    assert done.returncode == 1
    assert links["hand-off"] == "verified"
    assert links["source"] == "broken"
    assert links["endpoint"] == "unknown"
