"""A cluster that is taken down leaves nothing on the machine."""

from __future__ import annotations

import pytest

from tests.cluster.bare import Bare
from tests.cluster.traces import traces

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


def new(before: dict[str, set[str]], after: dict[str, set[str]]) -> dict[str, set[str]]:
    """What is there after and was not before, by kind."""
    return {kind: found - before[kind] for kind, found in after.items() if found - before[kind]}


def test_down_leaves_no_process_mount_namespace_device_route_rule_group_or_file(bare: Bare) -> None:
    before = traces(bare.place.folder, bare.place.mark)
    bare.start()
    during = new(before, traces(bare.place.folder, bare.place.mark))
    kinds = {
        "mounts",
        "network namespaces",
        "network devices",
        "routes",
        "control groups",
        "files",
        "processes",
    }
    assert kinds <= set(during), "the comparison sees what a cluster brings"

    bare.remove()
    assert new(before, traces(bare.place.folder, bare.place.mark)) == {}
    assert not bare.place.folder.exists()
    assert bare.remove() == []


@pytest.mark.parametrize("moment", ["network", "kube-apiserver", "images of the node", "kubelet"])
def test_down_cleans_up_after_a_start_that_was_killed(bare: Bare, moment: str) -> None:
    before = traces(bare.place.folder, bare.place.mark)
    bare.kill_a_start_when_it_says(moment)
    bare.remove()
    assert new(before, traces(bare.place.folder, bare.place.mark)) == {}


def test_a_start_that_was_killed_can_be_started_again(bare: Bare) -> None:
    bare.kill_a_start_when_it_says("kube-controller-manager")
    bare.start()
    assert bare.status().healthy
    bare.remove()
