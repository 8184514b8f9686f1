"""A simulated Proxmox, an image that it can download, and a definition that names both."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from infra.definition.document import Definition
from infra.proxmox.api.patience import Patience
from infra.proxmox.api.session import Session
from tests.proxmox_simulator import Simulator
from tests.unit.infra.proxmox import samples

#: the header of an empty qcow2 image of 2 GiB
IMAGE = struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 0, 0, 16, 2 * 2**30).ljust(512, b"\0")
BRISK = Patience(deadline_seconds=20.0, first_seconds=0.005, longest_seconds=0.02)
TOKEN = "homeostat@pve!platform"


class _Images(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(IMAGE)))
        self.end_headers()
        self.wfile.write(IMAGE)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def images() -> Iterator[str]:
    """The address of a server of images."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Images)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxmox() -> Iterator[Simulator]:
    with Simulator.start() as simulator:
        yield simulator


Define = Callable[..., Definition]


@pytest.fixture
def define(proxmox: Simulator, images: str) -> Define:
    """A definition for the simulated Proxmox; more keys of ``proxmox`` and of its template may be given."""

    def definition(
        *nodes: dict[str, Any], template: Mapping[str, Any] | None = None, **more: Any
    ) -> Definition:
        content = {
            "endpoints": [proxmox.url],
            "ca_file": proxmox.ca_file,
            "template": {
                "image": f"{images}/debian-12.qcow2",
                "checksum": {"algorithm": "sha512", "value": hashlib.sha512(IMAGE).hexdigest()},
                **(template or {}),
            },
            **more,
        }
        return samples.definition(*nodes, proxmox=content)

    return definition


Enter = Callable[..., Session]


@pytest.fixture
def enter(proxmox: Simulator) -> Iterator[Enter]:
    """A session of a token with privileges by path; None: all of them."""
    opened: list[Session] = []

    def session(definition: Definition, privileges: Mapping[str, Any] | None = None) -> Session:
        secret = proxmox.create_token(TOKEN, privileges)
        opened.append(Session.open(definition.proxmox, secret, patience=BRISK))
        return opened[-1]

    yield session
    for session_ in opened:
        session_.close()
