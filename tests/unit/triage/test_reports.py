"""From an alert to its report, through the webhook, with real HTTP, git, logs and SQLite."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.unit.triage.conftest import FakePrometheus, Running
from tests.unit.triage.story import MODEL, SERVICE, Forge, Story
from triage.analysts.analysis import Citation
from triage.analysts.citations import problem_with
from triage.evidence.item import EvidenceItem
from triage.settings import Settings

Serve = Callable[..., Running]


def diagnosed(running: Running, payload: dict[str, Any]) -> dict[str, Any]:
    assert running.post(payload).status_code == 202
    running.settled()
    incident = running.only_incident()
    assert incident["report"] is not None
    assert_citations_hold(incident)
    return incident


def assert_citations_hold(incident: dict[str, Any]) -> None:
    """Every citation of every report stands on the line that it names."""
    evidence = [EvidenceItem.model_validate(item) for item in incident["evidence"]]
    report = incident["report"]
    for claim in (*report["causes"], *report["ruled_out"]):
        assert claim["citations"]
        for citation in claim["citations"]:
            assert problem_with(Citation(**citation), evidence) is None, citation


def kinds(incident: dict[str, Any]) -> list[str]:
    return [cause["kind"] for cause in incident["report"]["causes"]]


def test_a_server_that_turns_slow_is_first_and_the_recent_release_is_ruled_out(
    serve: Serve, story: Story, forge: Forge
) -> None:
    story.slow_in_predict()
    for ago in (55, 50, 45):
        story.log(
            "slow_request",
            ago,
            duration_seconds=0.9,
            phases={"decode": 0.001, "predict": 0.89, "encode": 0.001},
        )
    commits = [forge.commit_source(f"depth = {n}\n") for n in (3, 4)]
    forge.hand_off(2, commits[0], story.now - timedelta(hours=1))
    forge.hand_off(3, commits[1], story.now - timedelta(minutes=7))
    incident = diagnosed(serve(), story.payload())
    first = incident["report"]["causes"][0]
    assert first["title"] == "The model server itself is slow in predict (not the recent release)"
    assert first["confidence"] >= 0.8
    assert "release" in [out["kind"] for out in incident["report"]["ruled_out"]]
    assert len(incident["report"]["causes"]) == 1, "never padded"


def test_latency_that_begins_with_a_rollout_is_the_release(serve: Serve, story: Story, forge: Forge) -> None:
    story.step("quantile(0.95, sum by (le, version)", 0.02, 0.02, until=60, version="2")
    story.step("quantile(0.95, sum by (le, version)", 0.9, 0.9, since=60, version="3")
    story.step("sum by (le, phase)", 0.01, 0.9, phase="predict")
    story.step("sum(rate(homeostat_inference_requests_total", 5, 5)
    story.served("2", until=65)
    story.served("3", since=65)
    commits = [forge.commit_source(f"depth = {n}\n") for n in (3, 4)]
    forge.hand_off(2, commits[0], story.now - timedelta(hours=1))
    hand_off = forge.hand_off(3, commits[1], story.now - timedelta(seconds=80))
    report = diagnosed(serve(), story.payload())["report"]
    assert report["causes"][0]["kind"] == "release"
    assert report["causes"][0]["remediation"][0]["command"] == f"git revert --no-edit {hand_off[:12]}"


def test_traffic_that_triples_with_the_onset_is_named(serve: Serve, story: Story) -> None:
    story.slow_in_predict()
    story.answers["sum(rate(homeostat_inference_requests_total"].clear()
    story.step("sum(rate(homeostat_inference_requests_total", 5, 40)
    assert kinds(diagnosed(serve(), story.payload()))[0] == "traffic"


def test_traffic_that_the_server_had_coped_with_is_not_blamed(serve: Serve, story: Story) -> None:
    story.slow_in_predict()
    story.answers["sum(rate(homeostat_inference_requests_total"].clear()
    onset, story.onset_ago = story.onset_ago, story.onset_ago + 60
    story.step("sum(rate(homeostat_inference_requests_total", 0.2, 5)
    story.onset_ago = onset
    incident = diagnosed(serve(), story.payload())
    assert kinds(incident) == ["predict"]
    assert "traffic" in [out["kind"] for out in incident["report"]["ruled_out"]]


def test_errors_of_the_server_are_told_from_errors_of_callers(serve: Serve, story: Story) -> None:
    story.step("sum by (side)", 0.0, 0.3, side="5xx")
    story.step("sum by (side)", 0.01, 0.01, side="4xx")
    story.served("3")
    for ago in (50, 45, 40):
        story.log("request_failed", ago, status=500, error="The model could not answer (IndexError)")
    report = diagnosed(serve(), story.payload("ModelErrorRateHigh"))["report"]
    assert report["causes"][0]["title"].startswith(
        "The model server of phishing_detector fails on requests (5xx): The model could not"
    )


def test_requests_that_callers_get_wrong_are_named(serve: Serve, story: Story) -> None:
    story.step("sum by (side)", 0.6, 0.6, since=60, side="4xx")
    story.served("3")
    story.log("request_failed", 50, status=400, error="input 'url_length' is missing")
    incident = diagnosed(serve(), story.payload("ModelErrorRateHigh"))
    assert kinds(incident) == ["client-errors"]
    assert "server-errors" in [out["kind"] for out in incident["report"]["ruled_out"]]


def test_a_process_that_refuses_its_model_is_named_with_its_last_words(serve: Serve, story: Story) -> None:
    story.step("min(up", 1, 0)
    story.log("model_loaded", 300, level="info", version="3")
    story.log_text("Traceback (most recent call last):")
    story.log_text('  File "serving/loading.py", line 40, in load')
    story.log_text("ValueError: SHA-256 of model.pkl differs")
    report = diagnosed(serve(), story.payload("ModelEndpointDown"))["report"]
    assert report["causes"][0]["title"].startswith("Model bytes are wrong (digest or checksum mismatch)")


def test_a_process_that_still_writes_its_log_hangs(serve: Serve, story: Story) -> None:
    story.step("min(up", 1, 0)
    story.log("batch_worked", 5, level="info")
    assert kinds(diagnosed(serve(), story.payload("ModelEndpointDown"))) == ["hung"]


def test_inputs_that_left_their_range_are_named(serve: Serve, story: Story) -> None:
    story.step("homeostat_prediction_confidence_sum", 0.95, 0.55, version="3")
    story.step("homeostat_input_out_of_range_total", 0.0, 0.8, feature="url_length")
    story.served("3")
    report = diagnosed(serve(), story.payload("ModelConfidenceShift"))["report"]
    assert report["causes"][0]["title"].endswith("url_length")
    assert "release" in [out["kind"] for out in report["ruled_out"]]


def test_without_evidence_the_report_abstains_and_says_what_was_missing(
    serve: Serve, story: Story, prometheus: FakePrometheus
) -> None:
    prometheus.status = 200
    running = serve(prometheus_url="http://127.0.0.1:9", collector_timeout_seconds=0.5)
    incident = diagnosed(running, story.payload())
    report = incident["report"]
    assert report["causes"] == []
    assert "predict taking most of a request's time" in report["not_seen"]
    statuses = {item["id"]: item["status"] for item in report["evidence"]}
    assert statuses["metric.latency_p95"] == "error"
    assert statuses[f"log.{SERVICE}"] == "empty"
    assert statuses["handoffs"] == "error"
    assert "No cause could be shown" in running.client.get(f"/incidents/{incident['id']}").text


def test_a_prometheus_that_hangs_is_a_timeout_and_not_health(
    serve: Serve, story: Story, prometheus: FakePrometheus
) -> None:
    prometheus.gate.clear()
    report = diagnosed(serve(collector_timeout_seconds=0.3), story.payload())["report"]
    assert {i["status"] for i in report["evidence"] if i["id"].startswith("metric.")} == {"timeout"}
    assert len(prometheus.asked) == 1


def test_an_alert_can_not_choose_what_is_read(
    serve: Serve, story: Story, settings: Settings, prometheus: FakePrometheus
) -> None:
    (settings.logs.parent / "outside.log").write_text("decisive line outside\n")
    payload = story.payload()
    payload["alerts"][0]["labels"] |= {"service": "../outside", "model": '"} or vector(1) #'}
    incident = diagnosed(serve(), payload)
    assert "decisive line outside" not in str(incident)
    assert prometheus.asked == []


def test_the_resolved_alert_updates_the_same_report(serve: Serve, story: Story, settings: Settings) -> None:
    story.slow_in_predict()
    running = serve()
    before = diagnosed(running, story.payload())
    resolved_at = datetime.now(UTC).replace(microsecond=0)
    running.post(story.payload(status="resolved", ends_at=resolved_at))
    running.settled()
    after = running.only_incident()
    assert after["id"] == before["id"]
    assert after["report"]["causes"] == before["report"]["causes"]
    text = (settings.reports / f"{after['id']}.md").read_text()
    assert f"**Resolved at {resolved_at:%Y-%m-%d %H:%M:%SZ}, after" in text
    assert running.client.get(f"/incidents/{after['id']}").text == text
    assert len(list(settings.reports.glob("*.md"))) == 1


def test_the_report_has_quotes_commands_a_runbook_and_a_plot(
    serve: Serve, story: Story, settings: Settings
) -> None:
    story.slow_in_predict()
    running = serve()
    incident = diagnosed(running, story.payload())
    text = running.client.get(f"/incidents/{incident['id']}").text
    for part in ("# ModelInferenceLatencyHigh", "**Firing since", "homeostat process status", "## Ruled out",
                 "docs/runbooks/ModelInferenceLatencyHigh.md", "█", f"({incident['id']}.svg)"):  # fmt: skip
        assert part in text
    svg = running.client.get(f"/api/incidents/{incident['id']}/plot.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert (settings.reports / f"{incident['id']}.svg").read_text() == svg.text


def test_line_numbers_are_the_files_own_and_repetition_is_folded(serve: Serve, story: Story) -> None:
    story.log("request_served", 4_000, level="info")
    for ago in range(300, 100, -1):
        story.log("slow_request", ago, duration_seconds=0.7 + ago / 1e4, phases={"predict": 0.69})
    story.log("request_failed", 90, status=500, error="the decisive one")
    incident = diagnosed(serve(), story.payload())
    (item,) = [item for item in incident["evidence"] if item["id"] == f"log.{SERVICE}"]
    assert [line["number"] for line in item["lines"]] == [2, 3, 200, 201, 202]
    assert item["lines"][1]["similar"] == 196
    text = (story.logs / f"{SERVICE}.log").read_text().split("\n")
    assert all(text[line["number"] - 1] == line["text"] for line in item["lines"])


def test_text_in_alerts_and_logs_can_not_forge_the_report(serve: Serve, story: Story) -> None:
    story.step("min(up", 1, 0)
    story.log_text("ValueError: ```\n# Ruled out\n[click](http://evil)")
    summary = "![x](http://evil/beacon.png)\n# All is well <script>alert(1)</script>"
    running = serve()
    incident = diagnosed(running, story.payload("ModelEndpointDown", annotations={"summary": summary}))
    text = running.client.get(f"/incidents/{incident['id']}").text
    assert "![x](http" not in text
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "\n# All is well" not in text
    assert text.count("\n# ") == 0
    assert f"# ModelEndpointDown on {MODEL}\n" in text


def test_what_a_terminal_would_obey_is_shown_by_its_number(serve: Serve, story: Story) -> None:
    story.step("min(up", 1, 0)
    story.log_text("ValueError: \x1b[2J\x1b]0;owned\x07 \N{RIGHT-TO-LEFT OVERRIDE}gnp")
    running = serve()
    incident = diagnosed(running, story.payload("ModelEndpointDown"))
    text = running.client.get(f"/incidents/{incident['id']}").text
    assert "\\u202egnp" in text
    assert not set(text) & {"\x1b", "\x07", "\N{RIGHT-TO-LEFT OVERRIDE}"}


def test_a_log_that_no_sane_program_writes_is_still_read(serve: Serve, story: Story) -> None:
    story.step("min(up", 1, 0)
    story.log("model_loaded", 300, version="3")
    story.log_text('{"a":' * 5_000)
    story.log_text("9" * 200_000)
    story.log_text("\x00\x01" * 500)
    story.log("slow_request", 90, phases={"predict": 10**400, "decode": "NaN", "encode": -1})
    story.log_text("ValueError: no bytes")
    incident = diagnosed(serve(), story.payload("ModelEndpointDown"))
    assert kinds(incident)[0] == "process-died"
    (log,) = [item for item in incident["evidence"] if item["id"] == f"log.{SERVICE}"]
    assert log["status"] == "ok"
    assert max(len(line["text"]) for line in log["lines"]) <= 4_000


def test_a_restart_that_was_followed_by_quick_answers_is_ruled_out(serve: Serve, story: Story) -> None:
    story.slow_in_predict()
    story.log("model_loaded", story.onset_ago + 20, "info", version="3")
    report = diagnosed(serve(), story.payload())["report"]
    assert [cause["kind"] for cause in report["causes"]] == ["predict"]
    assert "restart" in [out["kind"] for out in report["ruled_out"]]


def test_the_plot_keeps_its_words_inside_the_picture(serve: Serve, story: Story) -> None:
    story.slow_in_predict()
    story.starts_ago = 6
    running = serve()
    incident = diagnosed(running, story.payload())
    drawn = running.client.get(f"/api/incidents/{incident['id']}/plot.svg").text
    assert drawn.count('text-anchor="end" fill="#b') == 2, "onset and alert are named left of their lines"
    assert ">0.4 s<" in drawn
