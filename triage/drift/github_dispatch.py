"""Retraining on GitHub: a ``repository_dispatch``, which the workflow ct.yml takes.

A dispatch has no key by which GitHub would take it once only. So the workflow's runs are named after the
request, and whoever is in doubt looks for such a run before asking again; where nobody may look, nobody asks
twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from triage.destinations.destination import MAY_HAVE_ARRIVED, PERMANENT, DeliveryFailed, Outcome
from triage.destinations.github_api import GitHubApi
from triage.destinations.token import Token
from triage.drift.retraining import Request, RetrainingFailed

EVENT = "retrain"
WORKFLOW = "ct.yml"
_PAGE = 100


class GitHubDispatch:
    """Asks in one repository."""

    def __init__(self, token: Token, repository: str, url: str, timeout_seconds: float) -> None:
        self._token = token
        self._repository = repository
        self._url = url
        self._timeout_seconds = timeout_seconds

    def ask(self, request: Request, *, in_doubt: bool) -> str:
        """See :class:`triage.drift.retraining.Retraining`."""
        where = f"repository_dispatch '{EVENT}' in {self._repository}"
        try:
            api = GitHubApi(self._token.read(), self._url, self._timeout_seconds)
        except DeliveryFailed as failure:
            raise RetrainingFailed(str(failure), permanent=True) from None
        if in_doubt and self._was_asked(api, request):
            return where
        payload = {"model": request.model, "version": request.version, "urgency": request.urgency}
        content = {"event_type": EVENT, "client_payload": {**payload, "request": request.id}}
        try:
            api.call("POST", f"repos/{self._repository}/dispatches", content)
        except DeliveryFailed as failure:
            raise _failed(failure) from None
        return where

    def _was_asked(self, api: GitHubApi, request: Request) -> bool:
        asked = f"event=repository_dispatch&per_page={_PAGE}"
        path = f"repos/{self._repository}/actions/workflows/{WORKFLOW}/runs?{asked}"
        try:
            runs: Any = api.call("GET", path).fields().get("workflow_runs")
        except DeliveryFailed as failure:
            permanent = failure.outcome in PERMANENT
            told = f"a former attempt may have arrived, and the runs of {WORKFLOW} can't be read: {failure}"
            raise RetrainingFailed(
                told, permanent=permanent, may_have_arrived=True, wait=failure.wait
            ) from None
        found = cast("list[Mapping[str, Any]]", runs) if isinstance(runs, list) else []
        return any(request.id in str(run.get("display_title", "")) for run in found)


def _failed(failure: DeliveryFailed) -> RetrainingFailed:
    return RetrainingFailed(
        str(failure),
        permanent=failure.outcome in PERMANENT,
        may_have_arrived=failure.outcome in MAY_HAVE_ARRIVED or failure.outcome is Outcome.HALF_RESPONSE,
        wait=failure.wait,
    )
