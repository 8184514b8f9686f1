"""Signatures with the curve P-256, since Debian's bare Python has no library for them.

Not in constant time: for the keys of clusters that live as long as a test.
"""

from __future__ import annotations

import hashlib
import secrets

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)

#: projective coordinates: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity
_Point = tuple[int, int, int]


def new_key() -> int:
    """A private key."""
    return 1 + secrets.randbelow(_N - 1)


def public_bytes(key: int) -> bytes:
    """The public key of ``key``, uncompressed."""
    x, y = _affine(_times(key))
    return b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def sign(key: int, message: bytes) -> tuple[int, int]:
    """An ECDSA signature of the SHA-256 of ``message``."""
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        nonce = new_key()
        r = _affine(_times(nonce))[0] % _N
        s = pow(nonce, -1, _N) * (digest + r * key) % _N
        if r and s:
            return r, s


def _times(scalar: int) -> _Point:
    total: _Point = (0, 1, 0)
    for bit in f"{scalar:b}":
        total = _double(total)
        if bit == "1":
            total = _add_generator(total)
    return total


def _double(point: _Point) -> _Point:
    x, y, z = point
    if not z:
        return point
    yy = y * y % _P
    s = 4 * x * yy % _P
    zz = z * z % _P
    m = 3 * (x - zz) * (x + zz) % _P
    x3 = (m * m - 2 * s) % _P
    return x3, (m * (s - x3) - 8 * yy * yy) % _P, 2 * y * z % _P


def _add_generator(point: _Point) -> _Point:
    x, y, z = point
    if not z:
        return (*_G, 1)
    zz = z * z % _P
    h = (_G[0] * zz - x) % _P
    r = (_G[1] * zz * z - y) % _P
    if not h:
        return _double(point) if not r else (0, 1, 0)
    hh = h * h % _P
    hhh = h * hh % _P
    v = x * hh % _P
    x3 = (r * r - hhh - 2 * v) % _P
    return x3, (r * (v - x3) - y * hhh) % _P, z * h % _P


def _affine(point: _Point) -> tuple[int, int]:
    x, y, z = point
    inverse = pow(z, -1, _P)
    return x * inverse**2 % _P, y * inverse**3 % _P
