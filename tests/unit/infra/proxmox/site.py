"""A whole homelab for a test: simulated hosts, an image to download, a key, and a definition."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from infra.definition.document import Definition
from infra.proxmox.api.patience import Patience
from infra.proxmox.api.session import Session
from infra.proxmox.apply.apply import Manner, apply
from infra.proxmox.apply.outcome import Outcome
from infra.proxmox.apply.reachable import assume_it_answers
from infra.proxmox.plan.actions import Kind, Plan
from infra.proxmox.planning import plan
from infra.proxmox.privileges import by_path
from infra.proxmox.template.making import ensure_template
from tests.proxmox_simulator import Simulator, VirtualMachine
from tests.unit.infra.proxmox import samples

GIB = 2**30
TOKEN = "homeostat@pve!platform"
BRISK = Patience(deadline_seconds=20.0, first_seconds=0.005, longest_seconds=0.02)
#: the header of a qcow2 image: magic, version 3, and a virtual size of 3 GiB
IMAGE = struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 0, 0, 16, 3 * GIB).ljust(112, b"\0")
SERVERS = (samples.node("server-1", 1), samples.node("agent-1", 2, role="agent"))
READS = {"GET", "HEAD"}


@dataclass(slots=True)
class Site:
    """One homelab."""

    proxmox: Simulator
    folder: Path
    image_url: str
    secret: str = ""
    told: list[str] = field(default_factory=list[str])

    def definition(self, *nodes: dict[str, Any], proxmox: Mapping[str, Any] | None = None) -> Definition:
        """A cluster on it."""
        return samples.definition(
            *(nodes or SERVERS),
            proxmox={
                "endpoints": [self.proxmox.url],
                "ca_file": str(self.proxmox.ca_file),
                "template": {
                    "image": self.image_url,
                    "checksum": {"algorithm": "sha256", "value": hashlib.sha256(IMAGE).hexdigest()},
                },
                **(proxmox or {}),
            },
            ssh={"key_file": str(self.folder / "key")},
        )

    def session(self, definition: Definition) -> Session:
        """A session of a token with the least that the definition needs."""
        self.secret = self.secret or self.proxmox.create_token(TOKEN, by_path(definition))
        return Session.open(definition.proxmox, self.secret, patience=BRISK)

    def plan(self, definition: Definition) -> Plan:
        """What there is to do."""
        with self.session(definition) as session:
            return plan(definition, session, self.told.append)

    def apply(self, definition: Definition, *also: Kind, **manner: Any) -> Outcome:
        """Plan, and do it."""
        with self.session(definition) as session:
            return self.do(plan(definition, session, self.told.append), definition, *also, **manner)

    def do(self, agreed: Plan, definition: Definition, *also: Kind, **manner: Any) -> Outcome:
        """Do a plan that was made before."""
        settings = {"reachable": assume_it_answers, "serving": nobody, "also": frozenset(also), **manner}
        with self.session(definition) as session:
            return apply(agreed, definition, session, self.tell, Manner(**settings))

    def make_template(self) -> None:
        """Let the template be there, for tests of what comes after."""
        definition = self.definition()
        with self.session(definition) as session:
            ensure_template(session, definition, self.told.append)

    def tell(self, machine: str, text: str) -> None:
        """Remember what a person is told."""
        self.told.append(f"{machine}: {text}")

    def vm(self, vmid: int = 201) -> VirtualMachine:
        """A machine as Proxmox has it."""
        return self.proxmox.vms[vmid]

    def writes(self) -> list[Any]:
        """The requests that change something."""
        return [request for request in self.proxmox.requests if request[0] not in READS]


def nobody(_address: str, _port: int = 22) -> bool:
    """No machine has Kubernetes yet."""
    return False


@contextmanager
def open_site(folder: Path, **simulated: Any) -> Generator[Site]:
    """Serve until the block is left."""
    (folder / "key.pub").write_text(f"{samples.KEY}\n")
    with Simulator.start(**simulated) as proxmox, _image_server() as url:
        proxmox.lock_timeout_seconds = 0.2
        yield Site(proxmox, folder, url)


@contextmanager
def _image_server() -> Generator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Images)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/debian-12.qcow2"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Images(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(IMAGE)))
        self.end_headers()
        self.wfile.write(IMAGE)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""
