"""The cluster's certificate authority."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import DNSName
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from infra.local import identities
from infra.local.certificates import LIFETIME, RENEW_BEFORE, Certificates, Subject

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SERVER = Subject("server", "server", serves=("server.invalid", "10.99.0.1"))
CLIENT = Subject("client", "somebody", "some-group")


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    made = Certificates(tmp_path / "certificates")
    made.prepare(NOW)
    return made


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def verifier(certificates: Certificates, when: datetime = NOW) -> PolicyBuilder:
    return PolicyBuilder().store(Store([read(certificates.authority.certificate)])).time(when)


def test_a_server_s_certificate_is_trusted_under_its_names_through_the_authority(certificates) -> None:
    certificates.issue(SERVER, NOW)
    leaf = read(certificates.pair(SERVER).certificate)
    chain = verifier(certificates).build_server_verifier(DNSName("server.invalid")).verify(leaf, [])
    assert len(chain) == 2


def test_it_is_not_trusted_under_another_name(certificates) -> None:
    certificates.issue(SERVER, NOW)
    leaf = read(certificates.pair(SERVER).certificate)
    with pytest.raises(VerificationError):
        verifier(certificates).build_server_verifier(DNSName("other.invalid")).verify(leaf, [])


def test_a_client_s_certificate_says_who_and_in_which_group(certificates) -> None:
    certificates.issue(CLIENT, NOW)
    subject = read(certificates.pair(CLIENT).certificate).subject
    assert [part.value for part in subject] == ["somebody", "some-group"]
    assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "some-group"


def test_a_client_s_certificate_serves_nothing(certificates) -> None:
    certificates.issue(CLIENT, NOW)
    usages = read(certificates.pair(CLIENT).certificate).extensions.get_extension_for_class(
        x509.ExtendedKeyUsage
    )
    assert x509.oid.ExtendedKeyUsageOID.SERVER_AUTH not in usages.value


def test_what_is_good_is_left_alone(certificates) -> None:
    assert certificates.issue(SERVER, NOW)
    assert not certificates.issue(SERVER, NOW)
    assert certificates.prepare(NOW) == []


def test_what_expires_soon_is_renewed(certificates) -> None:
    certificates.issue(SERVER, NOW)
    soon = NOW + LIFETIME - RENEW_BEFORE + timedelta(hours=1)
    assert certificates.issue(SERVER, soon)
    leaf = read(certificates.pair(SERVER).certificate)
    assert (
        verifier(certificates, soon + RENEW_BEFORE)
        .build_server_verifier(DNSName("server.invalid"))
        .verify(leaf, [])
    )


def test_a_certificate_for_other_names_is_made_anew(certificates) -> None:
    certificates.issue(SERVER, NOW)
    assert certificates.issue(Subject("server", "server", serves=("other.invalid",)), NOW)


def test_a_certificate_of_another_authority_is_made_anew(certificates) -> None:
    certificates.issue(SERVER, NOW)
    certificates.authority.certificate.unlink()
    assert certificates.prepare(NOW) == ["certificate authority"]
    assert certificates.issue(SERVER, NOW)


def test_a_certificate_without_its_key_is_made_anew(certificates) -> None:
    certificates.issue(SERVER, NOW)
    certificates.pair(SERVER).key.unlink()
    assert certificates.issue(SERVER, NOW)


def test_keys_are_readable_by_their_owner_alone(certificates) -> None:
    for subject in identities.ALL:
        certificates.issue(subject, NOW)
    keys = list(certificates.folder.glob("*.key"))
    assert len(keys) == len(identities.ALL) + 2
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert stat.S_IMODE(certificates.folder.stat().st_mode) == 0o700
