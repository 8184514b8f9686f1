"""A run that is killed anywhere leaves hosts from which the next one gets to its end."""

from __future__ import annotations

import os
import random
import signal
import subprocess

import pytest

from homeostat.paths import repository_root
from infra.playbooks import command
from infra.playbooks.events import TaskBegan, parse
from infra.playbooks.process import EVENTS_VARIABLE
from tests.homelab.day_two import SERVERS, Cluster, condition, started
from tests.homelab.hosts import Lab
from tests.homelab.k3s_stand_in.parts import CURRENT

pytestmark = pytest.mark.timeout(2400)
SEED = int(os.environ.get("HOMEOSTAT_TEST_SEED", "20261121"))
#: a first run on new hosts has about so many tasks before its end
TASKS = 150
KILLS = 5


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    return started(lab, tmp_path_factory.mktemp("cluster"), CURRENT)


def test_a_run_that_was_killed_five_times_gets_to_its_end(cluster, record_property):
    points = sorted(random.Random(SEED).sample(range(5, TASKS), KILLS))
    reached = [_killed_at(cluster, point) for point in points]
    record_property("seed", SEED)
    record_property(
        "killed at", ", ".join(f"{point}: {task}" for point, task in zip(points, reached, strict=True))
    )

    cluster.play("site")

    nodes = cluster.nodes()
    assert set(nodes) == set(cluster.hosts)
    assert all(condition(node, "Ready") == "True" for node in nodes.values())
    assert all(condition(nodes[name], "EtcdIsVoter") == "True" for name in SERVERS)
    recap = cluster.play("site")
    assert recap.changed == 0, f"seed {SEED}, killed at {reached}: {recap.in_short()}"


def _killed_at(cluster: Cluster, point: int) -> str:
    """Start the run, kill ansible-playbook when its task number ``point`` begins; return that task's name."""
    root = repository_root()
    run = cluster.run("site")
    reading, writing = os.pipe()
    cluster.state.mkdir(exist_ok=True)
    with (cluster.state / "interrupted.log").open("ab") as log, os.fdopen(reading) as events:
        process = subprocess.Popen(
            command.arguments(run, root),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=root / "ansible",
            env={**command.environment(run, root, cluster.state), EVENTS_VARIABLE: str(writing)},
            pass_fds=(writing,),
            start_new_session=True,
        )
        os.close(writing)
        began = 0
        for line in events:
            event = parse(line)
            began += isinstance(event, TaskBegan)
            if isinstance(event, TaskBegan) and began == point:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return event.name
        process.wait()
    return "it ended before"
