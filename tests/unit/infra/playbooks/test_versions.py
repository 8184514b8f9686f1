"""Upgrades go up, one minor version at a time, and no agent gets ahead of a server."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.playbooks.versions import K3sVersion, upgrade_mistakes

versions = st.builds(K3sVersion, st.just(1), st.integers(28, 36), st.integers(0, 20), st.integers(1, 3))


def test_the_next_minor_version_is_allowed():
    assert upgrade_mistakes({"a": "v1.33.13+k3s1"}, {"a": "v1.34.4+k3s1"}, {"a"}) == []


def test_a_later_build_of_the_same_version_is_an_upgrade():
    assert K3sVersion.parse("v1.34.4+k3s2") > K3sVersion.parse("v1.34.4+k3s1")
    assert K3sVersion.parse("v1.34.10+k3s1") > K3sVersion.parse("v1.34.9+k3s1")


def test_a_skipped_minor_version_is_refused_with_the_one_that_comes_first():
    (told,) = upgrade_mistakes({"a": "v1.32.9+k3s1"}, {"a": "v1.34.4+k3s1"}, {"a"})
    assert told.startswith("a runs v1.32.9+k3s1 and v1.34.4+k3s1 is wanted")
    assert told.endswith("one minor version at a time, so v1.33 comes first.")


def test_going_back_is_refused():
    (told,) = upgrade_mistakes({"a": "v1.34.4+k3s1"}, {"a": "v1.34.3+k3s1"}, {"a"})
    assert told.startswith("a runs v1.34.4+k3s1 and v1.34.3+k3s1 is wanted: K3s can't go back")


def test_an_agent_ahead_of_a_server_is_refused():
    now = {"server": "v1.33.1+k3s1", "agent": "v1.33.1+k3s1"}
    (told,) = upgrade_mistakes(now, {"server": "v1.33.2+k3s1", "agent": "v1.34.0+k3s1"}, {"server"})
    assert "agent is an agent and would get v1.34.0+k3s1" in told


def test_every_mistake_is_told_at_once():
    now = {"a": "v1.30.1+k3s1", "b": "v1.35.1+k3s1", "c": "v1.33.1+k3s1"}
    assert len(upgrade_mistakes(now, dict.fromkeys(now, "v1.34.4+k3s1"), {"a", "b", "c"})) == 2


@given(now=versions, then=versions)
def test_what_is_allowed_is_never_a_step_back_nor_over_a_minor_version(now, then):
    allowed = not upgrade_mistakes({"a": str(now)}, {"a": str(then)}, {"a"})
    assert allowed == (then >= now and then.minor - now.minor <= 1)


@given(version=versions)
def test_a_version_survives_being_written(version):
    assert K3sVersion.parse(f"k3s version {version} (1a2b3c4d)\ngo version go1.24.12") == version


def test_what_names_no_version_is_refused():
    with pytest.raises(ValueError, match="names no version of K3s"):
        K3sVersion.parse("v1.34.4")
