"""What readers said of reports is shown beside the figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from typer.testing import CliRunner

from tests.unit.triage.evaluation.test_hostile import written
from triage.cli import app
from triage.evaluation.readers import Judged, judged
from triage.report.feedback import GivenFeedback

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def said(
    incident: str, verdict: str, reported: str | None, cause: str | None = None, after: int = 0
) -> GivenFeedback:
    return GivenFeedback.model_validate(
        {
            "incident_id": incident,
            "verdict": verdict,
            "reported": reported,
            "cause": cause,
            "given_at": NOW + timedelta(seconds=after),
        }
    )


def test_the_kinds_that_are_often_wrong_come_first_with_what_it_was():
    words = [
        said("1", "right", "dns"),
        said("2", "wrong", "traffic", "dns"),
        said("3", "wrong", "traffic", "dns"),
        said("4", "wrong", None),
    ]
    assert judged(words) == [
        Judged("traffic", 0, 2, ("dns",)),
        Judged("no cause", 0, 1, ()),
        Judged("dns", 1, 0, ()),
    ]


def test_the_last_word_on_an_incident_counts():
    words = [said("1", "right", "dns", after=9), said("1", "wrong", "dns", after=1)]
    assert judged(words) == [Judged("dns", 1, 0, ())]


def test_a_services_feedback_is_in_the_evaluation(serve, story, tmp_path):
    story.slow_in_predict()
    running = serve()
    running.post(story.payload())
    running.settled()
    incident = running.only_incident()["id"]
    given = running.client.post(f"/incidents/{incident}/feedback", data={"answer": "right"})
    assert given.status_code == 201
    written(tmp_path, ["nothing"])
    (tmp_path / "truth.yaml").write_text(
        "happened: no\nverdict: negative\norigin: constructed\nhow: by hand\n"
    )
    url = str(running.client.base_url)
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--url", url, "--json"])
    assert json.loads(result.stdout)["feedback"] == [
        {"kind": "predict", "right": 1, "wrong": 0, "instead": []}
    ]
