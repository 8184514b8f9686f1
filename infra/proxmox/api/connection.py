# pyright: basic
# proxmoxer and requests ship no complete types: this file is the only one that touches them.
"""One connection to one endpoint, kept alive between requests."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import proxmoxer
import requests
from proxmoxer.core import ResourceException
from requests.adapters import HTTPAdapter
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
)

from infra.proxmox.api.trust import trusting

_CONNECT_SECONDS = 5.0
#: pveproxy gives up on another host after 30 s and tells so, which says more than our own giving up
_ANSWER_SECONDS = 65.0
#: kind of fault, what it means, and whether the request certainly did not arrive; the first that fits is it,
#: since urllib3's kinds derive from each other
_FAULTS: tuple[tuple[type[Exception], str, bool], ...] = (
    (requests.exceptions.ProxyError, "the proxy of HTTPS_PROXY does not let us through: try NO_PROXY", True),
    (requests.exceptions.ReadTimeout, f"no answer in {_ANSWER_SECONDS:.0f} s", False),
    (NameResolutionError, "its name is not known to the DNS", True),
    (NewConnectionError, "the connection is refused, or no way leads there", True),
    (ConnectTimeoutError, f"no connection in {_CONNECT_SECONDS:.0f} s", True),
)


@dataclass(eq=False)
class Answered(Exception):  # noqa: N818 - an answer
    """The endpoint answered with an error."""

    status: int
    #: the text of the status line, where Proxmox puts its sentence
    reason: str
    #: parameter -> what is wrong with it
    mistakes: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Broken(Exception):  # noqa: N818 - a state of the way
    """The way to the endpoint is broken."""

    why: str
    #: the request certainly did not arrive
    unsent: bool
    #: the certificate was not trusted
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how one host of Proxmox is asked."""

    host: str
    port: int
    ca_file: Path | None

    def __str__(self) -> str:
        return f"https://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class Connection:
    """Requests to one endpoint, one after the other; not for two threads at once."""

    def __init__(self, endpoint: Endpoint, token_id: str, secret: str) -> None:
        self.endpoint = endpoint
        #: the host's clock minus ours in seconds, after its last answer
        self.skew_seconds: float | None = None
        user, name = token_id.split("!", 1)
        self._api = proxmoxer.ProxmoxAPI(
            f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host,
            port=endpoint.port,
            user=user,
            token_name=name,
            token_value=secret,
            verify_ssl=_trusted(endpoint.ca_file),
            timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS),
        )
        self._session: requests.Session = self._api._store["session"]  # noqa: SLF001 - proxmoxer has no other way to it
        self._session.mount("https://", _Trusting(trusting(endpoint.ca_file)))
        self._session.max_redirects = 0
        # a proxy of the environment is not asked for this machine itself
        self._session.trust_env = not _is_loopback(endpoint.host)
        self._session.hooks["response"].append(self._read_date)

    def request(self, method: str, path: str, params: Mapping[str, Any]) -> Any:
        """The ``data`` of the answer.

        Raises:
            Answered: with an error's status.
            Broken: the way is.
        """
        resource = self._api(path.strip("/"))
        sent = {name: int(value) if isinstance(value, bool) else value for name, value in params.items()}
        try:
            if method in {"GET", "DELETE"}:
                data = resource._request(method, params=sent)  # noqa: SLF001 - as its own get() and delete()
            else:
                data = resource._request(method, data=sent)  # noqa: SLF001 - as its own post() and put()
        except ResourceException as error:
            raise Answered(error.status_code, str(error.content or ""), _mistakes(error.errors)) from None
        except requests.RequestException as error:
            raise _broken(error) from None
        if isinstance(data, dict) and isinstance(data.get("errors"), bytes):
            raise Broken("what answers there is not Proxmox", unsent=False)
        return data

    def close(self) -> None:
        """Give the socket back."""
        self._session.close()

    def _read_date(self, response: requests.Response, **_: Any) -> None:
        try:
            stated = parsedate_to_datetime(response.headers.get("Date", ""))
        except ValueError:
            return
        self.skew_seconds = stated.timestamp() - time.time()


class _Trusting(HTTPAdapter):
    """Has TLS spoken with a context of ours; requests takes one in no other way."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more, ssl_context=self._context)

    def proxy_manager_for(self, *args: Any, **more: Any) -> Any:
        return super().proxy_manager_for(*args, **more, ssl_context=self._context)


def _trusted(ca_file: Path | None) -> str | bool:
    """The authorities to believe, said once more: without it, requests adds its own list to the context's."""
    if ca_file is not None:
        return str(ca_file.expanduser())
    paths = ssl.get_default_verify_paths()
    return paths.cafile or paths.capath or True


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mistakes(errors: object) -> Mapping[str, str]:
    if not isinstance(errors, dict):
        return {}
    return {str(name): str(why).strip() for name, why in errors.items() if not isinstance(why, bytes)}


def _broken(error: requests.RequestException) -> Broken:
    """What broke, in words of ours: a library's own text may hold what it was sent."""
    if isinstance(error, requests.exceptions.SSLError):
        return Broken(_certificate_fault(error), unsent=True, untrusted=True)
    for cause in (error, _inner(error)):
        for kind, why, unsent in _FAULTS:
            if isinstance(cause, kind):
                return Broken(why, unsent)
    return Broken("the connection broke off", unsent=False)


def _inner(error: requests.RequestException) -> HTTPError | None:
    inner = error.args[0] if error.args else None
    if isinstance(inner, MaxRetryError):
        inner = inner.reason
    return inner if isinstance(inner, HTTPError) else None


def _certificate_fault(error: BaseException) -> str:
    """OpenSSL's own sentence, without the addresses around it."""
    text = str(error)
    _, found, rest = text.partition("certificate verify failed: ")
    return rest.partition(" (_ssl")[0] if found else "no TLS connection"
