"""The body of a request, bounded: no client decides how much memory is used."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from http import HTTPStatus

from serving.errors import BadRequest

#: below BentoML's timeout of the whole, which would call a slow client the server's failure
MAX_BODY_SECONDS = 30.0


async def read_body(
    chunks: AsyncIterator[bytes],
    content_length: str | None,
    content_encoding: str | None,
    limit_bytes: int,
    limit_seconds: float = MAX_BODY_SECONDS,
) -> bytes:
    """Collect the body's ``chunks`` and decompress them, never holding more than ``limit_bytes``.

    Args:
        chunks: the body as it arrives.
        content_length: the header of that name, or None.
        content_encoding: the header of that name, or None.
        limit_bytes: of the body as sent and as decompressed.
        limit_seconds: until it must be whole.

    Raises:
        BadRequest: 413 when the body is too large, 408 when it takes too long, 415 for an unknown encoding,
            400 for damaged gzip.
    """
    encoding = (content_encoding or "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise BadRequest(
            f"Content-Encoding {encoding[:60]!r} is not supported: use gzip or identity.",
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        )
    if content_length is not None and content_length.isdigit() and int(content_length) > limit_bytes:
        raise _too_large(limit_bytes)
    try:
        async with asyncio.timeout(limit_seconds):
            body = await _collected(chunks, limit_bytes)
    except TimeoutError:
        raise BadRequest(
            f"The body did not arrive within {limit_seconds:g} s: send it faster or split the request.",
            HTTPStatus.REQUEST_TIMEOUT,
        ) from None
    return body if encoding == "identity" else _gunzip(body, limit_bytes)


async def _collected(chunks: AsyncIterator[bytes], limit_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit_bytes:
            raise _too_large(limit_bytes)
    return bytes(body)


def _gunzip(body: bytes, limit_bytes: int) -> bytes:
    inflater = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = inflater.decompress(body, limit_bytes + 1)
    except zlib.error as error:
        raise BadRequest(f"The body is not valid gzip ({error}).") from error
    if len(content) > limit_bytes:
        raise _too_large(limit_bytes)
    if not inflater.eof or inflater.unused_data:
        raise BadRequest("The gzip body is truncated or has more than one member: send one whole member.")
    return content


def _too_large(limit_bytes: int) -> BadRequest:
    return BadRequest(
        f"The body is larger than {limit_bytes} bytes, also when decompressed: split the request.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )
