"""What a client is told when its worker stops reading what it sends."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus

import orjson

#: so much is parsed at a time, and so much more than a limit may get past it
PIECE_BYTES = 16 * 1024


class Refused(Enum):
    """Why; with the status and the sentence for the client."""

    MALFORMED = (HTTPStatus.BAD_REQUEST, "This is not a valid HTTP/1.1 request.")
    HEAD_TOO_LARGE = (
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        "The request's line and headers, or its trailers, are too large.",
    )


def refusal(why: Refused) -> bytes:
    """The last answer on a connection, in the form of every other error."""
    status, sentence = why.value
    body = orjson.dumps({"error": sentence})
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "content-type: application/json\r\n"
        f"content-length: {len(body)}\r\n"
        "connection: close\r\n\r\n"
    )
    return head.encode() + body
