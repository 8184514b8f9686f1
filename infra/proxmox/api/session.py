"""A session: the endpoints of one Proxmox cluster behind one token."""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from homeostat.errors import ConfigError
from infra.definition.machines import Proxmox
from infra.proxmox.api.calls import Value
from infra.proxmox.api.clock import Clock, SystemClock
from infra.proxmox.api.connection import Answered, Broken, Connection, Endpoint
from infra.proxmox.api.explaining import Answer, Request, explain
from infra.proxmox.api.patience import READING, Patience
from infra.proxmox.api.trust import trusting
from infra.proxmox.api.upid import Upid
from infra.proxmox.errors import Declined, LostAnswer, NotTrusted, ProxmoxError, Unreachable

#: the same sentence with a 500, this often, is meant
_SAME_ANSWERS = 3


class Session:
    """Asks the first endpoint that answers; many threads may ask at once, each over a connection of its own.

    Connections are kept and used again, by whichever thread asks next.
    """

    def __init__(
        self, endpoints: Sequence[Endpoint], token_id: str, secret: str, clock: Clock, patience: Patience
    ) -> None:
        self.user = token_id
        self.clock = clock
        self.started: set[str] = set()
        self._endpoints = tuple(endpoints)
        self._secret = secret
        self._patience = patience
        # the last endpoint that answered is asked first
        self._first = 0
        self._idle: Mapping[Endpoint, deque[Connection]] = {endpoint: deque() for endpoint in self._endpoints}
        self._skew_seconds: float | None = None

    @classmethod
    def open(
        cls, proxmox: Proxmox, secret: str, clock: Clock | None = None, patience: Patience = READING
    ) -> Session:
        """A session with the hosts of ``proxmox``; nothing is asked yet.

        Raises:
            ConfigError: an endpoint is not https, ``ca_file`` is missing, or the secret can't be one.
        """
        mistakes = [
            f"'proxmox.endpoints' has '{url}', over which the token would go in the clear: write https."
            for url in proxmox.endpoints
            if url.scheme != "https"
        ]
        if proxmox.ca_file is not None and (why := _unusable(proxmox.ca_file)):
            mistakes.append(
                f"'proxmox.ca_file' is {str(proxmox.ca_file)!r}, and {why}: copy it from a host "
                "(/etc/pve/pve-root-ca.pem)."
            )
        secret = secret.strip()
        if not secret or any(character.isspace() for character in secret):
            mistakes.append(
                "the secret of proxmox.token is empty or has blanks in it: give the token's UUID alone."
            )
        if mistakes:
            raise ConfigError("cluster.yaml", mistakes)
        endpoints = [
            Endpoint((url.host or "").strip("[]"), url.port or 443, proxmox.ca_file)
            for url in proxmox.endpoints
        ]
        return cls(endpoints, proxmox.token.id, secret, clock or SystemClock(), patience)

    def __repr__(self) -> str:
        return f"Session({', '.join(map(str, self._endpoints))}, user={self.user})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    @property
    def open_connections(self) -> int:
        """How many are kept to be used again."""
        return sum(len(idle) for idle in self._idle.values())

    @property
    def skew_seconds(self) -> float:
        """The host's clock minus this machine's, after the last answer; 0 before any."""
        return self._skew_seconds or 0.0

    def server_time(self) -> float:
        """The host's time in seconds since 1970; asks for it when no answer has told it yet."""
        if self._skew_seconds is None:
            self.get("/version")
        return time.time() + self.skew_seconds

    def get(self, path: str, /, **params: Value) -> Any:
        """Read ``path``, again while the way is broken or Proxmox answers 5xx, until patience ends."""
        request = Request("GET", path)
        refusals: list[str] = []
        failure: ProxmoxError | None = None
        for _ in self._patience.attempts(self.clock):
            try:
                return self._anywhere(request, params)
            except NotTrusted:
                raise
            except Declined as error:
                failure = error
                refusals.append(str(error))
                if refusals[-_SAME_ANSWERS:] == [str(error)] * _SAME_ANSWERS:
                    break
            except LostAnswer as error:
                failure = error
                # this host answers, but is not well: the next attempt asks another one first
                self._first = (self._first + 1) % len(self._endpoints)
            except Unreachable as error:
                failure = error
        assert failure is not None  # noqa: S101 - attempts() yields at least one, which returned or failed
        raise Unreachable(str(failure)) if isinstance(failure, LostAnswer) else failure

    def create(self, path: str, /, **params: Value) -> Any:
        """POST, once."""
        return self._anywhere(Request("POST", path), params)

    def set(self, path: str, /, **params: Value) -> Any:
        """PUT, once."""
        return self._anywhere(Request("PUT", path), params)

    def delete(self, path: str, /, **params: Value) -> Any:
        """DELETE, once."""
        return self._anywhere(Request("DELETE", path), params)

    def _anywhere(self, request: Request, params: Mapping[str, Value]) -> Any:
        """Ask the endpoints in turn, going on only while the request certainly did not arrive, or reads."""
        broken: list[tuple[Endpoint, Broken]] = []
        for step in range(len(self._endpoints)):
            at = (self._first + step) % len(self._endpoints)
            endpoint = self._endpoints[at]
            try:
                answer = self._ask(endpoint, request, params)
            except Broken as error:
                if not error.unsent and request.method != "GET":
                    raise LostAnswer(
                        f"{endpoint}: {error.why} after {request}: whether it happened is unknown."
                    ) from None
                broken.append((endpoint, error))
                continue
            self._first = at
            if request.method != "GET" and Upid.parse(answer):
                self.started.add(answer)
            return answer
        raise _unreachable(broken)

    def _ask(self, endpoint: Endpoint, request: Request, params: Mapping[str, Value]) -> Any:
        with self._connection(endpoint) as connection:
            try:
                return connection.request(request.method, request.path, params)
            except Answered as error:
                raise explain(
                    Answer(error.status, error.reason, error.mistakes), request, self.user
                ) from None
            finally:
                if connection.skew_seconds is not None:
                    self._skew_seconds = connection.skew_seconds

    @contextmanager
    def _connection(self, endpoint: Endpoint) -> Generator[Connection]:
        idle = self._idle[endpoint]
        try:
            connection = idle.pop()
        except IndexError:
            connection = Connection(endpoint, self.user, self._secret)
        try:
            yield connection
        except Broken:
            connection.close()
            raise
        except BaseException:
            idle.append(connection)
            raise
        idle.append(connection)


def _unusable(ca_file: Path) -> str | None:
    """What is wrong with the file of the authority."""
    if not ca_file.expanduser().is_file():
        return "there is no such file"
    try:
        trusting(ca_file)
    except ssl.SSLError:
        return "it holds no certificate in PEM"
    except OSError as error:
        return f"it can't be read ({error.strerror})"
    return None


def _unreachable(broken: Sequence[tuple[Endpoint, Broken]]) -> Unreachable:
    untrusted = [(endpoint, error) for endpoint, error in broken if error.untrusted]
    if untrusted:
        endpoint, error = untrusted[0]
        return NotTrusted(
            f"The certificate of {endpoint} is not trusted ({error.why}): copy /etc/pve/pve-root-ca.pem from "
            f"that host (scp root@{endpoint.host}:/etc/pve/pve-root-ca.pem .) and name the file as "
            "proxmox.ca_file; the endpoint must be a name or address that the certificate holds."
        )
    told = "; ".join(f"{endpoint}: {error.why}" for endpoint, error in broken)
    port = "" if all(endpoint.port != 443 for endpoint, _ in broken) else " Proxmox listens on port 8006."
    return Unreachable(f"No endpoint of Proxmox answers ({told}).{port}")
