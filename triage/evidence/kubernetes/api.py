"""The Kubernetes API as triage may read it: GET alone, bounded in time and size, and never an exception.

The token is read anew for every request, since the kubelet replaces it every hour. An API server that can't
be reached is asked no second time within one gathering: the other questions would only wait as long.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from triage.evidence.item import EvidenceStatus
from triage.evidence.kubernetes.answer import Answer
from triage.evidence.kubernetes.foreign import Foreign
from triage.secret_file import NoSecret, read_token

_PAGE = 500
_MOST_PAGES = 4

M = TypeVar("M", bound=Foreign)


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the API server is and how triage shows who it is."""

    url: str
    token_file: Path
    ca_file: Path
    #: for one question, and for all the questions about one alert together
    timeout_seconds: float
    budget_seconds: float

    def client(self) -> httpx.Client:
        """A client that trusts the cluster's own authority alone.

        Raises:
            OSError: when the authority's certificate can't be read.
        """
        trusted = ssl.create_default_context(cafile=str(self.ca_file))
        return httpx.Client(base_url=self.url, verify=trusted, trust_env=False)


class _ListMeta(Foreign):
    # "continue" is Python's word
    continue_: str = ""


class _Listing(Foreign):
    metadata: _ListMeta = _ListMeta()
    items: tuple[dict[str, Any], ...] = ()


class _Status(Foreign):
    message: str = ""


class KubernetesApi:
    """The API for the length of one gathering."""

    def __init__(self, connection: Connection, client: httpx.Client) -> None:
        self._connection = connection
        self._client = client
        self._until = time.monotonic() + connection.budget_seconds
        self._unreachable: Answer[bytes] | None = None

    def one(self, path: str, kind: type[M]) -> Answer[M]:
        """The object at ``path``; one that is not there is an empty answer."""
        answer = self._get(path, {})
        if answer.first is None:
            return Answer(answer.status, (), answer.note)
        try:
            return Answer(EvidenceStatus.OK, (kind.model_validate_json(answer.first),))
        except ValidationError as error:
            return Answer(EvidenceStatus.ERROR, (), f"{path} has an unexpected form ({_where(error)})")

    def many(self, path: str, kind: type[M], **selectors: str) -> Answer[M]:
        """The objects of the list at ``path``; one of an unexpected form is left out and told of."""
        objects: list[M] = []
        token, note = "", ""
        for _ in range(_MOST_PAGES):
            more = {"continue": token} if token else {}
            answer = self._get(path, {**selectors, "limit": str(_PAGE), **more})
            if answer.first is None:
                return Answer(answer.status, tuple(objects), answer.note)
            page = _listing(answer.first)
            for item in page.items:
                try:
                    objects.append(kind.model_validate(item))
                except ValidationError as error:
                    note = f"left out what has an unexpected form ({_where(error)})"
            token = page.metadata.continue_
            if not token:
                status = EvidenceStatus.OK if objects else EvidenceStatus.EMPTY
                return Answer(status, tuple(objects), note)
        return Answer(EvidenceStatus.OK, tuple(objects), f"truncated after {_MOST_PAGES * _PAGE} objects")

    def text(self, path: str, **query: str) -> Answer[str]:
        """Plain text, such as a log."""
        answer = self._get(path, query)
        if not answer.first:
            status = EvidenceStatus.EMPTY if answer.status is EvidenceStatus.OK else answer.status
            return Answer(status, (), answer.note)
        return Answer(EvidenceStatus.OK, (answer.first.decode(errors="replace"),))

    def _get(self, path: str, query: Mapping[str, str]) -> Answer[bytes]:
        if self._unreachable:
            return self._unreachable
        left = self._until - time.monotonic()
        if left <= 0:
            spent = f"not asked: the {self._connection.budget_seconds:g} s for the Kubernetes API were over"
            return Answer(EvidenceStatus.TIMEOUT, (), spent)
        try:
            response = self._client.get(
                path,
                params=query,
                headers={"authorization": f"Bearer {read_token(self._connection.token_file)}"},
                timeout=min(left, self._connection.timeout_seconds),
            )
        except httpx.TimeoutException as error:
            why = f"the Kubernetes API did not answer in time ({type(error).__name__})"
            self._unreachable = Answer(EvidenceStatus.TIMEOUT, (), why)
            return self._unreachable
        except (httpx.HTTPError, NoSecret, OSError, ValueError) as error:
            why = f"the Kubernetes API can't be reached: {error}"
            self._unreachable = Answer(EvidenceStatus.ERROR, (), why)
            return self._unreachable
        return _judged(response, path)


def _judged(response: httpx.Response, path: str) -> Answer[bytes]:
    name = path.removesuffix("/log").rsplit("/", 1)[-1]
    if response.is_success:
        return Answer(EvidenceStatus.OK, (response.content,))
    if response.status_code == 404:
        return Answer(EvidenceStatus.EMPTY, (), f"there is no {name}")
    if response.status_code in {401, 403}:
        return Answer(EvidenceStatus.FORBIDDEN, (), f"triage may not read {path}")
    try:
        said = _Status.model_validate_json(response.content).message
    except ValidationError:
        said = "no reason given"
    return Answer(EvidenceStatus.ERROR, (), f"{name} was answered {response.status_code}: {said}")


def _listing(content: bytes) -> _Listing:
    try:
        return _Listing.model_validate_json(content)
    except ValidationError:
        return _Listing()


def _where(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.errors()[0]["loc"]) or "as a whole"
