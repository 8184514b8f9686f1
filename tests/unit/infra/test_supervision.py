"""Services are started in order, looked after, started again, and stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from infra.process import control
from infra.process.errors import PlatformNotUp
from infra.process.status import Phase
from tests.unit.infra.scene import Scene, answer, await_that


def test_up_starts_every_service_and_waits_until_it_answers(scene: Scene, port: int) -> None:
    scene.declare([{"name": "web", "port": port, "revision": "one"}, {"name": "worker", "port": None}])
    status = scene.up()
    assert status.healthy
    assert answer(f"http://127.0.0.1:{port}") == "one"


def test_a_service_starts_only_after_what_it_needs_is_healthy(scene: Scene, port: int) -> None:
    sick = scene.root / "sick"
    sick.touch()
    scene.declare(
        [
            {"name": "worker", "port": None, "needs": ["web"]},
            {"name": "web", "port": port, "options": ["--sick-file", str(sick)]},
        ]
    )
    seen: list[tuple[Phase, Phase]] = []

    def watch(status: control.PlatformStatus) -> None:
        worker, web = status.service("worker"), status.service("web")
        if worker and web:
            seen.append((worker.phase, web.phase))
            if web.phase is Phase.STARTING:
                sick.unlink(missing_ok=True)

    scene.up(on_change=watch)
    assert seen[-1] == (Phase.HEALTHY, Phase.HEALTHY)
    assert all(web is Phase.HEALTHY for worker, web in seen if worker is not Phase.WAITING)


def test_up_again_leaves_what_runs_as_it_is(scene: Scene, port: int) -> None:
    scene.declare([{"name": "web", "port": port}])
    assert scene.up() == scene.up()


def test_a_killed_service_is_started_again_on_the_same_port(scene: Scene, port: int) -> None:
    scene.declare([{"name": "web", "port": port, "revision": "one"}])
    first = scene.up().service("web")
    os.kill(first.pid, signal.SIGKILL)
    again = await_that(lambda: (web := scene.status().service("web")).healthy and web.restarts and web)
    assert again.pid != first.pid
    assert answer(again.url) == "one"
    assert "signal 9" in again.last_error


def test_a_service_that_stays_unhealthy_is_started_again(scene: Scene, port: int) -> None:
    sick = scene.root / "sick"
    scene.pace(sick_seconds=0.3)
    scene.declare([{"name": "web", "port": port, "options": ["--sick-file", str(sick)]}])
    scene.up()
    sick.touch()
    await_that(lambda: scene.status().service("web").phase is Phase.UNHEALTHY)
    await_that(lambda: scene.status().service("web").restarts)
    sick.unlink()
    await_that(lambda: scene.status().healthy)
    assert "503" in scene.status().service("web").last_error


def test_a_service_that_cannot_start_is_named_with_its_last_words_and_nothing_stays(scene: Scene) -> None:
    scene.pace(settle_seconds=60)  # so that no slow machine takes it for settled before it fails
    scene.declare([{"name": "worker", "port": None}, {"name": "web", "port": None, "options": ["--broken"]}])
    with pytest.raises(PlatformNotUp, match=r"web could not be started(.|\n)*broken on purpose"):
        scene.up()
    assert scene.processes() == []
    assert control.status(scene.state) is None


def test_a_need_that_no_room_declares_is_a_sentence(scene: Scene, port: int) -> None:
    scene.declare([{"name": "web", "port": port}, {"name": "worker", "port": None, "needs": ["wed"]}])
    with pytest.raises(PlatformNotUp, match="worker needs 'wed', which no room declares; did it mean 'web'"):
        scene.up()


def test_nothing_may_need_what_may_fail(scene: Scene, port: int) -> None:
    scene.declare([{"name": "web", "port": port, "essential": False}, {"name": "worker", "needs": ["web"]}])
    with pytest.raises(PlatformNotUp, match="worker needs 'web', which is not essential"):
        scene.up()


def test_needs_in_a_circle_are_a_sentence(scene: Scene) -> None:
    scene.declare([{"name": "a", "port": None, "needs": ["b"]}, {"name": "b", "port": None, "needs": ["a"]}])
    with pytest.raises(PlatformNotUp, match="in a circle"):
        scene.up()


def test_a_busy_port_is_replaced_and_the_new_one_is_kept(scene: Scene) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        scene.declare([{"name": "web", "port": busy}])
        web = scene.up().service("web")
        assert (web.wished_port, web.port == busy) == (busy, False)
        control.down(scene.state)
    assert scene.up().service("web").url == web.url


def test_a_wish_of_the_owner_beats_the_default_port(scene: Scene, port: int) -> None:
    (scene.root / "homeostat.yaml").write_text(f"ports:\n  web: {port}\n")
    scene.declare([{"name": "web", "port": 8100}])
    assert scene.up().service("web").port == port


def test_prometheus_is_told_what_to_scrape_and_to_forget_it(scene: Scene, port: int) -> None:
    scene.push({"iris": f"r1 port={port}"})
    scene.up()
    target = scene.state / "targets" / "model-iris.json"
    labels = {
        "service": "model-iris",
        "model": "iris",
        "tier": "model-server",
        "__metrics_path__": "/metrics",
    }
    assert json.loads(target.read_text()) == [{"targets": [f"127.0.0.1:{port}"], "labels": labels}]
    scene.push({})
    await_that(lambda: not target.exists())


def test_the_services_know_root_and_state_and_reach_loopback_without_the_proxy(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", "intranet.invalid")
    monkeypatch.setenv("GIT_DIR", "/somewhere")
    scene.declare([{"name": "worker", "port": None}])
    pid = scene.up().service("worker").pid
    environment = Path(f"/proc/{pid}/environ").read_text().split("\0")
    assert f"HOMEOSTAT_ROOT={scene.root}" in environment
    assert f"HOMEOSTAT_STATE={scene.state}" in environment
    assert "NO_PROXY=intranet.invalid,127.0.0.1,localhost" in environment
    assert not any(entry.startswith("GIT_DIR=") for entry in environment)


def test_the_output_of_a_service_is_in_its_log(scene: Scene) -> None:
    scene.declare([{"name": "worker", "port": None, "revision": "seven"}])
    scene.up()
    log = scene.state / "logs" / "worker.log"
    assert await_that(log.read_text) == "started seven\n"
