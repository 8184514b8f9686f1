"""GitHub: a comment where the failure happened, and an issue for what somebody has to take up.

A post is known by its path in the API. What GitHub knows of our incident it knows by a marker in the post's
first line; a marker in somebody else's post counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from homeostat.digest import of_parts
from triage.alert import AlertStatus
from triage.destinations.destination import DeliveryFailed, Doubt, Outcome, Receipt
from triage.destinations.github_api import GitHubApi, is_by
from triage.destinations.github_body import body_of, is_marked, title_of
from triage.destinations.message import Message
from triage.destinations.routing import Place
from triage.destinations.token import Token


@dataclass(frozen=True, slots=True)
class GitHubPlace:
    """The repository that we may write to, and how."""

    token: Token
    #: OWNER/NAME
    repository: str
    url: str
    timeout_seconds: float = 10.0
    #: every issue of ours has it, and by it they are found
    label: str = "homeostat"
    assignees: tuple[str, ...] = ()

    def api(self) -> GitHubApi:
        """Made anew for each delivery, since the token may have been changed.

        Raises:
            DeliveryFailed: when there is no token.
        """
        return GitHubApi(self.token.read(), self.url, self.timeout_seconds)


class GitHubComments:
    """A comment on the pull request if there is one, else on the commit."""

    name = Place.GITHUB_COMMENT.value

    def __init__(self, place: GitHubPlace) -> None:
        self._place = place

    def revision(self, message: Message) -> str:
        """A digest of the comment."""
        return of_parts([("body", body_of(message))])

    def deliver(self, message: Message, known: str | None, doubt: Doubt | None) -> Receipt:
        """Post or edit.

        Raises:
            DeliveryFailed: see the contract.
        """
        api = self._place.api()
        content = {"body": body_of(message)}
        if known is not None:
            _edit(api, self._place.repository, known, content)
            return Receipt(known, Outcome.EDITED)
        thread, comments = self._thread(message)
        if doubt is not None and (found := _ours(api, api.every(thread), message)):
            path = f"{comments}/{found['id']}"
            api.call("PATCH", path, content)
            return Receipt(path, Outcome.ADOPTED)
        created = api.call("POST", thread, content).fields()
        return Receipt(f"{comments}/{_known(created, 'id')}", Outcome.SENT)

    def _thread(self, message: Message) -> tuple[str, str]:
        """Where comments are added and listed, and where each is edited."""
        origin, root = message.origin, f"repos/{self._place.repository}"
        if origin.pull_request:
            return f"{root}/issues/{origin.pull_request}/comments", f"{root}/issues/comments"
        if origin.commit:
            return f"{root}/commits/{origin.commit}/comments", f"{root}/comments"
        raise DeliveryFailed(Outcome.REFUSED, "the incident names no pull request and no commit.")


class GitHubIssues:
    """An issue: closed when the incident is resolved, open again when it comes back."""

    name = Place.GITHUB_ISSUE.value

    def __init__(self, place: GitHubPlace) -> None:
        self._place = place

    def revision(self, message: Message) -> str:
        """A digest of title, body and state."""
        return of_parts(
            [("title", title_of(message)), ("body", body_of(message)), ("state", message.report.status)]
        )

    def deliver(self, message: Message, known: str | None, doubt: Doubt | None) -> Receipt:
        """Open or edit.

        Raises:
            DeliveryFailed: see the contract.
        """
        api = self._place.api()
        content = {"title": title_of(message), "body": body_of(message)}
        if known is not None:
            _edit(api, self._place.repository, known, {**content, **_state(message)})
            return Receipt(known, Outcome.EDITED)
        issues = f"repos/{self._place.repository}/issues"
        if doubt is not None and (found := self._found(api, issues, message, doubt)):
            path = f"{issues}/{found['number']}"
            api.call("PATCH", path, {**content, **_state(message)})
            return Receipt(path, Outcome.ADOPTED)
        more = {"labels": [self._place.label], "assignees": list(self._place.assignees)}
        created = api.call("POST", issues, {**content, **more}).fields()
        path = f"{issues}/{_known(created, 'number')}"
        if message.report.status is AlertStatus.RESOLVED:
            _close(api, path, message)
        return Receipt(path, Outcome.SENT)

    def _found(self, api: GitHubApi, issues: str, message: Message, doubt: Doubt) -> Mapping[str, Any] | None:
        which = f"labels={quote(self._place.label)}&state=all&sort=created&direction=desc"
        return _ours(api, api.newest(f"{issues}?{which}", doubt), message)


def _edit(api: GitHubApi, repository: str, path: str, content: Mapping[str, Any]) -> None:
    """Edit a post that we know of.

    GitHub also answers 404 to a token that may not see the repository: a post is gone only where it is seen.
    """
    try:
        api.call("PATCH", path, content)
    except DeliveryFailed as failure:
        if failure.outcome is Outcome.GONE:
            _see(api, repository)
        raise


def _see(api: GitHubApi, repository: str) -> None:
    try:
        api.call("GET", f"repos/{repository}")
    except DeliveryFailed as failure:
        if failure.outcome is not Outcome.REFUSED:
            raise
        told = f"GitHub does not show {repository} to the token. Mend that, then resend."
        raise DeliveryFailed(Outcome.UNAUTHORISED, told) from None


def _close(api: GitHubApi, path: str, message: Message) -> None:
    """Close what was just opened, since no issue is made closed."""
    try:
        api.call("PATCH", path, _state(message))
    except DeliveryFailed as failure:
        failure.posted = path
        raise


def _state(message: Message) -> Mapping[str, str]:
    """Closed with the incident; while it fires, a person who closed it is right unless it came back."""
    if message.report.status is AlertStatus.RESOLVED:
        return {"state": "closed", "state_reason": "completed"}
    return {"state": "open"} if message.report.relapses else {}


def _ours(api: GitHubApi, posts: Iterable[Mapping[str, Any]], message: Message) -> Mapping[str, Any] | None:
    """The oldest of the marked posts that we wrote: a copy of ours can only be younger."""
    marked = [post for post in posts if is_marked(post.get("body"), message.incident_id)]
    if not marked:
        return None
    login = api.own_login()
    written = [post for post in marked if is_by(post, login)]
    return min(written, key=lambda post: str(post.get("created_at", "")), default=None)


def _known(created: Mapping[str, Any], by: str) -> int:
    found = created.get(by)
    if not isinstance(found, int):
        raise DeliveryFailed(Outcome.HALF_RESPONSE, f"GitHub's answer names no {by}.")
    return found
