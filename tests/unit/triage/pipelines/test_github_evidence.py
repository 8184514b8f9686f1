"""What is gathered about a failed run, over real HTTP, and what is said where GitHub does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.triage.github_server import GitHubServer, as_json, delivery_of, github_server, run_of
from triage.alert import AlertBatch
from triage.analysts.analyst import Case
from triage.analysts.citations import problem_with
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.analysts.deterministic.signatures.pipelines import PIPELINE_SIGNATURES
from triage.clock import utc_now
from triage.evidence.collector import scope_of
from triage.evidence.gather import Gatherer, redacted
from triage.evidence.github.api import Connection
from triage.evidence.github.collector import GitHubCollector
from triage.evidence.item import EvidenceItem, EvidenceStatus

LOG = """\
2026-01-02T03:04:05.1234567Z ##[group]Run pytest -q
2026-01-02T03:04:05.1234567Z \x1b[36;1mpytest -q\x1b[0m
2026-01-02T03:04:05.1234567Z ##[endgroup]
2026-01-02T03:04:06.1234567Z _____ test_total_is_never_zero _____
2026-01-02T03:04:06.1234567Z E   ZeroDivisionError: division by zero
2026-01-02T03:04:06.1234567Z shop/cart.py:7: ZeroDivisionError
2026-01-02T03:04:06.1234567Z FAILED tests/test_cart.py::test_total_is_never_zero - ZeroDivisionError: divi...
2026-01-02T03:04:06.1234567Z 1 failed, 12 passed in 0.31s
2026-01-02T03:04:07.1234567Z ##[error]Process completed with exit code 1.
"""
CART = "\n".join(f"line {number} of the cart" for number in range(1, 31)) + "\n"
SPAN = f"{run_of(7000)['head_sha']}...{run_of()['head_sha']}"
DIFFERENCE = {
    "status": "ahead",
    "ahead_by": 1,
    "commits": [
        {"sha": run_of()["head_sha"], "commit": {"message": "Round totals\n\nmore", "author": {"name": "A"}}},
    ],
    "files": [
        {"filename": "README.md", "additions": 1, "deletions": 0, "patch": "@@ -1 +1,2 @@\n+more"},
        {"filename": "shop/cart.py", "additions": 1, "deletions": 1, "patch": "@@ -7 +7 @@\n-a\n+a / b"},
    ],
}  # fmt: skip


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    with github_server() as server:
        job = {
            "id": 501, "name": "Tests, Python 3.11", "conclusion": "failure",
            "steps": [{"name": "make test", "number": 3, "conclusion": "failure"}],
        }  # fmt: skip
        server.runs[("acme/shop", 7001)] = run_of()
        server.runs[("acme/shop", 7000)] = run_of(7000, "success")
        server.jobs[(7001, 1)] = [job, {"id": 502, "name": "lint", "conclusion": "success"}]
        server.logs[501] = LOG
        server.files[("shop/cart.py", run_of()["head_sha"])] = CART
        server.comparisons[SPAN] = DIFFERENCE
        yield server


def gathered(github: GitHubServer, **changes: object) -> dict[str, EvidenceItem]:
    scope = scope_of(_alert(**changes), utc_now())
    connection = Connection(github.url, token=github.token or "", timeout_seconds=5, budget_seconds=10)
    with connection.client() as client:
        collector = GitHubCollector(connection, client, utc_now)
        return {item.id: item for item in Gatherer([collector], utc_now).gather(scope)}


def _alert(**changes: object):
    batch = parse(run_of(**changes))
    return batch.alerts[0]


def parse(run) -> AlertBatch:
    from triage.senders.github import parse_github  # noqa: PLC0415 - beside its use

    batch = parse_github(delivery_of(run))
    assert isinstance(batch, AlertBatch)
    return batch


def texts(item: EvidenceItem) -> str:
    return "\n".join(f"{line.number}: {line.text}" for line in item.lines)


def test_the_run_its_failing_step_and_its_log_are_gathered(github):
    found = gathered(github)
    assert "job Tests, Python 3.11, step 3 make test: failure" in texts(found["github.run"])
    assert "FAILED tests/test_cart.py" in texts(found["github.log.Tests-Python-3.11"])
    assert "github.log.lint" not in found


def test_a_logs_lines_keep_the_numbers_of_the_log(github):
    github.logs[501] = "".join(f"step {number} went well\n" for number in range(1, 2001)) + LOG
    item = gathered(github)["github.log.Tests-Python-3.11"]
    failed = next(one for one in item.observations if one.name == "test.failed")
    assert failed.line == 2007
    assert "FAILED tests/test_cart.py" in (item.text_of(2007) or "")
    assert len(item.lines) < 100


def test_the_lines_that_the_log_names_are_read_at_the_runs_commit(github):
    item = gathered(github)["github.file.shop/cart.py"]
    assert "7: line 7 of the cart" in texts(item)
    assert "20: line 20" not in texts(item)


def test_the_difference_to_the_last_green_run_shows_the_named_file_first(github):
    item = gathered(github)["github.difference"]
    said = texts(item)
    assert "Round totals" in said
    assert said.index("modified shop/cart.py") < said.index("modified README.md")
    assert "+a / b" in said


def test_a_branch_that_was_never_green_is_compared_with_the_default_branch(github):
    github.runs[("acme/shop", 7001)] = run_of(head_branch="topic")
    assert gathered(github, head_branch="topic")["github.difference"].status is EvidenceStatus.OK


def test_the_cause_cites_the_log(github):
    alert = _alert()
    scope = scope_of(alert, utc_now())
    evidence = tuple(gathered(github).values())
    (cause,) = DeterministicAnalyst(PIPELINE_SIGNATURES).analyse(Case(alert, scope, evidence)).causes
    assert cause.kind == "test-failure"
    assert [problem_with(citation, evidence) for citation in cause.citations] == [None] * len(cause.citations)


def test_no_token_of_ours_goes_to_where_the_logs_are_kept(github):
    github.token = "ours-alone-and-of-nobody-else"
    gathered(github)
    kept = [asked for asked in github.asked if asked.path.startswith("/_logs/")]
    asked = [asked for asked in github.asked if not asked.path.startswith("/_logs/")]
    assert kept
    assert all("authorization" not in one.headers for one in kept)
    assert all(one.headers["authorization"] == f"Bearer {github.token}" for one in asked)


def test_nothing_is_ever_written(github):
    gathered(github)
    assert {asked.method for asked in github.asked} == {"GET"}


@pytest.mark.parametrize("named", ["../../secrets.py", "/etc/passwd.py", ".git/config.py", "a/../../b.py"])
def test_a_file_outside_of_the_repository_is_not_asked_for(github, named):
    github.logs[501] = LOG.replace("shop/cart.py", named)
    gathered(github)
    asked = {asked.path.partition("/contents/")[2] for asked in github.asked}
    assert asked == {"", "tests/test_cart.py"}


def test_a_secret_in_the_log_is_redacted(github):
    token = "ghp_" + "a1B2" * 9
    github.logs[501] = LOG.replace("division by zero", f"division by {token}")
    assert token not in repr(gathered(github))


REFUSALS = {
    "missing": ((404, {}, b"{}"), EvidenceStatus.EMPTY, "404"),
    "forbidden": ((403, {"x-ratelimit-remaining": "4999"}, b"{}"), EvidenceStatus.FORBIDDEN, "403"),
    "not accepted": ((401, {}, b"{}"), EvidenceStatus.FORBIDDEN, "401"),
    "rate limit": (
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767323045"}, b"{}"),
        EvidenceStatus.ERROR,
        "rate limit is used up until 2026-01-02 03:04:05Z",
    ),
    "broken": ((500, {}, b"no"), EvidenceStatus.ERROR, "500"),
    "another form": (as_json({"id": "seven"}), EvidenceStatus.ERROR, "unexpected form"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_run_that_github_does_not_tell_of_is_named_with_the_reason(github, name):
    reply, status, said = REFUSALS[name]
    github.broken["/actions/runs/7001/attempts/1"] = reply
    item = gathered(github)["github.run"]
    assert item.status is status
    assert said in item.note


@pytest.mark.parametrize("part", ["/jobs/501/logs", "/contents/", "/compare/", "/workflows/"])
def test_one_part_that_fails_costs_no_other(github, part):
    github.broken[part] = (500, {}, b"no")
    found = gathered(github)
    assert found["github.run"].status is EvidenceStatus.OK
    assert any(item.status is EvidenceStatus.ERROR for item in found.values())


def test_an_expired_log_is_missing_and_not_healthy(github):
    github.broken["/jobs/501/logs"] = (410, {}, b"")
    item = gathered(github)["github.log.Tests-Python-3.11"]
    assert (item.status, item.lines) == (EvidenceStatus.EMPTY, ())
    assert "expired" in item.note


def test_an_address_that_nobody_serves_is_an_error_that_says_so():
    gone = GitHubServer(url="http://127.0.0.1:9")
    item = gathered(gone)["github.run"]
    assert item.status is EvidenceStatus.ERROR
    assert "can't be reached" in item.note


@pytest.mark.parametrize("label", ["repository", "run_id", "attempt"])
def test_labels_that_are_no_names_are_not_asked_for(github, label):
    alert = _alert()
    labels = {**alert.labels, label: "../../admin"}
    forged = type(alert)(alert.fingerprint, alert.status, alert.starts_at, None, labels, {})
    connection = Connection(github.url)
    with connection.client() as client:
        scope = scope_of(forged, datetime.now(UTC) + timedelta(seconds=1))
        (item,) = GitHubCollector(connection, client, utc_now).collect(scope)
    assert item.status is EvidenceStatus.EMPTY
    assert github.asked == []


def test_a_token_file_of_two_lines_is_told_without_its_content(github, tmp_path):
    file = tmp_path / "token"
    file.write_text("github_pat_of_nobody\nq9w8e7r6-second-line\n")
    connection = Connection(github.url, token_file=file)
    with connection.client() as client:
        gatherer = Gatherer([GitHubCollector(connection, client, utc_now)], utc_now)
        (item,) = gatherer.gather(scope_of(_alert(), utc_now()))
    assert (item.status, "one word on one line" in item.note) == (EvidenceStatus.FORBIDDEN, True)
    assert "second-line" not in str(item)


def test_a_token_that_no_header_takes_is_not_quoted(github):
    github.token = "one-line\nq9w8e7r6-second-line"
    item = gathered(github)["github.run"]
    assert item.status is EvidenceStatus.FORBIDDEN
    assert "second-line" not in str(item)


@pytest.mark.parametrize("headers", [{}, {"location": "http://h\x7fost/"}, {"location": "http://[::1"}])
def test_an_answer_that_leads_nowhere_costs_only_its_own_item(github, headers):
    github.broken["/compare/"] = (302, headers, b"")
    found = gathered(github)
    assert found["github.difference"].status is EvidenceStatus.ERROR
    assert found["github.run"].status is EvidenceStatus.OK


def test_names_that_end_lines_move_no_line(github):
    hostile = {"sha": "c" * 40, "commit": {"message": "m", "author": {"name": "A\nmodified x +1 -0"}}}
    github.comparisons[SPAN] = {**DIFFERENCE, "commits": [hostile]}
    item = gathered(github)["github.difference"]
    assert all(
        one.texts["object"] in (item.text_of(one.line) or "")
        for one in item.observations
        if one.name == "change"
    )


def test_a_key_over_several_lines_is_in_nothing_that_was_understood_of_them(github):
    key = ["-----BEGIN PRIVATE KEY-----", "c2hvcnQtbGluZQ==", "-----END PRIVATE KEY-----"]
    said = "".join(f"2026-01-02T03:04:06.1234567Z E   AssertionError: {part}\n" for part in key)
    github.logs[501] = LOG.replace(
        "2026-01-02T03:04:06.1234567Z E   ZeroDivisionError: division by zero\n", said
    )
    assert "c2hvcnQtbGluZQ" not in str(gathered(github))


def test_an_address_in_a_source_keeps_no_password(github):
    run = gathered(github)["github.run"]
    hidden = redacted(run.model_copy(update={"source": "https://me:hunter22x@git.example/shop"}))
    assert "hunter22x" not in hidden.source
