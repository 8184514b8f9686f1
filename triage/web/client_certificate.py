"""Mutual TLS: a connection whose certificate our authority signed has shown who its sender is.

The TLS handshake verifies the certificate, and uvicorn is told to refuse connections without one. What is
missing is that a handler can see it: ASGI has no place for it that uvicorn fills. So the connection notes it
when it is made, in the state that each of its requests gets; a request can't bring it along.
"""

# pyright: basic
# uvicorn's protocol classes are chosen at run time and have no common type

from __future__ import annotations

import ssl
from asyncio import Transport
from pathlib import Path
from typing import Any

from fastapi import Request
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from homeostat.errors import ConfigError

_STATE = "client_certificate"


class CertifiedProtocol(AutoHTTPProtocol):
    """uvicorn's own protocol, which notes whether the connection showed a verified certificate."""

    def connection_made(self, transport: Transport) -> None:
        """Note it before the first request is read."""
        connection = transport.get_extra_info("ssl_object")
        shown = (
            connection is not None
            and connection.context.verify_mode is ssl.CERT_REQUIRED
            and bool(connection.getpeercert())
        )
        # the state belongs to all connections: this one gets its own
        self.app_state = {**self.app_state, _STATE: shown}
        super().connection_made(transport)


def has_client_certificate(request: Request) -> bool:
    """Whether the request came over a connection with a verified client certificate."""
    return request.scope.get("state", {}).get(_STATE) is True


def check_tls_files(certificate: Path | None, key: Path | None, client_ca: Path | None) -> None:
    """See that what TLS needs is there and fits together, before anything is served.

    Raises:
        ConfigError: naming the setting whose file is not what it should be.
    """
    if certificate is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        told = f"{certificate} and {key} are no certificate with its key: {error.strerror or error}."
        raise ConfigError("TRIAGE_TLS_CERT_FILE", [told]) from None
    try:
        if client_ca is not None:
            context.load_verify_locations(client_ca)
    except OSError as error:
        told = f"{client_ca} is no certificate of an authority: {error.strerror or error}."
        raise ConfigError("TRIAGE_CLIENT_CA_FILE", [told]) from None


def tls_options(certificate: Path | None, key: Path | None, client_ca: Path | None) -> dict[str, Any]:
    """What uvicorn is given to serve over TLS; nothing without a certificate."""
    if certificate is None:
        return {}
    options: dict[str, Any] = {"ssl_certfile": str(certificate), "ssl_keyfile": str(key)}
    if client_ca is not None:
        options |= {"ssl_ca_certs": str(client_ca), "ssl_cert_reqs": ssl.CERT_REQUIRED}
    return {**options, "http": CertifiedProtocol}
