"""What tests on a real cluster need: root on Linux. Elsewhere they are skipped with a sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.bare import Bare
from tests.cluster.live import Live, bring_up, homeostat

ROOT = Path(__file__).parents[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.platform == "linux" and os.geteuid() == 0:
        return
    reason = pytest.mark.skip(reason="the local cluster needs root on Linux: run 'sudo make test-cluster'")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(reason)


@pytest.fixture(scope="session")
def live() -> Live:
    """The cluster of this clone with everything deployed into it; it runs on after the tests."""
    return bring_up()


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    """A cluster with nothing in it, in a folder of its own; the clone's own is stopped meanwhile.

    There can be one local cluster on a machine.
    """
    own = ROOT / ".homeostat" / "cluster"
    stopped = homeostat(own, "cluster", "stop", "--provider", "local")
    assert stopped.returncode == 0, stopped.stderr
    made = Bare(ROOT, tmp_path_factory.mktemp("bare", numbered=True))
    try:
        yield made
    finally:
        made.remove()
        if "The cluster is stopped" in stopped.stdout:
            homeostat(own, "cluster", "up", "--provider", "local")
