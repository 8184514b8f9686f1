"""Feedback from the command line: over HTTP, or into the site's own database."""

from __future__ import annotations

import httpx
from pydantic import ValidationError

from homeostat.errors import ConfigError, HomeostatError
from homeostat.sentences import sentences
from triage.clock import utc_now
from triage.errors import UnknownIncident
from triage.reading import site_database
from triage.report.feedback import Feedback, GivenFeedback
from triage.store.feedback import FeedbackStore


def judge(url: str | None, incident_id: str, verdict: str, cause: str | None, note: str) -> GivenFeedback:
    """Store what a person says of a report; saying it again changes nothing.

    Raises:
        ConfigError: with what would be right, when the cause or the note is not one.
        HomeostatError: when the incident is unknown, or nothing can be stored.
    """
    try:
        feedback = Feedback.model_validate({"verdict": verdict, "cause": cause, "note": note})
    except ValidationError as error:
        raise ConfigError("the feedback", sentences(error, Feedback)) from None
    if url:
        return _sent(url, incident_id, feedback)
    return FeedbackStore(site_database(), utc_now).give(incident_id, feedback)


def _sent(url: str, incident_id: str, feedback: Feedback) -> GivenFeedback:
    form = {"answer": feedback.verdict.value, "note": feedback.note}
    if feedback.cause:
        form["answer"] += f":{feedback.cause}"
    try:
        answer = httpx.post(f"{url.rstrip('/')}/incidents/{incident_id}/feedback", data=form, timeout=10)
    except httpx.HTTPError as error:
        raise HomeostatError(f"triage at {url} can't be reached: {error}.") from None
    if answer.status_code == 404:
        raise UnknownIncident(f"there is no incident '{incident_id}'.")
    if answer.is_error:
        raise HomeostatError(f"triage at {url} answered {answer.status_code}.")
    return GivenFeedback.model_validate(answer.json())
