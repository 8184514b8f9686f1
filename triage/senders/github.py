"""GitHub's webhook ``workflow_run``: a run that failed is an alert, a green one of the same branch ends it.

GitHub signs each body with the shared secret; see "Validating webhook deliveries" in its documentation.
It delivers in any order and does not try again by itself. A delivery that is repeated, by hand or by a
stranger who recorded it, changes nothing, since a run and its attempt are one alert. Names of branches and
workflows are texts that anybody with a fork can choose: they are redacted, bounded and never obeyed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from homeostat.matching import matching
from homeostat.redaction import redact
from homeostat.sentences import sentences
from triage.alert import Alert, AlertBatch, AlertStatus, Recovery
from triage.errors import InvalidPayload
from triage.repository_name import RepositoryName
from triage.senders.alertmanager import Start
from triage.symptom import PIPELINE_FAILED

#: the event that is read; all others are answered and forgotten
WORKFLOW_RUN = "workflow_run"
_COMPLETED = "completed"
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})
_GREEN = "success"
_PREFIX = "sha256="
_MOST_CHARACTERS = 250

CommitId = Annotated[str, matching("[0-9a-f]{40}([0-9a-f]{24})?", "a whole commit id")]


class _Foreign(BaseModel):
    """A part of the body; GitHub adds fields as it likes."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ForeignRepository(_Foreign):
    """Whose run it is."""

    full_name: RepositoryName
    default_branch: str = "main"


class ForeignPullRequest(_Foreign):
    """One that the run's commit belongs to."""

    number: int = Field(ge=1)


class ForeignRun(_Foreign):
    """``workflow_run``, of the webhook and of the API alike."""

    id: int = Field(ge=1)
    run_attempt: int = Field(default=1, ge=1)
    name: str | None = None
    path: str = ""
    event: str = ""
    status: str | None = None
    conclusion: str | None = None
    head_branch: str | None = None
    head_sha: CommitId
    head_repository: ForeignRepository | None = None
    html_url: str = ""
    created_at: Start
    run_started_at: Start | None = None
    updated_at: Start
    pull_requests: tuple[ForeignPullRequest, ...] = ()
    workflow_id: int = 0


class Delivery(_Foreign):
    """The body of one call."""

    action: str
    workflow_run: ForeignRun
    repository: ForeignRepository


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Whether ``signature``, the header X-Hub-Signature-256, was made of ``body`` with ``secret``.

    >>> is_signed(b"{}", "sha256=" + 64 * "0", "a secret")
    False
    """
    # without a secret to compare with, nobody has the right one
    if not secret or not signature.startswith(_PREFIX):
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature[len(_PREFIX) :].encode(), expected.encode())


def parse_github(body: bytes | str) -> AlertBatch | Recovery | None:
    """Read a ``workflow_run`` delivery; None for one that tells neither a failure nor a recovery.

    Raises:
        InvalidPayload: with a sentence for every field that is not what it should be.
    """
    try:
        delivery = Delivery.model_validate_json(body)
    except ValidationError as error:
        told = [redact(sentence) for sentence in sentences(error, Delivery)]
        raise InvalidPayload("the workflow_run delivery", told) from None
    if delivery.action != _COMPLETED:
        return None
    return told_by(delivery.workflow_run, delivery.repository)


def told_by(run: ForeignRun, repository: ForeignRepository) -> AlertBatch | Recovery | None:
    """What a completed run means; None when it was cancelled, skipped or waits for somebody."""
    group = _group(run, repository)
    if run.conclusion == _GREEN:
        return Recovery(group, run.updated_at, run.run_started_at or run.created_at)
    if run.conclusion not in _FAILED:
        return None
    return AlertBatch(group, (_alert(run, repository),))


def _group(run: ForeignRun, repository: ForeignRepository) -> str:
    return f"github:{repository.full_name}:{_workflow(run)}:{_branch(run, repository)}"


def _workflow(run: ForeignRun) -> str:
    return _plain(run.name or run.path.rsplit("/", 1)[-1] or str(run.workflow_id))


def _branch(run: ForeignRun, repository: ForeignRepository) -> str:
    """The branch; that of a fork with its owner, so that a fork's ``main`` is not taken for ours."""
    branch = _plain(run.head_branch or "no branch")
    head = run.head_repository
    if head is None or head.full_name == repository.full_name:
        return branch
    return f"{head.full_name.partition('/')[0]}:{branch}"


def _plain(text: str) -> str:
    return redact(" ".join(text.split()))[:_MOST_CHARACTERS]


def _alert(run: ForeignRun, repository: ForeignRepository) -> Alert:
    return Alert(
        fingerprint=_fingerprint(run, repository),
        status=AlertStatus.FIRING,
        starts_at=run.run_started_at or run.created_at,
        ends_at=None,
        labels=_labels(run, repository),
        annotations=_annotations(run, repository),
    )


def _fingerprint(run: ForeignRun, repository: ForeignRepository) -> str:
    """A run and its attempt; run ids are unique within one GitHub, and the repository tells two apart."""
    parts = f"github\0{repository.full_name}\0{run.id}\0{run.run_attempt}"
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def _labels(run: ForeignRun, repository: ForeignRepository) -> Mapping[str, str]:
    branch = _branch(run, repository)
    # a tag or a branch of a fork carries no weight of its own
    severity = "critical" if branch == repository.default_branch else "warning"
    labels = {
        "alertname": PIPELINE_FAILED,
        "severity": severity,
        "repository": repository.full_name,
        "workflow": _workflow(run),
        "run_id": str(run.id),
        "attempt": str(run.run_attempt),
        "branch": branch,
        "default_branch": _plain(repository.default_branch),
        "commit": run.head_sha,
        "pull_request": str(run.pull_requests[0].number) if run.pull_requests else "",
        "event": _plain(run.event),
        "conclusion": run.conclusion or "",
    }
    return {name: value for name, value in labels.items() if value}


def _annotations(run: ForeignRun, repository: ForeignRepository) -> Mapping[str, str]:
    how = {"timed_out": "ran out of time", "startup_failure": "could not be started"}
    verb = how.get(run.conclusion or "", "failed")
    said = {
        "summary": f"{_workflow(run)} {verb} on {_branch(run, repository)}",
        "url": redact(run.html_url)[:_MOST_CHARACTERS],
        "ended": run.updated_at.isoformat(),
        "runbook_url": f"docs/runbooks/{PIPELINE_FAILED}.md",
    }
    return {name: value for name, value in said.items() if value}
