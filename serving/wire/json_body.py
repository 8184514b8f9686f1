"""The JSON of a request."""

from __future__ import annotations

from typing import cast

import orjson

from serving.errors import BadRequest
from serving.wire.quoted import kind_of


def read_object(body: bytes | memoryview, member: str) -> dict[str, object]:
    """The JSON object in ``body``, which should have ``member``.

    Raises:
        BadRequest: when it is no JSON or no object.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from None
    if type(document) is not dict:
        raise BadRequest(f"The body is {kind_of(document)}: it must be an object with {member}.")
    return cast("dict[str, object]", document)
