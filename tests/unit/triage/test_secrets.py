"""No secret reaches the database, a report, an answer or a provider. Without redaction these fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.unit.triage.conftest import ProviderServer, Running
from tests.unit.triage.story import Forge, Story
from triage.settings import Settings

Serve = Callable[..., Running]

IN_LOG = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2"
IN_DIFF = "AKIA" + "Q7R2T5W8Y1U4I6O3"
IN_ANNOTATION = "sk-" + "livelivelive0123456789abcd"
IN_LABEL = "hunter2-is-not-a-password"
KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
SHORT_KEY_LINE = "Zm9vYmFyCg=="
PLANTED = (IN_LOG, IN_DIFF, IN_ANNOTATION, IN_LABEL, KEY_LINE, SHORT_KEY_LINE)


def plant(story: Story, forge: Forge) -> dict[str, object]:
    story.slow_in_predict()
    story.log("request_failed", 50, level="error", status=500, error=f"401 for token {IN_LOG}")
    story.log_text("ERROR -----BEGIN PRIVATE KEY-----")
    story.log_text(KEY_LINE)
    story.log_text(f"{SHORT_KEY_LINE} ERROR")
    story.log_text("-----END PRIVATE KEY-----")
    before = forge.commit_source("key = None\n")
    forge.hand_off(2, before, story.now - timedelta(hours=1))
    forge.hand_off(3, forge.commit_source(f"key = '{IN_DIFF}'\n"), story.now - timedelta(minutes=9))
    payload = story.payload(annotations={"summary": f"slow, see {IN_ANNOTATION}"})
    payload["alerts"][0]["labels"]["db_password"] = IN_LABEL
    return payload


def assert_clean(where: str, content: bytes) -> None:
    for secret in PLANTED:
        assert secret.encode() not in content, f"{secret} in {where}"


def test_planted_secrets_are_in_nothing_that_is_stored_answered_or_sent(
    serve: Serve, story: Story, forge: Forge, settings: Settings, provider: ProviderServer
) -> None:
    payload = plant(story, forge)
    running = serve(llm_base_url=f"{provider.url}/v1", llm_model="played")
    running.post(payload)
    running.settled()
    incident = running.only_incident()
    statuses = {item["id"]: item["status"] for item in incident["evidence"]}
    assert statuses["diff.source"] == statuses["log.model-phishing_detector"] == "ok"
    assert provider.received
    for sent in provider.received:
        assert_clean("a request to the provider", sent.encode())
    for path in (
        "/api/incidents",
        f"/api/incidents/{incident['id']}",
        f"/incidents/{incident['id']}",
        "/metrics",
    ):
        assert_clean(path, running.client.get(path).content)
    for file in (*settings.reports.iterdir(), *Path(settings.logs.parent).glob("triage.db*")):
        assert_clean(file.name, file.read_bytes())


def test_a_refused_payload_does_not_echo_a_secret(serve: Serve, story: Story) -> None:
    answer = serve().post({**story.payload(), "version": IN_ANNOTATION})
    assert answer.status_code == 400
    assert_clean("the answer", answer.content)
