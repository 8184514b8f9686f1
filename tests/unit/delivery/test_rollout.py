"""The rollout stage asks a real endpoint over HTTP until it serves the very bytes that were handed off."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from delivery.endpoint import what_runs
from delivery.errors import StageFailed
from delivery.git import Git
from delivery.places.process import ProcessPlace, ProcessProvider
from delivery.pushed_releases import await_releases
from delivery.rollout import Rollout, ServiceView
from homeostat.release import Release, to_yaml
from infra.linux.proc import identity
from infra.process.state.lock import supervisor_lock
from infra.process.status import Phase, PlatformPhase, PlatformStatus, ServiceStatus, now, write_status
from tests.unit.delivery.small_platform import Platform, a_release


class Endpoint(ThreadingHTTPServer):
    """Answers as a model server that serves ``release``."""

    release: Release | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        release = self.server.release  # type: ignore[attr-defined]
        if release is None:
            self.send_error(503)
            return
        body = (
            metrics(release) if self.path == "/metrics" else json.dumps({"versions": [str(release.version)]})
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def metrics(release: Release) -> str:
    labels = (
        f'model="{release.model}",version="{release.version}",model_sha256="{release.model_sha256}",'
        f'bento_digest="{release.bento_digest}",source_commit="{release.source_commit}"'
    )
    return f"# TYPE homeostat_model_info gauge\nhomeostat_model_info{{{labels}}} 1.0\n"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint(("127.0.0.1", 0), _Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Provider:
    """Tells one view after another; the last one stays."""

    views: list[ServiceView | None]
    on_view: dict[int, object] = field(default_factory=dict)

    def view(self, model: str) -> ServiceView | None:
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]


def waiting(provider: Provider, said: list[str], **times: float) -> Rollout:
    return Rollout(provider, said.append, **({"pause_seconds": 0.01, "settle_seconds": 0.0} | times))


def test_it_waits_until_the_new_version_answers(endpoint: Endpoint) -> None:
    release = a_release(version=2)
    endpoint.release = release
    said: list[str] = []
    views = [
        None,
        ServiceView(None, "preparing", given_up=False),
        ServiceView(endpoint.url, "", given_up=False),
    ]

    sentence = waiting(Provider(views), said).await_release(release)

    assert sentence == f"toy 2 serves at {endpoint.url}."
    assert said == ["waiting for toy 2: its service is not known yet", "waiting for toy 2: preparing"]


def test_it_waits_until_the_version_before_can_answer_no_more(endpoint: Endpoint) -> None:
    release = a_release(version=2)
    endpoint.release = release
    said: list[str] = []
    views = [
        ServiceView(endpoint.url, "rolling out", given_up=False, under_way=True),
        ServiceView(endpoint.url, "rolled out", given_up=False),
    ]

    waiting(Provider(views), said).await_release(release)

    assert said == ["waiting for toy 2: rolling out"]


def test_the_same_version_with_other_bytes_is_not_the_release(endpoint: Endpoint) -> None:
    endpoint.release = a_release(version=2, model_sha256="0" * 64)
    provider = Provider([ServiceView(endpoint.url, "", given_up=False)])

    with pytest.raises(StageFailed, match="toy 2 does not serve"):
        waiting(provider, [], timeout_seconds=0.1).await_release(a_release(version=2))


def test_a_rollout_that_was_given_up_says_what_still_serves(endpoint: Endpoint) -> None:
    endpoint.release = a_release(version=1)
    provider = Provider([ServiceView(endpoint.url, "rollout failed: not ready", given_up=True)])

    with pytest.raises(StageFailed, match=r"rollout failed: not ready; version 1 still serves\."):
        waiting(provider, []).await_release(a_release(version=2))


def test_an_endpoint_that_does_not_answer_runs_nothing(endpoint: Endpoint) -> None:
    assert what_runs(endpoint.url, "toy") is None
    assert what_runs("http://127.0.0.1:9", "toy") is None


def release_in(platform: Platform, release: Release) -> str:
    return platform.commit("manifests/models/toy/release.yaml", to_yaml(release))


def test_the_author_of_a_rollback_is_told_when_it_serves(endpoint: Endpoint, platform: Platform) -> None:
    newer = release_in(platform, a_release(version=2))
    older = release_in(platform, a_release(version=1))
    platform.submit()
    endpoint.release = a_release(version=1)
    said: list[str] = []
    with running(platform, older, endpoint.url):
        await_releases(Git(platform.forge), newer, older, ProcessPlace(platform.state), said.append)

    assert said == [f"toy 1 serves at {endpoint.url}."]


def test_a_release_that_a_later_push_replaced_is_not_awaited_until_the_time_is_over(
    endpoint: Endpoint, platform: Platform
) -> None:
    awaited = release_in(platform, a_release(version=2))
    later = release_in(platform, a_release(version=1))
    platform.submit()
    with running(platform, later, endpoint.url):
        view = ProcessProvider(platform.state, awaited).view("toy")

    assert view == ServiceView(endpoint.url, "a later push changed what is deployed", given_up=True)


@contextmanager
def running(platform: Platform, deployed: str, url: str) -> Iterator[None]:
    """The status of a platform that has deployed a commit, as its supervisor would write it."""
    me = identity(os.getpid())
    assert me is not None
    service = ServiceStatus(name="model-toy", phase=Phase.HEALTHY, since=now(), url=url)
    status = PlatformStatus(
        phase=PlatformPhase.RUNNING,
        since=now(),
        pid=me.pid,
        started_ticks=me.started_ticks,
        root=platform.root,
        state=platform.state,
        forge=platform.forge,
        deployed=deployed,
        services=(service,),
    )
    with supervisor_lock(platform.state):
        write_status(status)
        yield
