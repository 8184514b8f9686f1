"""Ask a program of the cluster whether it works: HTTP from the host, and sockets."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request
from pathlib import Path

from infra.local.component import Check

_SECONDS = 3.0
#: the cluster is on this machine: no proxy lies on the way
_DIRECTLY = urllib.request.ProxyHandler({})


def http(url: str, authority: Path | None = None) -> Check:
    """A check that GETs ``url`` and wants a 200; https is trusted when ``authority`` signed it."""

    def check() -> str | None:
        try:
            trusted = ssl.create_default_context(cafile=str(authority) if authority else None)
            opener = urllib.request.build_opener(_DIRECTLY, urllib.request.HTTPSHandler(context=trusted))
            with opener.open(url, timeout=_SECONDS) as answer:
                return None if answer.status == 200 else f"{url} answers {answer.status}"
        except urllib.error.HTTPError as error:
            return f"{url} answers {error.code}"
        except OSError as error:
            return f"{url} does not answer ({error.__class__.__name__})"

    return check


def unix_socket(path: Path) -> Check:
    """A check that connects to the socket."""

    def check() -> str | None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(_SECONDS)
            try:
                client.connect(str(path))
            except OSError as error:
                return f"{path} does not answer ({error.strerror or error})"
        return None

    return check
