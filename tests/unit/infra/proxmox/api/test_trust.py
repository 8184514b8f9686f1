"""Proxmox's own authority is trusted by every Python, and by no more than it is."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3.connection
import urllib3.util.ssl_

from homeostat.doctor import Level
from homeostat.errors import ConfigError
from infra.proxmox.api.session import Session
from infra.proxmox.api.trust import trusting
from infra.proxmox.checks.reach import certificates
from infra.proxmox.errors import NotTrusted
from tests.proxmox_simulator import Simulator
from tests.unit.infra.proxmox.api.conftest import settings

Open = Callable[..., Session]


@pytest.fixture
def as_since_3_13(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contexts are strict, as Python and urllib3 make them since 3.13."""

    def strict(make: Callable[..., ssl.SSLContext]) -> Callable[..., ssl.SSLContext]:
        def made(*args: Any, **more: Any) -> ssl.SSLContext:
            context = make(*args, **more)
            context.verify_flags |= ssl.VERIFY_X509_STRICT
            return context

        return made

    monkeypatch.setattr(ssl, "create_default_context", strict(ssl.create_default_context))
    makes = strict(urllib3.util.ssl_.create_urllib3_context)
    for module in (urllib3.connection, urllib3.util.ssl_):
        monkeypatch.setattr(module, "create_urllib3_context", makes)


@pytest.mark.usefixtures("as_since_3_13")
def test_proxmoxs_own_authority_is_trusted_where_python_is_strict(session: Session) -> None:
    assert session.get("/version")["version"]


@pytest.mark.usefixtures("as_since_3_13")
def test_the_doctor_trusts_it_as_well(proxmox: Simulator) -> None:
    assert certificates(settings(proxmox)).level is Level.OK


@pytest.mark.usefixtures("as_since_3_13")
def test_another_authority_is_still_refused(open_session: Open) -> None:
    with Simulator.start() as other, pytest.raises(NotTrusted):
        open_session(ca_file=other.ca_file).get("/version")


def test_a_given_authority_is_trusted_alone(proxmox: Simulator) -> None:
    assert len(trusting(proxmox.ca_file).get_ca_certs()) == 1


def test_names_and_certificates_are_checked(proxmox: Simulator) -> None:
    context = trusting(proxmox.ca_file)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_file_without_a_certificate_is_told_before_anything_is_asked(
    open_session: Open, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_text("-----BEGIN NOTHING-----\n")
    with pytest.raises(ConfigError, match="holds no certificate in PEM"):
        open_session(ca_file=tmp_path / "ca.pem")


def test_a_missing_file_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        trusting(tmp_path / "none.pem")
