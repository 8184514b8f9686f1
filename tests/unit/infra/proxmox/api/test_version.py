"""Every way in which Proxmox VE writes its version is read."""

from __future__ import annotations

import pytest

from infra.proxmox.api.session import Session
from infra.proxmox.api.version import read_version
from tests.proxmox_simulator import Simulator
from tests.unit.infra.proxmox.api.conftest import BRISK, TOKEN, settings


@pytest.mark.parametrize(
    ("text", "version"), [("8.4.1", (8, 4)), ("9.0.0~beta1", (9, 0)), ("9.1-1", (9, 1)), ("10.0", (10, 0))]
)
def test_major_and_minor_are_read_whatever_follows(text: str, version: tuple[int, int]) -> None:
    with Simulator.start(version=text) as proxmox:
        secret = proxmox.create_token(TOKEN)
        with Session.open(settings(proxmox), secret, patience=BRISK) as session:
            assert read_version(session) == version
