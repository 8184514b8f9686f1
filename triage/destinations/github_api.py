"""Calls of GitHub's API, with every way to fail as one error; retries are the outbox's alone."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from triage.destinations.destination import DeliveryFailed, Doubt, Outcome
from triage.destinations.retry_after import http_date, retry_after
from triage.evidence.github.api import API_VERSION

#: how far two clocks may be apart, and one may have been set, before a post is missed
_MARGIN = timedelta(days=1)
_PAGE = 100
_MOST_PAGES = 30
#: of a time in seconds since the epoch
_MOST_DIGITS = 11
_DEFAULT_WAIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub said, and when by its own clock."""

    content: Any
    date: datetime | None

    def fields(self) -> Mapping[str, Any]:
        """The answer as an object.

        Raises:
            DeliveryFailed: when it is none.
        """
        return _as(dict, self.content)


class GitHubApi:
    """One token's calls."""

    def __init__(self, token: str, url: str, timeout_seconds: float) -> None:
        self._url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {token}",
            "x-github-api-version": API_VERSION,
        }

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Answer:
        """Call ``path``, which begins without a slash.

        Raises:
            DeliveryFailed: when GitHub does not do it, or does not say so.
        """
        doing = f"{method} {path.partition('?')[0]}"
        response = self._asked(method, path, content, doing)
        if response.is_redirect:
            told = f"GitHub has moved what {doing} asks for: name the repository as it is called now."
            raise DeliveryFailed(Outcome.REFUSED, told)
        if not response.is_success:
            raise _answered(response, doing)
        # a 204 has no content that could break off
        content_of = None if response.status_code == 204 else _json(response, doing)
        return Answer(content_of, http_date(response.headers.get("date")))

    def _asked(self, method: str, path: str, content: Mapping[str, Any] | None, doing: str) -> httpx.Response:
        try:
            return httpx.request(
                method,
                f"{self._url}/{path}",
                json=content,
                headers=self._headers,
                timeout=self._timeout_seconds,
                # a POST that is redirected may become a GET
                follow_redirects=False,
            )
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise _unreached(error, doing) from None

    def newest(self, path: str, doubt: Doubt) -> Iterator[Mapping[str, Any]]:
        """The list at ``path``, which is sorted from the newest, as far back as ``doubt`` reaches.

        Raises:
            DeliveryFailed: also when so much lies between that the end was not seen.
        """
        for number in range(1, _MOST_PAGES + 1):
            answer = self.call("GET", _paged(path, number))
            found = _list(answer)
            yield from found
            if len(found) < _PAGE or _reaches_back(answer, found[-1], doubt):
                return
        raise _undecided(path)

    def every(self, path: str) -> Iterator[Mapping[str, Any]]:
        """The whole list at ``path``.

        Raises:
            DeliveryFailed: also when it is too long to be read.
        """
        for number in range(1, _MOST_PAGES + 1):
            found = _list(self.call("GET", _paged(path, number)))
            yield from found
            if len(found) < _PAGE:
                return
        raise _undecided(path)

    def own_login(self) -> str | None:
        """Who we are; None for the token of an app or a workflow, which may not ask.

        Raises:
            DeliveryFailed: when nobody can tell.
        """
        try:
            return str(self.call("GET", "user").fields().get("login") or "") or None
        except DeliveryFailed as failure:
            if failure.outcome is Outcome.UNAUTHORISED:
                return None
            raise


def is_by(post: Mapping[str, Any], login: str | None) -> bool:
    """Whether the post's author may be us: that login, or any bot when ours is not known."""
    author: Mapping[str, Any] = post.get("user") or {}
    return author.get("login") == login if login else author.get("type") == "Bot"


def _paged(path: str, number: int) -> str:
    return f"{path}{'&' if '?' in path else '?'}per_page={_PAGE}&page={number}"


def _list(answer: Answer) -> list[Mapping[str, Any]]:
    return _as(list, answer.content)


def _as(kind: type, content: Any) -> Any:
    if isinstance(content, kind):
        return content
    raise DeliveryFailed(Outcome.HALF_RESPONSE, f"GitHub's answer is no {kind.__name__}.")


def _reaches_back(answer: Answer, last: Mapping[str, Any], doubt: Doubt) -> bool:
    if doubt.age is None or answer.date is None:
        return False
    created = datetime.fromisoformat(str(last["created_at"]))
    return created < answer.date - doubt.age - _MARGIN


def _undecided(path: str) -> DeliveryFailed:
    told = f"{_PAGE * _MOST_PAGES} entries of {path.partition('?')[0]} don't tell whether it was posted"
    return DeliveryFailed(Outcome.UNDECIDED, f"{told}: look, then 'resend', with --anew if it was not.")


def _json(response: httpx.Response, doing: str) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise DeliveryFailed(Outcome.HALF_RESPONSE, f"GitHub's answer to {doing} broke off.") from None


def _answered(response: httpx.Response, doing: str) -> DeliveryFailed:
    status = response.status_code
    said = _message(response)
    wait = _asked_to_wait(response)
    if status in (403, 429) and (wait is not None or status == 429 or "rate limit" in said.lower()):
        wait = wait or _DEFAULT_WAIT
        return DeliveryFailed(
            Outcome.RATE_LIMITED, f"GitHub asked to wait {wait.total_seconds():g} s ({doing}).", wait
        )
    if status >= 500:
        return DeliveryFailed(Outcome.SERVER_ERROR, f"GitHub answered {doing} with {status}.")
    if status in (401, 403):
        told = f"GitHub does not accept the token for {doing}: {said or status}. Mend that, then resend."
        return DeliveryFailed(Outcome.UNAUTHORISED, told)
    if status in (404, 410):
        told = f"{doing} finds nothing at GitHub, or the token may not see it."
        return DeliveryFailed(Outcome.GONE if doing.startswith("PATCH") else Outcome.REFUSED, told)
    return DeliveryFailed(Outcome.REFUSED, f"GitHub refused {doing} with {status}: {said}.")


def _message(response: httpx.Response) -> str:
    try:
        return str(response.json().get("message", ""))[:300].rstrip(".")
    except (ValueError, AttributeError):
        return ""


def _asked_to_wait(response: httpx.Response) -> timedelta | None:
    headers = response.headers
    if "retry-after" in headers:
        return retry_after(headers["retry-after"], headers.get("date"))
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") != "0" or not reset.isdecimal() or len(reset) > _MOST_DIGITS:
        return None
    now = http_date(headers.get("date")) or datetime.now(UTC)
    return max(timedelta(seconds=1), datetime.fromtimestamp(int(reset), UTC) - now)


def _unreached(error: Exception, doing: str) -> DeliveryFailed:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | ssl.SSLError):
        return DeliveryFailed(Outcome.CONNECTION, f"GitHub can't be reached: {error}.")
    if isinstance(error, httpx.TimeoutException):
        return DeliveryFailed(Outcome.TIMEOUT, f"GitHub did not answer {doing} in time.")
    if isinstance(error, httpx.LocalProtocolError):
        # nothing was sent, and the error quotes what could not be
        return DeliveryFailed(Outcome.UNAUTHORISED, f"the token for {doing} fits into no header.")
    if isinstance(error, httpx.TransportError | httpx.DecodingError):
        told = f"GitHub's answer to {doing} broke off ({type(error).__name__})."
        return DeliveryFailed(Outcome.HALF_RESPONSE, told)
    return DeliveryFailed(Outcome.ERROR, f"{doing} can't be sent: {type(error).__name__}.")
