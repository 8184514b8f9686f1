"""A new revision takes over without a lost request, or not at all."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from infra.process import control
from tests.unit.infra.scene import Scene, answer, await_that


@dataclass
class Load:
    answers: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@contextmanager
def light_load(url: str) -> Iterator[Load]:
    """One request after another until the block ends."""
    load, done = Load(), threading.Event()

    def ask() -> None:
        while not done.wait(0.002):
            try:
                load.answers.append(answer(url))
            except httpx.HTTPError as error:
                load.failures.append(repr(error))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield load
    finally:
        done.set()
        thread.join()


def test_a_new_revision_takes_over_without_a_lost_request(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    url = scene.up().service("model-iris").url
    with light_load(url) as load:
        await_that(lambda: len(load.answers) > 20)
        for revision in ("r2", "r3"):
            scene.push({"iris": f"{revision} port={port}"})
            await_that(lambda want=revision: answer(url).startswith(want))
        await_that(lambda: load.answers[-1].startswith("r3"))
    assert load.failures == []
    assert {text.split()[0] for text in load.answers} == {"r1", "r2", "r3"}


def test_a_reverted_release_is_rolled_back_without_a_lost_request(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    url = scene.up().service("model-iris").url
    scene.push({"iris": f"r2 port={port}"})
    await_that(lambda: answer(url).startswith("r2"))
    with light_load(url) as load:
        scene.revert()
        await_that(lambda: answer(url).startswith("r1"))
    assert load.failures == []


def test_the_old_process_ends_after_a_rollover(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    first = scene.up().service("model-iris")
    before = len(scene.processes())
    scene.push({"iris": f"r2 port={port}"})
    await_that(lambda: first.pid not in scene.processes())
    await_that(lambda: len(scene.processes()) == before)


def test_a_rollover_is_not_called_done_while_the_old_process_may_answer(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    first = scene.up().service("model-iris")
    scene.push({"iris": f"r2 port={port}"})
    await_that(lambda: (scene.status().service("model-iris").rollout or "").startswith("rolled out r2"))
    assert first.pid not in scene.processes()


def test_a_revision_that_does_not_get_ready_leaves_the_old_one_serving(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    first = scene.up().service("model-iris")
    commit = scene.push({"iris": f"broken port={port}"})
    model = await_that(
        lambda: (m := scene.status().service("model-iris")).rollout and "failed" in m.rollout and m
    )
    assert "broken on purpose" in model.rollout
    assert (model.pid, model.healthy) == (first.pid, True)
    assert answer(first.url).startswith("r1")
    assert scene.status().deployed == commit


def test_a_failed_revision_is_not_tried_again_until_another_is_pushed(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    url = scene.up().service("model-iris").url
    scene.push({"iris": f"broken port={port}"})
    await_that(lambda: "failed" in (scene.status().service("model-iris").rollout or ""))
    log = scene.state / "logs" / "model-iris.log"
    commit = scene.push({"iris": f"broken port={port}", "other": "r1 port=8100"})
    await_that(lambda: scene.status().deployed == commit and scene.status().service("model-other").healthy)
    assert log.read_text().count("started broken") == 1
    scene.push({"iris": f"r3 port={port}"})
    await_that(lambda: answer(url).startswith("r3"))


def test_a_deployed_commit_is_never_shown_with_the_failure_of_the_one_before(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    scene.up()
    scene.push({"iris": f"broken port={port}"})
    await_that(lambda: "failed" in (scene.status().service("model-iris").rollout or ""))
    commit = scene.push({"iris": f"r3 port={port}"})
    seen = await_that(lambda: (status := scene.status()).deployed == commit and status)
    assert "failed" not in (seen.service("model-iris").rollout or "")


def test_going_back_to_what_runs_ends_the_talk_of_a_failed_rollout(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    first = scene.up().service("model-iris")
    scene.push({"iris": f"broken port={port}"})
    await_that(lambda: "failed" in (scene.status().service("model-iris").rollout or ""))
    scene.push({"iris": f"r1 port={port}"})
    again = await_that(lambda: (m := scene.status().service("model-iris")).rollout is None and m)
    assert (again.pid, again.healthy) == (first.pid, True)


def test_a_model_that_never_started_is_cured_by_the_next_push(scene: Scene, port: int) -> None:
    scene.up()
    scene.push({"iris": f"broken port={port}"})
    await_that(lambda: (model := scene.status().service("model-iris")) and model.failures >= 3)
    commit = scene.push({"iris": f"r2 port={port}"})
    seen = await_that(lambda: (status := scene.status()).deployed == commit and status)
    assert seen.service("model-iris").failures == 0
    await_that(lambda: scene.status().service("model-iris").healthy)


def test_after_a_failed_rollout_a_killed_old_process_is_started_again(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    first = scene.up().service("model-iris")
    scene.push({"iris": f"broken port={port}"})
    await_that(lambda: "failed" in (scene.status().service("model-iris").rollout or ""))
    os.kill(first.pid, signal.SIGKILL)
    await_that(lambda: (model := scene.status().service("model-iris")).restarts and model.healthy)
    assert answer(first.url).startswith("r1")


def test_requests_wait_while_a_killed_model_server_is_started_again(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    first = scene.up().service("model-iris")
    os.kill(first.pid, signal.SIGKILL)
    assert answer(first.url).startswith("r1")


def test_a_first_push_brings_a_model_and_a_removal_takes_it_away(scene: Scene, port: int) -> None:
    scene.declare([{"name": "worker", "port": None}])
    assert [service.name for service in scene.up().services] == ["worker"]
    scene.push({"iris": f"r1 port={port}"})
    await_that(lambda: (model := scene.status().service("model-iris")) and model.healthy)
    scene.push({})
    await_that(lambda: scene.status().service("model-iris") is None)
    assert not (scene.state / "manifests" / "models").exists()


def test_what_cannot_be_declared_leaves_everything_running_and_is_said(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    url = scene.up().service("model-iris").url
    scene.push({"iris": "r2 port=nonsense"})
    await_that(lambda: any("can't be deployed" in problem for problem in scene.status().problems))
    assert answer(url).startswith("r1")
    scene.push({"iris": f"r3 port={port}"})
    await_that(lambda: answer(url).startswith("r3"))
    await_that(lambda: scene.status().problems == ())


def test_a_model_that_cannot_start_does_not_keep_the_platform_from_coming_up(scene: Scene, port: int) -> None:
    scene.declare([{"name": "worker", "port": None}])
    scene.push({"iris": f"broken port={port}"})
    status = scene.up()
    worker, model = status.service("worker"), status.service("model-iris")
    assert (worker.healthy, model.failed, status.healthy) == (True, True, False)
    assert "broken on purpose" in model.last_error
    scene.push({"iris": f"r2 port={port}"})
    await_that(lambda: scene.status().healthy)


def test_a_commit_that_cannot_be_deployed_leaves_at_the_next_start_what_was_deployed_before(
    scene: Scene, port: int
) -> None:
    good = scene.push({"iris": f"r1 port={port}"})
    url = scene.up().service("model-iris").url
    control.down(scene.state)
    bad = scene.push({"iris": "r2 port=nonsense"})
    status = scene.up()
    assert (status.deployed, status.refused) == (good, bad)
    assert answer(url).startswith("r1")
    assert any("can't be deployed" in problem for problem in status.problems)


def test_a_first_commit_that_cannot_be_deployed_leaves_the_platform_without_models(scene: Scene) -> None:
    scene.declare([{"name": "worker", "port": None}])
    bad = scene.push({"iris": "r1 port=nonsense"})
    status = scene.up()
    assert [service.name for service in status.services] == ["worker"]
    assert (status.deployed, status.refused) == (None, bad)
