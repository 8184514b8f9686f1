"""Certificates of K3s' authorities and what they sign."""

from __future__ import annotations

import base64
import ipaddress
import secrets
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1

from . import der, p256

AUTHORITY_LIFETIME, LIFETIME = timedelta(days=3650), timedelta(days=365)
_BACKDATED = timedelta(minutes=5)
_SIGNED_BY = der.value(der.SEQUENCE, der.identifier("1.2.840.10045.4.3.2"))
_CURVE = der.identifier("1.2.840.10045.3.1.7")
_ATTRIBUTES = {"2.5.4.3": "CN", "2.5.4.10": "O"}
_SAN, _BASIC, _USAGE, _EXTENDED, _SUBJECT_KEY, _AUTHORITY_KEY = (
    f"2.5.29.{number}" for number in (17, 19, 15, 37, 14, 35)
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a certificate says of itself."""

    subject: str
    issuer: str
    expires: datetime
    names: tuple[str, ...]


def authority(name: str, now: datetime) -> Pair:
    """A new authority."""
    key = p256.new_key()
    subject = _name(name, ())
    extensions = [
        _extension(_BASIC, der.value(der.SEQUENCE, der.value(der.BOOLEAN, b"\xff"))),
        _extension(_USAGE, der.value(der.BIT_STRING, b"\1\xa6")),
    ]
    body = _body(subject, subject, key, (now, AUTHORITY_LIFETIME), extensions)
    return Pair(_signed(body, key), _key_pem(key))


def issue(
    ca: Pair, name: str, now: datetime, organisations: Sequence[str] = (), serves: Iterable[str] = ()
) -> Pair:
    """A certificate by ``ca``: for a client, and for a server under the names that it serves."""
    key, signer = p256.new_key(), _key_of(ca.key)
    names = sorted(set(serves))
    usages = ["1.3.6.1.5.5.7.3.2"] + (["1.3.6.1.5.5.7.3.1"] if names else [])
    extensions = [
        _extension(_USAGE, der.value(der.BIT_STRING, b"\5\xa0")),
        _extension(_EXTENDED, der.value(der.SEQUENCE, *map(der.identifier, usages))),
        _extension(_AUTHORITY_KEY, der.value(der.SEQUENCE, der.value(0x80, _fingerprint(signer)))),
    ]
    if names:
        extensions.append(_extension(_SAN, der.value(der.SEQUENCE, *map(_general_name, names))))
    issuer = _fields(ca.certificate)[1]
    body = _body(_name(name, organisations), issuer, key, (now, LIFETIME), extensions)
    return Pair(_signed(body, signer), _key_pem(key))


def show(certificate: str) -> Shown:
    """Read the first certificate in a PEM."""
    issuer, subject, validity, rest = _fields(certificate)
    _, (tag, end, _) = der.read(next(der.read(validity))[1])
    text = end.decode() if tag == der.GENERALIZED_TIME else f"20{end.decode()}"
    expires = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    return Shown(_shown_name(subject), _shown_name(issuer), expires, tuple(_names(rest)))


def new_key_pem() -> str:
    """A key that signs the tokens of service accounts."""
    return _key_pem(p256.new_key())


def _body(
    subject: bytes,
    issuer: bytes,
    key: int,
    validity: tuple[datetime, timedelta],
    extensions: Sequence[bytes],
) -> bytes:
    begins = validity[0].astimezone(UTC) - _BACKDATED
    own = _extension(_SUBJECT_KEY, der.value(der.OCTET_STRING, _fingerprint(key)))
    return der.value(
        der.SEQUENCE,
        der.value(0xA0, der.integer(2)),
        der.integer(secrets.randbits(64)),
        _SIGNED_BY,
        issuer,
        der.value(der.SEQUENCE, _time(begins), _time(validity[0].astimezone(UTC) + validity[1])),
        subject,
        _public_key(key),
        der.value(0xA3, der.value(der.SEQUENCE, own, *extensions)),
    )


def _signed(body: bytes, signer: int) -> str:
    r, s = p256.sign(signer, body)
    signature = der.bit_string(der.value(der.SEQUENCE, der.integer(r), der.integer(s)))
    return _pem("CERTIFICATE", der.value(der.SEQUENCE, body, _SIGNED_BY, signature))


def _public_key(key: int) -> bytes:
    kind = der.value(der.SEQUENCE, der.identifier("1.2.840.10045.2.1"), _CURVE)
    return der.value(der.SEQUENCE, kind, der.bit_string(p256.public_bytes(key)))


def _fingerprint(key: int) -> bytes:
    return sha1(p256.public_bytes(key), usedforsecurity=False).digest()


def _time(moment: datetime) -> bytes:
    return der.value(der.GENERALIZED_TIME if moment.year >= 2050 else der.UTC_TIME, _time_text(moment))


def _time_text(moment: datetime) -> bytes:
    return f"{moment:%Y%m%d%H%M%SZ}".encode()[0 if moment.year >= 2050 else 2 :]


def _name(common_name: str, organisations: Sequence[str]) -> bytes:
    parts = [("2.5.4.10", part) for part in organisations] + [("2.5.4.3", common_name)]
    pairs = (
        der.value(der.SEQUENCE, der.identifier(kind), der.value(der.UTF8, text.encode()))
        for kind, text in parts
    )
    return der.value(der.SEQUENCE, *(der.value(der.SET, pair) for pair in pairs))


def _extension(kind: str, content: bytes) -> bytes:
    critical = [der.value(der.BOOLEAN, b"\xff")] if kind in {_BASIC, _USAGE} else []
    octets = der.value(der.OCTET_STRING, content)
    return der.value(der.SEQUENCE, der.identifier(kind), *critical, octets)


def _general_name(name: str) -> bytes:
    try:
        return der.value(0x87, ipaddress.ip_address(name).packed)
    except ValueError:
        return der.value(0x82, name.encode())


def _fields(certificate: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Of a certificate its issuer, subject, validity (each encoded), and what follows the public key."""
    whole = next(der.read(_unwrapped(certificate)))[1]
    fields = [encoded for _, _, encoded in der.read(next(der.read(whole))[1])]
    return fields[3], fields[5], fields[4], fields[7]


def _shown_name(encoded: bytes) -> str:
    parts: list[str] = []
    for _, one, _ in der.read(next(der.read(encoded))[1]):
        (_, _, kind), (_, text, _) = der.read(next(der.read(one))[1])
        label = next(known for dotted, known in _ATTRIBUTES.items() if der.identifier(dotted) == kind)
        parts.append(f"{label}={text.decode()}")
    return ",".join(sorted(parts))


def _names(extensions: bytes) -> Iterable[str]:
    outer = next(der.read(extensions))[1]
    for _, extension, _ in der.read(next(der.read(outer))[1]):
        (_, _, kind), *_, (_, octets, _) = der.read(extension)
        if kind == der.identifier(_SAN):
            for tag, content, _ in der.read(next(der.read(octets))[1]):
                yield str(ipaddress.ip_address(content)) if tag == 0x87 else content.decode()


def _key_pem(key: int) -> str:
    octets = der.value(der.OCTET_STRING, key.to_bytes(32, "big"))
    public = der.value(0xA1, der.bit_string(p256.public_bytes(key)))
    body = der.value(der.SEQUENCE, der.integer(1), octets, der.value(0xA0, _CURVE), public)
    return _pem("EC PRIVATE KEY", body)


def _key_of(pem: str) -> int:
    _, (_, octets, _), *_ = der.read(next(der.read(_unwrapped(pem)))[1])
    return int.from_bytes(octets, "big")


def public_key_pem(pem: str) -> str:
    """The public half of a key."""
    return _pem("PUBLIC KEY", _public_key(_key_of(pem)))


def _pem(label: str, body: bytes) -> str:
    lines = textwrap.fill(base64.b64encode(body).decode(), 64)
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _unwrapped(pem: str) -> bytes:
    lines = pem.strip().splitlines()
    return base64.b64decode("".join(lines[1 : next(i for i, line in enumerate(lines) if "-END" in line)]))
