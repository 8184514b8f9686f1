"""A simulated Proxmox and sessions with it, over real HTTPS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.definition.machines import Proxmox
from infra.proxmox.api.patience import Patience
from infra.proxmox.api.session import Session
from tests.proxmox_simulator import Simulator

TOKEN = "homeostat@pve!platform"
#: quick, so that tests don't wait
BRISK = Patience(deadline_seconds=20.0, first_seconds=0.005, longest_seconds=0.02)


@pytest.fixture
def proxmox() -> Iterator[Simulator]:
    with Simulator.start() as simulator:
        yield simulator


def settings(simulator: Simulator, **more: Any) -> Proxmox:
    """How cluster.yaml would name the simulated hosts."""
    content: dict[str, Any] = {
        "endpoints": [simulator.url],
        "token": {"id": TOKEN},
        "ca_file": simulator.ca_file,
        "template": {
            "image": "https://images.example/debian.qcow2",
            "checksum": {"algorithm": "sha512", "value": "0" * 128},
        },
    }
    return Proxmox.model_validate(content | more)


@pytest.fixture
def open_session(proxmox: Simulator) -> Iterator[Callable[..., Session]]:
    opened: list[Session] = []

    def open_one(secret: str | None = None, patience: Patience = BRISK, **more: Any) -> Session:
        secret = secret or proxmox.create_token(TOKEN)
        opened.append(Session.open(settings(proxmox, **more), secret, patience=patience))
        return opened[-1]

    yield open_one
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: Callable[..., Session]) -> Session:
    """Of a token that may do everything."""
    return open_session()
