"""A run diagnosed by the command that the workflow calls, against a GitHub over real HTTP."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from homeostat.errors import HomeostatError
from tests.unit.triage.github_server import github_server, run_of
from triage.cli import app

LOG = """\
2026-01-02T03:04:05.1234567Z ##[group]Run make check
2026-01-02T03:04:05.1234567Z ##[endgroup]
2026-01-02T03:04:06.1234567Z Finding:     REDACTED
2026-01-02T03:04:06.1234567Z RuleID:      github-pat
2026-01-02T03:04:06.1234567Z File:        jobs/export.py
2026-01-02T03:04:06.1234567Z Line:        3
2026-01-02T03:04:06.1234567Z 3:04AM WRN leaks found: 1
2026-01-02T03:04:07.1234567Z ##[error]Process completed with exit code 1.
"""


@pytest.fixture
def github(monkeypatch):
    for variable in ("TRIAGE_GITHUB_URL", "TRIAGE_GITHUB_TOKEN_FILE", "GH_TOKEN", "TRIAGE_SLACK_CHANNEL"):
        monkeypatch.delenv(variable, raising=False)
    with github_server() as server:
        server.token = "of-this-workflow-run-alone"
        monkeypatch.setenv("GITHUB_TOKEN", server.token)
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        server.runs[("acme/shop", 7001)] = run_of()
        server.jobs[(7001, 1)] = [{"id": 501, "name": "check", "conclusion": "failure"}]
        server.logs[501] = LOG
        yield server


def invoke(*arguments: str):
    command = ["workflow-run", "--repository", "acme/shop", "--run-id", "7001", *arguments]
    return CliRunner().invoke(app, command)


def test_the_report_is_printed_as_markdown(github):
    done = invoke()
    assert done.exit_code == 0, done.exception
    assert "github-pat in jobs/export.py:3" in done.stdout
    assert {asked.method for asked in github.asked} == {"GET"}


def test_the_report_is_printed_as_data(github):
    report = json.loads(invoke("--json").stdout)
    assert [cause["kind"] for cause in report["causes"]] == ["leaked-secret"]
    assert (report["incident_id"], report["team"]) == ("github-7001", "security")


def test_publishing_comments_on_the_commit_and_opens_an_issue_on_main(github):
    done = invoke("--publish")
    assert done.exit_code == 0, done.exception
    ((on, (comment,)),) = github.comments.items()
    assert on == f"commits/{run_of()['head_sha']}"
    assert "github-pat" in comment["body"]
    assert len(github.issues) == 1


@pytest.mark.parametrize("conclusion", ["success", "cancelled"])
def test_a_run_that_did_not_fail_is_not_explained(github, conclusion):
    github.runs[("acme/shop", 7001)] = run_of(conclusion=conclusion)
    done = invoke()
    assert isinstance(done.exception, HomeostatError)
    assert f"did not fail: it is {conclusion}" in str(done.exception)


def test_a_run_that_github_does_not_know_is_one_sentence(github):
    github.runs.clear()
    done = invoke()
    assert isinstance(done.exception, HomeostatError)
    assert "404" in str(done.exception)


def test_a_log_without_a_decisive_line_yields_no_cause(github):
    github.logs[501] = "2026-01-02T03:04:07.1234567Z ##[error]Process completed with exit code 1.\n"
    assert json.loads(invoke("--json").stdout)["causes"] == []


@pytest.mark.parametrize("repository", ["acme", "../..", "acme/..", "acme/shop/issues"])
def test_what_is_no_repository_is_told_before_anybody_is_asked(github, repository):
    command = ["workflow-run", "--repository", repository, "--run-id", "7001"]
    done = CliRunner().invoke(app, command)
    assert isinstance(done.exception, HomeostatError)
    assert done.exception.exit_code == 2
    assert "OWNER/NAME" in str(done.exception)
    assert not github.asked


@pytest.mark.parametrize("token", ["two\nlines-of-a-secret", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_a_token_that_no_header_takes_is_told_without_it(github, monkeypatch, token):
    monkeypatch.setenv("GITHUB_TOKEN", token)
    done = invoke()
    assert isinstance(done.exception, HomeostatError)
    assert "one word on one line" in str(done.exception)
    assert token.split()[-1] not in str(done.exception)
