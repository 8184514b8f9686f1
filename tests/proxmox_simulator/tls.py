"""A certificate authority and a certificate for loopback, as a cluster's pve-root-ca.pem and pve-ssl.pem.

With the extensions that PVE::Cluster::Setup gives them (from its source): the authority is what ``openssl req
-x509`` makes, which says nothing of how its key is used, and the host's certificate does not name the key
that signed it. OpenSSL's strict verification refuses both.
"""

import datetime as dt
import ipaddress
import ssl
import uuid
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def write_certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Write the authority's certificate; return its path and a server's context with a certificate of it."""
    authority_key, server_key = (
        ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP256R1()),
    )
    authority_name = _name(
        "Proxmox Virtual Environment",
        (NameOID.ORGANIZATIONAL_UNIT_NAME, str(uuid.uuid4())),
        (NameOID.ORGANIZATION_NAME, "PVE Cluster Manager CA"),
    )
    key_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        _builder(authority_name, authority_name, authority_key.public_key())
        .add_extension(key_id, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    server = (
        _builder(_name("pve.localhost"), authority_name, server_key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return _write(folder, authority, server, server_key)


def _write(
    folder: Path,
    authority: x509.Certificate,
    server: x509.Certificate,
    server_key: ec.EllipticCurvePrivateKey,
) -> tuple[Path, ssl.SSLContext]:
    authority_file, server_file, key_file = (
        folder / n for n in ("pve-root-ca.pem", "pve-ssl.pem", "pve-ssl.key")
    )
    authority_file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    server_file.write_bytes(server.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server_file, key_file)
    return authority_file, context


def _name(common_name: str, *more: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    parts = ((NameOID.COMMON_NAME, common_name), *more)
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
    )
