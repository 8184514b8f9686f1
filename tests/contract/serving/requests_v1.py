"""KServe V1 requests, right and wrong, and those for what surrounds inference."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

from tests.contract.serving.exchange import Asked, v1

ROW = [1, 2, 0]
NAMED = {"member": 1, "age": -2.5, "visits": 3}


def requests() -> Iterator[tuple[str, Asked]]:
    """Each request with its name."""
    for name, instances in {
        "one row": [ROW],
        "eight rows": [ROW, [-2, 3, 1]] * 4,
        "rows by name": [NAMED, NAMED],
        "rows of both kinds": [ROW, NAMED],
        "a boolean": [[1, 2, True]],
        "floats that are whole": [[1.5, 2.0, 1.0]],
    }.items():
        yield name, v1({"instances": instances})
    yield "unknown members beside", v1({"instances": [ROW], "signature_name": "serving_default"})
    event = {"specversion": "1.0", "source": "s", "type": "t", "id": "i", "time": "2026-01-01T00:00:00Z"}
    yield "a structured event", v1(event | {"data": {"instances": [ROW]}})
    yield from _wrong()
    yield from _surroundings()


def _wrong() -> Iterator[tuple[str, Asked]]:
    wrong: dict[str, Any] = {
        "no object": [1],
        "no instances": {"rows": []},
        "instances no list": {"instances": 5},
        "no rows": {"instances": []},
        "too many rows": {"instances": [ROW] * 9},
        "a row that is a number": {"instances": [7]},
        "too few values": {"instances": [[1, 2]]},
        "rows of unequal length": {"instances": [ROW, [1, 2]]},
        "text": {"instances": [["old", 2, 0]]},
        "a number as text": {"instances": [["1", 2, 0]]},
        "a nested value": {"instances": [[[1], 2, 0]]},
        "null": {"instances": [[None, 2, 0]]},
        "a boolean for a number": {"instances": [[True, 2, 0]]},
        "a missing feature": {"instances": [{"age": 1, "member": 0}]},
        "an unknown feature": {"instances": [NAMED | {"hat": 1}]},
    }
    for name, body in wrong.items():
        yield name, v1(body)
    right = v1({"instances": [ROW]})
    for name, content in {"nothing": b"", "half a JSON": b'{"instances": [[1,', "no UTF-8": b"\xff"}.items():
        yield name, Asked(right.path, content, right.headers)
    packed = {**right.headers, "content-encoding": "gzip"}
    yield "gzip", Asked(right.path, gzip.compress(right.content, mtime=0), packed)
    yield "another model", Asked("/v1/models/other:predict", right.content, right.headers)


def _surroundings() -> Iterator[tuple[str, Asked]]:
    for path in (
        "/v1/models",
        "/v1/models/toy",
        "/v1/models/other",
        "/v2",
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/toy",
        "/v2/models/toy/ready",
        "/v2/models/other",
        "/v2/models/other/ready",
        "/v2/models/toy/versions/3",
        "/v2/models/toy/versions/3/ready",
        "/v2/nowhere",
    ):
        yield f"GET {path}", Asked(path, method="GET")
    yield "prediction with GET", Asked("/v1/models/toy:predict", method="GET")
