"""One failed run diagnosed where there is no service: in a workflow, or at a terminal; nothing is stored.

The report goes to standard output, and from there into the job's summary. With ``--publish`` it also goes
where the routes say. An incident is named after its run, so a second attempt edits what the first one posted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from homeostat.errors import ConfigError, HomeostatError
from triage.alert import Alert, AlertBatch
from triage.analysts.analyst import Case
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.clock import Clock, utc_now
from triage.consulting import consult
from triage.destinations.at_once import publish_at_once
from triage.destinations.destination import Destination
from triage.destinations.github import GitHubComments, GitHubIssues, GitHubPlace
from triage.destinations.message import Message, origin_of
from triage.destinations.routing import load_routing, places, reachable
from triage.destinations.token import GivenToken, TokenFile
from triage.evidence.alert_itself import AlertCollector
from triage.evidence.collector import scope_of
from triage.evidence.gather import Gatherer
from triage.evidence.github.api import Connection, GitHubReader, Unanswered
from triage.evidence.github.collector import GitHubCollector
from triage.evidence.github.forms import Run
from triage.evidence.item import EvidenceItem
from triage.incident import Incident
from triage.report.compose import compose
from triage.report.document import Report
from triage.report.markdown import to_markdown
from triage.repository_name import is_repository
from triage.secret_file import is_token
from triage.senders.github import told_by

GITHUB_API = "https://api.github.com"
_SLACK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FailedRun:
    """Which run, of which repository; ``attempt`` is None for the latest."""

    repository: str
    run_id: int
    attempt: int | None = None

    @property
    def incident_id(self) -> str:
        """How its incident is called everywhere."""
        return f"github-{self.run_id}"

    @property
    def path(self) -> str:
        """Where the API tells of it."""
        path = f"/repos/{self.repository}/actions/runs/{self.run_id}"
        return f"{path}/attempts/{self.attempt}" if self.attempt else path


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """The report, and what it rests on."""

    alert: Alert
    report: Report
    evidence: tuple[EvidenceItem, ...]

    @property
    def markdown(self) -> str:
        """The report for people."""
        return to_markdown(self.report, None)


def connection_of(environment: Mapping[str, str] = os.environ, url: str | None = None) -> Connection:
    """GitHub as the environment names it: a workflow's own variables, or triage's.

    Raises:
        ConfigError: when what should be a token is none.
    """
    address = url or environment.get("TRIAGE_GITHUB_URL") or environment.get("GITHUB_API_URL") or GITHUB_API
    file = environment.get("TRIAGE_GITHUB_TOKEN_FILE")
    token = (environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or "").strip()
    if token and not is_token(token):
        raise ConfigError("GITHUB_TOKEN", ["it holds no token: a token is one word on one line."])
    return Connection(address, Path(file) if file else None, token)


def diagnose_run(wanted: FailedRun, connection: Connection, clock: Clock = utc_now) -> Diagnosed:
    """The report on a run that failed.

    Raises:
        ConfigError: when the repository is none.
        HomeostatError: when GitHub does not tell of the run, or it did not fail.
    """
    if not is_repository(wanted.repository):
        told = f"'{wanted.repository}' must be a repository as GitHub names it: OWNER/NAME."
        raise ConfigError("--repository", [told])
    with connection.client() as client:
        try:
            run = GitHubReader(connection, client).one(wanted.path, Run)
        except Unanswered as why:
            raise HomeostatError(
                f"run {wanted.run_id} of {wanted.repository} can't be read: {why}."
            ) from None
        batch = told_by(run, run.repository)
        if not isinstance(batch, AlertBatch):
            ended = run.conclusion or run.status or "not completed"
            raise HomeostatError(f"run {wanted.run_id} of {wanted.repository} did not fail: it is {ended}.")
        incident = Incident(wanted.incident_id, batch.group_key, 1, batch.alerts)
        scope = scope_of(incident.primary, clock())
        collectors = (AlertCollector(clock), GitHubCollector(connection, client, clock))
        evidence = Gatherer(collectors, clock).gather(scope)
    findings = consult((DeterministicAnalyst(),), Case(incident.primary, scope, evidence))
    return Diagnosed(incident.primary, compose(incident, findings, clock()), tuple(evidence))


def publish(diagnosed: Diagnosed, connection: Connection, repository: str) -> Sequence[str]:
    """Show the report where the routes say; one sentence for each place.

    Raises:
        HomeostatError: with a sentence for each place that did not take it.
    """
    file = os.environ.get("TRIAGE_ROUTING_FILE")
    routing = load_routing(Path(file) if file else None)
    origin = origin_of(diagnosed.alert)
    message = Message(
        report=diagnosed.report,
        origin=origin,
        team=routing.handle(diagnosed.report.team),
        url=diagnosed.alert.annotations.get("url"),
        evidence=diagnosed.evidence,
    )
    own = connection.token_file
    token = TokenFile(own, "TRIAGE_GITHUB_TOKEN_FILE") if own else GivenToken(connection.token)
    place = GitHubPlace(token, repository, connection.url)
    wanted = reachable(places(diagnosed.report, origin, routing.routes), message, repository)
    found = (GitHubComments(place), GitHubIssues(place), *_slack())
    chosen = [one for one in found if one.name in wanted]
    shown, failed = publish_at_once(message, chosen)
    if failed:
        raise HomeostatError(" ".join(f"{name}: {why}" for name, why in failed.items()))
    return [f"{name}: {receipt.outcome.value}, {receipt.external_id}" for name, receipt in shown.items()]


def _slack() -> Sequence[Destination]:
    """The channel that the workflow names, if it names one."""
    channel, token = os.environ.get("TRIAGE_SLACK_CHANNEL"), os.environ.get("SLACK_BOT_TOKEN")
    if not channel or not token:
        return ()
    if not is_token(token):
        raise ConfigError("SLACK_BOT_TOKEN", ["it holds no token: a token is one word on one line."])
    # only who sends to Slack pays for its library
    from triage.destinations.slack import SLACK_API, SlackDestination  # noqa: PLC0415

    address = os.environ.get("TRIAGE_SLACK_URL", SLACK_API)
    return (SlackDestination(GivenToken(token), channel, address, _SLACK_SECONDS),)
