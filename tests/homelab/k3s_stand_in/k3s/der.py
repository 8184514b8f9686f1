"""As much of DER as certificates need: every value is a tag, a length and a content."""

from __future__ import annotations

from collections.abc import Iterator

INTEGER, BIT_STRING, OCTET_STRING, OBJECT, UTF8, SEQUENCE, SET = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x30, 0x31
UTC_TIME, GENERALIZED_TIME, BOOLEAN = 0x17, 0x18, 0x01


def value(tag: int, *contents: bytes) -> bytes:
    """One value; the content is all ``contents`` in a row.

    >>> value(SEQUENCE, integer(1), integer(128)).hex()
    '300702010102020080'
    """
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def integer(number: int) -> bytes:
    """A whole number that is not negative."""
    return value(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def bit_string(content: bytes) -> bytes:
    """Whole bytes as bits."""
    return value(BIT_STRING, b"\0", content)


def identifier(dotted: str) -> bytes:
    """An object identifier.

    >>> identifier("1.2.840.10045.2.1").hex()
    '06072a8648ce3d0201'
    """
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = bytearray([first * 40 + second])
    for number in rest:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(0x80 | (number & 0x7F))
        encoded += bytes(reversed(groups))
    return value(OBJECT, bytes(encoded))


def read(encoded: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The values in a row: of each its tag, its content, and all of it."""
    while encoded:
        tag, length, start = encoded[0], encoded[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(encoded[2:start], "big")
        end = start + length
        yield tag, encoded[start:end], encoded[:end]
        encoded = encoded[end:]
