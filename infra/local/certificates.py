"""The cluster's own certificate authority, and the keys by which its parts know each other.

Everything is made once and kept in the state folder, readable by root alone. A certificate that will expire
soon, or that no longer says what it should, is made anew with the same authority.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from homeostat import atomic

AUTHORITY_LIFETIME = timedelta(days=3650)
LIFETIME = timedelta(days=365)
#: what is closer to its end than this is renewed by the next start
RENEW_BEFORE = timedelta(days=30)
#: clocks of machines differ
_BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a certificate speaks for."""

    #: the file's name
    file: str
    common_name: str
    #: Kubernetes takes the organisation as the group of a client
    organisation: str = ""
    #: host names and addresses that it may serve under; none for a client
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate and its private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates in ``folder``, made when they are asked for."""

    folder: Path

    @property
    def authority(self) -> Pair:
        """The authority that all of the cluster trusts."""
        return self._pair("authority")

    @property
    def service_accounts(self) -> Pair:
        """The key that signs the tokens of service accounts, and its public half."""
        return Pair(self.folder / "service-accounts.pub", self.folder / "service-accounts.key")

    def prepare(self, now: datetime) -> Sequence[str]:
        """Make the authority and the service accounts' key unless they are there; return what was made."""
        made: list[str] = []
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._is_good(self.authority, None, now):
            self._write(self.authority, _authority_certificate(key := _new_key(), now), key)
            made.append("certificate authority")
        if not self.service_accounts.certificate.exists():
            key = _new_key()
            atomic.write_bytes(self.service_accounts.key, _key_bytes(key), mode=0o600)
            atomic.write_bytes(self.service_accounts.certificate, _public_bytes(key))
            made.append("key of service accounts")
        return made

    def pair(self, subject: Subject) -> Pair:
        """Where the certificate of ``subject`` lies."""
        return self._pair(subject.file)

    def issue(self, subject: Subject, now: datetime) -> bool:
        """Make the certificate of ``subject`` unless a good one is there; return whether it was made."""
        pair = self.pair(subject)
        if self._is_good(pair, subject, now):
            return False
        key = _new_key()
        self._write(pair, self._signed(subject, key, now), key)
        return True

    def _pair(self, name: str) -> Pair:
        return Pair(self.folder / f"{name}.crt", self.folder / f"{name}.key")

    def _is_good(self, pair: Pair, subject: Subject | None, now: datetime) -> bool:
        if not (pair.certificate.exists() and pair.key.exists()):
            return False
        there = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        if there.not_valid_after_utc - now < RENEW_BEFORE:
            return False
        if subject is None:
            return True
        ours = x509.load_pem_x509_certificate(self.authority.certificate.read_bytes())
        return (
            there.issuer == ours.subject
            and _says(there) == (_name(subject), sorted(subject.serves))
            and (_is_signed_by(there, ours))
        )

    def _signed(self, subject: Subject, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
        authority = x509.load_pem_x509_certificate(self.authority.certificate.read_bytes())
        signer = serialization.load_pem_private_key(self.authority.key.read_bytes(), password=None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - the file is ours, and so is its kind
        usages = [ExtendedKeyUsageOID.CLIENT_AUTH]
        if subject.serves:
            usages.append(ExtendedKeyUsageOID.SERVER_AUTH)
        builder = (
            _builder(_name(subject), authority.subject, key, now, LIFETIME)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
        )
        if subject.serves:
            names = x509.SubjectAlternativeName([_general_name(name) for name in subject.serves])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256())

    def _write(self, pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        # the key first: a certificate without its key would look good
        pair.certificate.unlink(missing_ok=True)
        atomic.write_bytes(pair.key, _key_bytes(key), mode=0o600)
        atomic.write_bytes(pair.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _authority_certificate(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    # a serial number in the name keeps an authority apart from the one that it replaces
    name = _name(Subject("", f"homeostat-{x509.random_serial_number():x}"[:32]))
    return (
        _builder(name, name, key, now, AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _builder(
    name: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - _BACKDATED)
        .not_valid_after(now.astimezone(UTC) + lifetime)
        .add_extension(identifier, critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(subject: Subject) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name)]
    if subject.organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.organisation))
    return x509.Name(parts)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _says(certificate: x509.Certificate) -> tuple[x509.Name, list[str]]:
    """Whom it speaks for, and the names that it serves under."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return certificate.subject, []
    return certificate.subject, sorted(str(name.value) for name in names)


def _is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
