"""P0 has a model trained again: once an incident, not within the cooldown, and never twice after a crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from homeostat.errors import ConfigError
from tests.unit.triage.conftest import Running, wait_until
from tests.unit.triage.drift.events import OBSERVED, event, lost, shifted
from tests.unit.triage.github_server import GitHubServer, as_json, github_server
from tests.unit.triage.story import MODEL
from triage.destinations.token import GivenToken
from triage.drift.github_dispatch import GitHubDispatch
from triage.drift.response import DriftResponse, sentence_of
from triage.drift.retraining import Request, RetrainingFailed
from triage.settings import RetrainingWay, load_settings
from triage.store.database import open_database
from triage.store.retrainings import Retrainings, RetrainingState

ON_EVERY_DATABASE = True

Serve = Callable[..., Running]
REPOSITORY = "example/homeostat"
TOKEN = "a-token-for-github"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass
class Time:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@dataclass
class Places:
    """One database, one clock, one GitHub."""

    engine: Engine
    github: GitHubServer
    time: Time = field(default_factory=Time)
    cooldown: timedelta = timedelta(hours=24)

    @property
    def kept(self) -> Retrainings:
        return Retrainings(self.engine, self.time, self.cooldown)

    @property
    def dispatch(self) -> GitHubDispatch:
        return GitHubDispatch(GivenToken(TOKEN), REPOSITORY, self.github.url, 5.0)


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with github_server() as server:
        server.token = TOKEN
        yield server


@pytest.fixture
def places(database_url: str, github: GitHubServer) -> Iterator[Places]:
    engine = open_database(database_url)
    yield Places(engine, github)
    engine.dispose()


@pytest.fixture
def on_github(serve: Serve, github: GitHubServer, tmp_path: Path) -> Callable[..., Running]:
    token = tmp_path / "github-token"
    token.write_text(TOKEN)

    def start(**changes: object) -> Running:
        return serve(
            retraining=RetrainingWay.GITHUB, github_repository=REPOSITORY, github_token_file=token,
            github_url=github.url, **changes,
        )  # fmt: skip

    return start


def request(number: int = 1, model: str = MODEL) -> Request:
    return Request(f"20261121-120000-{number:08x}", model, "4", "P0", NOW)


def response_of(running: Running) -> str:
    return running.only_incident()["report"]["drift"]["response"]


def post(running: Running, *statistics: dict[str, Any], **changes: Any) -> None:
    assert running.client.post("/webhooks/drift", json=event(*statistics, **changes)).status_code == 202
    running.settled()


def test_p0_dispatches_once_and_the_report_says_so(on_github: Serve, github: GitHubServer) -> None:
    running = on_github()
    post(running, lost(0.2))
    wait_until(lambda: "was triggered" in response_of(running))
    (sent,) = github.dispatched
    assert sent["event_type"] == "retrain"
    assert sent["client_payload"]["model"] == MODEL
    assert sent["client_payload"]["request"] == running.only_incident()["id"]
    assert "repository_dispatch 'retrain' in example/homeostat" in response_of(running)
    assert "ml" in running.only_incident()["report"]["team"]


def test_p0_opens_an_issue_that_says_what_was_triggered(on_github: Serve, github: GitHubServer) -> None:
    running = on_github()
    post(running, lost(0.2))
    wait_until(lambda: bool(github.issues) and "was triggered" in github.issues[0]["body"])


def test_p1_opens_an_issue_and_p2_none(on_github: Serve, github: GitHubServer) -> None:
    running = on_github()
    post(running, shifted(0.15), model="second_model")
    post(running, shifted(0.4))
    wait_until(lambda: bool(github.issues))
    (issue,) = github.issues
    assert MODEL in issue["title"]
    assert "Nothing is retrained by itself at P1" in issue["body"]
    assert github.dispatched == []


def test_a_senders_own_urgency_counts_for_nothing(on_github: Serve, github: GitHubServer) -> None:
    running = on_github()
    running.post(
        {
            "version": "4",
            "groupKey": "drift:phishing_detector",
            "alerts": [
                {
                    "status": "firing",
                    "labels": {
                        "alertname": "ModelDrift",
                        "model": MODEL,
                        "severity": "critical",
                        "urgency": "P0",
                    },
                    "annotations": {"statistics": json.dumps([shifted(0.15)])},
                    "startsAt": OBSERVED.isoformat(),
                    "fingerprint": "abc",
                }
            ],
        }
    )
    running.settled()
    assert running.only_incident()["report"]["drift"]["urgency"] == "P2"
    assert "P2" in response_of(running)
    assert github.dispatched == []


def test_a_second_observation_of_the_same_episode_dispatches_nothing_more(
    on_github: Serve, github: GitHubServer
) -> None:
    running = on_github(retraining_cooldown_seconds=0)
    post(running, lost(0.2))
    wait_until(lambda: len(github.dispatched) == 1)
    post(running, lost(0.3), observed_at=(OBSERVED + timedelta(minutes=1)).isoformat())
    assert "was triggered" in response_of(running)
    running.triage.retraining.stop()
    assert len(github.dispatched) == 1


def test_within_the_cooldown_the_next_episode_says_why_nothing_is_triggered(
    on_github: Serve, github: GitHubServer
) -> None:
    running = on_github(quiet_seconds=0)
    post(running, lost(0.2))
    wait_until(lambda: len(github.dispatched) == 1)
    post(running, resolved=True, observed_at=(OBSERVED + timedelta(minutes=1)).isoformat())
    post(running, lost(0.2), observed_at=(OBSERVED + timedelta(minutes=2)).isoformat())
    latest = running.client.get("/api/incidents").json()["incidents"][0]["id"]
    report = running.client.get(f"/api/incidents/{latest}").json()["report"]
    assert report["drift"]["response"].startswith(f"Retraining was not triggered: cooldown: {MODEL} was set")
    assert len(github.dispatched) == 1


def test_without_a_place_to_train_the_report_says_so(serve: Serve) -> None:
    running = serve()
    post(running, lost(0.2))
    assert response_of(running).startswith("Retraining was not triggered: no retraining is configured")


def test_what_github_refuses_is_told_and_left_to_a_person(on_github: Serve, github: GitHubServer) -> None:
    github.broken["/dispatches"] = as_json({"message": "Resource not accessible"}, 403)
    running = on_github()
    post(running, lost(0.2))
    wait_until(lambda: "could not be triggered" in response_of(running))
    assert "GitHub does not accept the token" in response_of(running)


def test_the_metrics_tell_what_came_of_it(on_github: Serve) -> None:
    running = on_github()
    post(running, lost(0.2))
    wait_until(
        lambda: (
            'homeostat_triage_retrainings_total{outcome="asked"} 1.0' in running.client.get("/metrics").text
        )
    )


def test_a_decision_that_was_stored_before_a_crash_is_carried_out_after_it(
    places: Places, database_url: str, on_github: Serve, github: GitHubServer
) -> None:
    places.time.now = datetime.now(UTC)
    places.kept.decide(request())
    assert github.dispatched == []
    on_github()
    wait_until(lambda: len(github.dispatched) == 1)


def test_an_incident_is_decided_once(places: Places) -> None:
    first = places.kept.decide(request())
    again = places.kept.decide(request(), "an objection that comes too late")
    assert (first.state, again.state) == (RetrainingState.WANTED, RetrainingState.WANTED)


def test_the_cooldown_holds_for_the_model_alone_and_ends(places: Places) -> None:
    kept = places.kept
    assert kept.decide(request(1)).state is RetrainingState.WANTED
    places.time.pass_(hours=23)
    assert kept.decide(request(2)).state is RetrainingState.DECLINED
    assert kept.decide(request(3, "another_model")).state is RetrainingState.WANTED
    places.time.pass_(hours=2)
    assert kept.decide(request(4)).state is RetrainingState.WANTED


def test_what_was_declined_or_failed_starts_no_cooldown(places: Places) -> None:
    kept = places.kept
    kept.decide(request(1), "no retraining is configured")
    assert kept.decide(request(2)).state is RetrainingState.WANTED
    claimed = kept.claim()
    assert claimed is not None
    kept.fail(claimed, RetrainingFailed("refused", permanent=True))
    assert kept.decide(request(3)).state is RetrainingState.WANTED


def test_a_kill_between_githubs_answer_and_our_note_dispatches_nothing_more(
    places: Places, github: GitHubServer
) -> None:
    places.kept.decide(request())
    first = places.kept.claim()
    assert first is not None
    places.dispatch.ask(first.request, in_doubt=first.in_doubt)
    # here the process dies; GitHub made a run of it
    github.add(
        "GET",
        r"/repos/[^/]+/[^/]+/actions/workflows/ct\.yml/runs",
        lambda _: as_json({"workflow_runs": [{"display_title": f"Retrain {MODEL} ({first.request.id})"}]}),
    )
    assert places.kept.claim() is None
    places.time.pass_(seconds=121)
    second = places.kept.claim()
    assert second is not None
    assert second.in_doubt
    places.dispatch.ask(second.request, in_doubt=second.in_doubt)
    assert len(github.dispatched) == 1


def test_a_kill_before_githubs_answer_dispatches_after_looking(places: Places, github: GitHubServer) -> None:
    places.kept.decide(request())
    places.kept.claim()
    places.time.pass_(seconds=121)
    github.add(
        "GET", r"/repos/[^/]+/[^/]+/actions/workflows/ct\.yml/runs", lambda _: as_json({"workflow_runs": []})
    )
    second = places.kept.claim()
    assert second is not None
    places.dispatch.ask(second.request, in_doubt=second.in_doubt)
    assert len(github.dispatched) == 1


def test_in_doubt_nobody_asks_twice_where_nobody_may_look(places: Places, github: GitHubServer) -> None:
    places.kept.decide(request())
    places.kept.claim()
    places.time.pass_(seconds=121)
    github.broken["/actions/workflows/"] = as_json({"message": "Resource not accessible"}, 403)
    second = places.kept.claim()
    assert second is not None
    with pytest.raises(RetrainingFailed) as caught:
        places.dispatch.ask(second.request, in_doubt=second.in_doubt)
    assert places.kept.fail(second, caught.value) is RetrainingState.UNDECIDED
    decision = places.kept.of(second.request.id)
    assert decision is not None
    assert "is not known" in sentence_of(decision)
    assert github.dispatched == []


def test_an_attempt_that_comes_back_too_late_changes_nothing(places: Places) -> None:
    places.kept.decide(request())
    late = places.kept.claim()
    places.time.pass_(seconds=121)
    current = places.kept.claim()
    assert late is not None
    assert current is not None
    places.kept.fail(late, RetrainingFailed("refused", permanent=True))
    places.kept.succeed(current, "there")
    decision = places.kept.of(current.request.id)
    assert decision is not None
    assert decision.state is RetrainingState.ASKED


def test_a_server_error_is_tried_again_later_and_a_clock_that_was_set_back_delays_nothing(
    places: Places,
) -> None:
    places.kept.decide(request())
    claimed = places.kept.claim()
    assert claimed is not None
    places.kept.fail(claimed, RetrainingFailed("GitHub answered 502", may_have_arrived=True))
    assert places.kept.claim() is None
    places.time.pass_(days=-30)
    again = places.kept.claim()
    assert again is not None
    assert again.in_doubt


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"TRIAGE_RETRAINING": "github"}, "TRIAGE_GITHUB_REPOSITORY must name a repository"),
        (
            {"TRIAGE_RETRAINING": "forge", "TRIAGE_FORGE_URL": "https://forge.invalid/x.git"},
            "TRIAGE_FORGE must be the forge itself",
        ),
        ({"TRIAGE_RETRAINING": "jenkins"}, "'github' or 'forge'"),
    ],
)
def test_a_place_that_is_half_described_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    given = {
        "TRIAGE_TOKEN_FILE": str(tmp_path / "token"), "TRIAGE_DATABASE_URL": "sqlite://", "TRIAGE_FORGE": "x",
        "TRIAGE_REPORTS": str(tmp_path), "TRIAGE_PROMETHEUS_URL": "http://127.0.0.1:1", **variables,
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=sentence):
        load_settings()


class Broken:
    """A place whose code has a mistake."""

    def ask(self, request: Request, *, in_doubt: bool) -> str:
        raise KeyError(request.model, in_doubt)


def test_a_mistake_of_ours_is_a_failed_attempt_and_in_doubt(places: Places) -> None:
    places.kept.decide(request())
    told: list[str] = []
    DriftResponse(places.kept, Broken(), places.time, told.append).work()
    decision = places.kept.of(request().id)
    assert decision is not None
    assert (decision.state, told) == (RetrainingState.WANTED, [])
    assert "KeyError" in sentence_of(decision)
    places.time.pass_(seconds=1000)
    again = places.kept.claim()
    assert again is not None
    assert again.in_doubt
