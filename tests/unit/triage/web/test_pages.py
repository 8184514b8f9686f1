"""The pages and the feedback over HTTP: who gets what, and whose word is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from homeostat.errors import ConfigError, HomeostatError
from tests.unit.triage.conftest import Running
from tests.unit.triage.report.told import BEGAN, keep, report
from triage.cli import app
from triage.report.similar import traits_of

Serve = Callable[..., Running]
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def say(running: Running, incident: str, headers: Mapping[str, str] | None = None, **form: str) -> int:
    path = f"/incidents/{incident}/feedback"
    return running.client.post(path, data=form or {"answer": "right"}, headers=headers).status_code


def test_a_browser_gets_a_page_and_a_program_gets_markdown(serve: Serve) -> None:
    running = serve()
    path = f"/incidents/{keep(running.triage, report())}"
    page = running.client.get(path, headers=BROWSER)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    for accept in ("*/*", "text/markdown"):
        answer = running.client.get(path, headers={"accept": accept})
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert answer.headers["vary"] == "Accept"
    assert running.client.get(f"{path}.md", headers=BROWSER).text.startswith("# ValueError: no bytes")


def test_an_incident_without_a_report_says_to_wait(serve: Serve) -> None:
    running = serve()
    incident = keep(running.triage, report())
    with running.triage.engine.begin() as connection:
        connection.execute(text("DELETE FROM traits"))
    assert "see its report" in running.client.get("/", headers=BROWSER).text, "as before traits were kept"
    with running.triage.engine.begin() as connection:
        connection.execute(text("DELETE FROM reports"))
    page = running.client.get(f"/incidents/{incident}", headers=BROWSER)
    assert "There is no report yet" in page.text
    assert '<meta http-equiv="refresh" content="5">' in page.text
    assert running.client.get(f"/incidents/{incident}").status_code == 404
    assert "no report yet" in running.client.get("/", headers=BROWSER).text


def test_without_its_database_triage_says_so_to_people_and_programs(serve: Serve) -> None:
    running = serve()
    with running.triage.engine.begin() as connection:
        connection.execute(text("DROP TABLE traits"))
    answer = running.client.get("/", headers=BROWSER)
    assert answer.status_code == 503
    assert "Triage can&#39;t answer now" in answer.text or "Triage can't answer now" in answer.text
    with running.triage.engine.begin() as connection:
        connection.execute(text("DROP TABLE feedback"))
    assert "can't be read" in running.client.get("/api/feedback").json()["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=firing", ["burns"]),
        ("status=resolved", ["ended"]),
        ("q=ENDED", ["ended"]),
        ("q=%25", []),
        ("q=nothing+like+it", []),
        ("status=nonsense&page=-3", ["burns", "ended"]),
        ("page=99999999999999999999", []),
    ],
)
def test_the_list_is_filtered_and_takes_nonsense_for_nothing(
    serve: Serve, query: str, found: list[str]
) -> None:
    running = serve()
    keep(running.triage, report("burns", incident_id="one"))
    keep(running.triage, report("ended", incident_id="two", resolved_at=BEGAN + timedelta(minutes=5)))
    page = running.client.get(f"/?{query}", headers=BROWSER).text
    assert [name for name in ("burns", "ended") if f">{name} on {name}</a>" in page] == found
    assert 'http-equiv="refresh"' in page, "something fires, whatever is shown"


def test_the_list_does_not_refresh_itself_when_nothing_fires(serve: Serve) -> None:
    running = serve()
    keep(running.triage, report("ended", resolved_at=BEGAN + timedelta(minutes=5)))
    assert 'http-equiv="refresh"' not in running.client.get("/", headers=BROWSER).text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"sec-fetch-site": "same-origin"}, 201),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.invalid"}, 403),
        # as a proxy hands it on that has a name of its own
        ({"origin": "https://triage.home", "host": "triage:8090", "x-forwarded-host": "triage.home"}, 201),
        ({"origin": "https://evil.invalid", "host": "triage:8090", "x-forwarded-host": "triage.home"}, 403),
        ({"origin": "null", "x-forwarded-host": ""}, 403),
        ({"origin": "null"}, 403),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_another_sites_page_can_not_speak_for_a_visitor(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    running = serve()
    incident = keep(running.triage, report())
    assert say(running, incident, headers) == status
    assert len(running.triage.feedback.of(incident)) == (status == 201)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"answer": "maybe"}, 422),
        ({"answer": "wrong", "cause": "Not A Kind"}, 422),
        ({"answer": "right", "note": "x" * 1_001}, 422),
        ({"answer": "right", "note": "x" * 20_000}, 413),
    ],
)
def test_what_is_no_feedback_is_refused_and_nothing_is_kept(
    serve: Serve, form: dict[str, str], status: int
) -> None:
    running = serve()
    incident = keep(running.triage, report())
    assert say(running, incident, **form) == status
    assert running.triage.feedback.of(incident) == []
    assert say(running, "none") == 404


def test_the_last_word_counts_and_the_same_word_twice_is_one(serve: Serve) -> None:
    running = serve()
    incident = keep(running.triage, report())
    for answer in ("right:predict", "right:predict", "wrong"):
        assert say(running, incident, answer=answer) == 201
    assert [one.verdict.value for one in running.triage.feedback.of(incident)] == ["right", "wrong"]
    metrics = running.client.get("/metrics").text
    assert 'homeostat_triage_feedback{verdict="wrong"} 1.0' in metrics
    assert 'homeostat_triage_feedback{verdict="right"} 0.0' in metrics


def test_a_page_shows_what_helped_in_similar_incidents(serve: Serve) -> None:
    running = serve()
    earlier = keep(running.triage, report(incident_id="20260101-000000-00000000"))
    say(running, earlier, answer="right:predict", note="moved the noisy neighbour")
    told = report(incident_id="later")
    assert [one.incident_id for one in running.triage.store.past(traits_of(told))] == [earlier]
    page = running.client.get(f"/incidents/{keep(running.triage, told)}", headers=BROWSER).text
    assert "moved the noisy neighbour" in page


def test_feedback_and_pages_at_the_command_line(serve: Serve, tmp_path: Path) -> None:
    running = serve()
    url = ["--url", str(running.client.base_url)]
    incident = keep(running.triage, report())
    given = CliRunner().invoke(app, ["feedback", incident, "--wrong", "--cause", "disk-full", *url])
    assert given.output == f"{incident}: wrong, it was disk-full\n"
    assert CliRunner().invoke(app, ["feedback", incident, "--right", "--wrong", *url]).exit_code == 2
    unknown = CliRunner().invoke(app, ["feedback", "none", "--right", *url])
    assert isinstance(unknown.exception, HomeostatError)
    wrong = CliRunner().invoke(app, ["feedback", incident, "--wrong", "--cause", "A B", *url])
    assert isinstance(wrong.exception, ConfigError)
    file = tmp_path / "report.html"
    assert CliRunner().invoke(app, ["show", incident, "--html", str(file), *url]).exit_code == 0
    assert "<form" not in file.read_text()
    assert "request 4 served" in file.read_text()
