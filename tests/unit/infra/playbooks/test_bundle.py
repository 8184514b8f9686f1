"""A backup is whole and told apart from one that is not, before anything is restored from it."""

from __future__ import annotations

import json
import random
import stat

import pytest

from tests.unit.infra.playbooks.backup_program import TOKEN, altered, ask, bundle_module, snapshot, without

ABOUT = {
    "cluster": "home",
    "node": "server-1",
    "k3s": "v1.34.4+k3s1",
    "taken_at": "2026-01-02T03:04:05+00:00",
}


@pytest.fixture
def bundle(tmp_path):
    target = tmp_path / "home-server-1-20260102T030405Z.tar.gz"
    bundle_module()["write"](
        target, snapshot(tmp_path / "snapshot", random.Random(1).randbytes(4096)), TOKEN, ABOUT
    )
    return target


def test_a_bundle_says_what_it_is_of(bundle):
    assert json.loads(ask("verify", bundle).stdout) == {**ABOUT, "format": 1}


def test_a_bundle_is_for_its_owner_alone(bundle):
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600


def test_extracting_gives_the_snapshot_and_the_token_back(bundle, tmp_path):
    assert ask("extract", bundle, tmp_path / "out").returncode == 0
    assert (tmp_path / "out" / "snapshot.db").read_bytes() == (tmp_path / "snapshot").read_bytes()
    assert (tmp_path / "out" / "token").read_text() == TOKEN + "\n"
    assert stat.S_IMODE((tmp_path / "out" / "token").stat().st_mode) == 0o600


def test_a_bundle_without_the_token_is_refused(bundle, tmp_path):
    told = ask("verify", without(bundle, "token", tmp_path / "x.tar.gz"))
    assert told.returncode == 1
    assert (
        told.stderr == f"{tmp_path}/x.tar.gz holds no server token, without which its snapshot stays shut.\n"
    )


@pytest.mark.parametrize("name", ["snapshot.db", "about.json", "SHA256SUMS"])
def test_a_bundle_that_lacks_something_is_refused(bundle, tmp_path, name):
    assert f"it holds no {name}" in ask("verify", without(bundle, name, tmp_path / "x.tar.gz")).stderr


def test_a_token_that_was_exchanged_is_noticed(bundle, tmp_path):
    other = altered(bundle, tmp_path / "x.tar.gz", {"token": TOKEN.replace("ab", "cd").encode()})
    assert "token was changed or damaged" in ask("verify", other).stderr


def test_a_bundle_that_was_cut_off_is_refused(bundle, tmp_path):
    short = tmp_path / "short.tar.gz"
    short.write_bytes(bundle.read_bytes()[:-400])
    told = ask("verify", short)
    assert told.returncode == 1
    assert "can't be read as a backup" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_snapshot_that_etcd_did_not_finish_is_refused(tmp_path):
    broken = tmp_path / "snapshot"
    broken.write_bytes(b"page" * 128 + b"\0" * 32)
    bundle_module()["write"](tmp_path / "x.tar.gz", broken, TOKEN, ABOUT)
    assert "its snapshot is not what etcd wrote" in ask("verify", tmp_path / "x.tar.gz").stderr


def test_a_bundle_that_can_t_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(FileNotFoundError):
        bundle_module()["write"](tmp_path / "x.tar.gz", tmp_path / "missing", TOKEN, ABOUT)
    assert list(tmp_path.iterdir()) == []
