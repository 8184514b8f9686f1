"""What tests on real Linux hosts need: root and systemd-nspawn; else they are skipped with a sentence."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homelab.hosts import Lab

#: by the Debian package that holds it
_PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "debootstrap": "debootstrap",
    "ssh-keygen": "openssh-client",
    "ip": "iproute2",
    "dpkg-deb": "dpkg",
}


def _lacking() -> str | None:
    if sys.platform != "linux" or os.geteuid() != 0:
        return "hosts need root on Linux: run 'sudo make test-homelab'"
    packages = [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]
    return f"hosts need these Debian packages, which are missing: {', '.join(packages)}" if packages else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    lacking = _lacking()
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.homelab)
            if lacking:
                item.add_marker(pytest.mark.skip(reason=lacking))


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab without hosts; it goes with the module."""
    with Lab.open(tmp_path_factory.mktemp("lab")) as lab:
        yield lab
