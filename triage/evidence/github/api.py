"""Reading GitHub's API: one answer or a reason for each question, bounded in time and bytes.

A log is answered by an address at another host that needs no token; it is followed without ours.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from triage.clock import stamp
from triage.evidence.item import EvidenceStatus
from triage.secret_file import NoSecret, read_token

M = TypeVar("M", bound=BaseModel)

_MOST_JSON_BYTES = 8 << 20
_MOST_REDIRECTS = 3
#: of the API, which GitHub keeps as it is
API_VERSION = "2022-11-28"


@dataclass(frozen=True, slots=True)
class Connection:
    """Where GitHub's API is, and how long it may take."""

    url: str
    #: read for each gathering, so that a new one counts without a restart; None asks without
    token_file: Path | None = None
    #: a workflow's own token, where there is no file
    token: str = ""
    timeout_seconds: float = 10.0
    #: for all that one alert asks of GitHub together
    budget_seconds: float = 40.0

    def client(self) -> httpx.Client:
        """Connections to the API."""
        # its addresses in answers are absolute, so the base is only for our own paths
        return httpx.Client(base_url=self.url.rstrip("/"), timeout=self.timeout_seconds, trust_env=True)


class Unanswered(Exception):  # noqa: N818 - named after what it is
    """GitHub did not tell; the sentence says why."""

    def __init__(self, status: EvidenceStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Text:
    """The end of a text, and the number of its first line in the whole."""

    content: str
    first_line: int


class GitHubReader:
    """The API for the length of one gathering."""

    def __init__(self, connection: Connection, client: httpx.Client) -> None:
        self._connection = connection
        self._client = client
        self._until = time.monotonic() + connection.budget_seconds

    def one(self, path: str, kind: type[M], **query: str) -> M:
        """What stands at ``path``.

        Raises:
            Unanswered: when it can't be had, or is something else.
        """
        content = b"".join(self._read(path, query, "application/vnd.github+json", _MOST_JSON_BYTES))
        try:
            return kind.model_validate_json(content)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "as a whole"
            told = f"{path} has an unexpected form ({where})"
            raise Unanswered(EvidenceStatus.ERROR, told) from None

    def text(self, path: str, most_bytes: int, **query: str) -> Text:
        """The last ``most_bytes`` of the text at ``path``, by whole lines.

        Raises:
            Unanswered: when it can't be had.
        """
        kept, first = bytearray(), 1
        for chunk in self._read(path, query, "application/vnd.github.raw+json", None):
            kept += chunk
            if len(kept) > 2 * most_bytes:
                first += _cut(kept, most_bytes)
        if len(kept) > most_bytes:
            first += _cut(kept, most_bytes)
        return Text(kept.decode(errors="replace"), first)

    def _read(
        self, path: str, query: Mapping[str, str], accept: str, most_bytes: int | None
    ) -> Iterator[bytes]:
        headers = {"accept": accept, "x-github-api-version": API_VERSION, **self._authorisation()}
        address, parameters = path, dict(query)
        for _ in range(_MOST_REDIRECTS):
            with self._streamed(address, parameters, headers) as response:
                if not response.is_redirect:
                    yield from self._content(response, path, most_bytes)
                    return
                # whoever keeps the logs gets no token of ours
                address, parameters = _moved_to(response, path), {}
                headers = {"accept": "*/*"}
        raise Unanswered(EvidenceStatus.ERROR, f"{path} was moved more than {_MOST_REDIRECTS} times")

    def _authorisation(self) -> Mapping[str, str]:
        token = self._connection.token
        if self._connection.token_file is not None:
            try:
                token = read_token(self._connection.token_file)
            except NoSecret as why:
                told = f"TRIAGE_GITHUB_TOKEN_FILE: {why}".rstrip(".")
                raise Unanswered(EvidenceStatus.FORBIDDEN, told) from None
        return {"authorization": f"Bearer {token}"} if token else {}

    @contextmanager
    def _streamed(
        self, address: str, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> Generator[httpx.Response]:
        left = self._until - time.monotonic()
        if left <= 0:
            told = f"not asked: the {self._connection.budget_seconds:g} s for GitHub were over"
            raise Unanswered(EvidenceStatus.TIMEOUT, told)
        timeout = min(left, self._connection.timeout_seconds)
        try:
            with self._client.stream(
                "GET", address, params=query or None, headers=headers, timeout=timeout, follow_redirects=False
            ) as response:
                yield response
        except httpx.TimeoutException as error:
            told = f"GitHub did not answer in time ({type(error).__name__})"
            raise Unanswered(EvidenceStatus.TIMEOUT, told) from None
        except httpx.LocalProtocolError:
            # its message quotes the header, and so the token
            raise Unanswered(EvidenceStatus.FORBIDDEN, "the token for GitHub fits into no header") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(EvidenceStatus.ERROR, f"GitHub can't be reached: {error}") from None

    def _content(self, response: httpx.Response, path: str, most_bytes: int | None) -> Iterator[bytes]:
        if not response.is_success:
            raise _refusal(response, path)
        read = 0
        for chunk in response.iter_bytes():
            read += len(chunk)
            if most_bytes is not None and read > most_bytes:
                raise Unanswered(EvidenceStatus.ERROR, f"{path} has more than {most_bytes} bytes")
            if time.monotonic() > self._until:
                raise Unanswered(EvidenceStatus.TIMEOUT, f"{path} took too long to read")
            yield chunk


def _moved_to(response: httpx.Response, path: str) -> str:
    try:
        return str(response.url.join(response.headers["location"]))
    except (KeyError, httpx.InvalidURL):
        told = f"GitHub answered {response.status_code} to {path}, and not where it is"
        raise Unanswered(EvidenceStatus.ERROR, told) from None


def _cut(kept: bytearray, most_bytes: int) -> int:
    """Leave whole lines of at most ``most_bytes`` at the end; how many lines went."""
    end = kept.find(b"\n", len(kept) - most_bytes) + 1 or len(kept) - most_bytes
    gone = kept.count(b"\n", 0, end)
    del kept[:end]
    return gone


def _refusal(response: httpx.Response, path: str) -> Unanswered:
    status = response.status_code
    spent = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
    if status == 429 or (status == 403 and spent):
        return Unanswered(EvidenceStatus.ERROR, f"GitHub's rate limit is used up{_until(response)}")
    if status == 401:
        return Unanswered(EvidenceStatus.FORBIDDEN, "GitHub does not accept the token (401)")
    if status == 403:
        return Unanswered(EvidenceStatus.FORBIDDEN, f"the token may not read {path} (403)")
    if status == 404:
        return Unanswered(EvidenceStatus.EMPTY, f"GitHub shows nothing at {path}, or not to this token (404)")
    if status == 410:
        return Unanswered(EvidenceStatus.EMPTY, f"{path} has expired (410)")
    return Unanswered(EvidenceStatus.ERROR, f"GitHub answered {status} to {path}")


def _until(response: httpx.Response) -> str:
    try:
        reset = datetime.fromtimestamp(int(response.headers["x-ratelimit-reset"]), UTC)
    except (KeyError, ValueError, OverflowError):
        return ""
    return f" until {stamp(reset)}"
