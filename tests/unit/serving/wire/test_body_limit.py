"""A body may be as large as a right one can be, and what a small one can become is bounded with it."""

from __future__ import annotations

import gzip
import json
from typing import Any

import httpx
import numpy as np
import pytest

from serving.wire.body_limit import MAX_BODY_BYTES, body_limit
from tests.unit.serving.small_app import Logistic, hot_path

#: as many characters as a float64 can take
LONGEST = -1.2345678901234567e-308
FEW, MANY, LONG = ("a",), tuple(f"f{n}" for n in range(40)), tuple(f"{n:x}".rjust(128, "x") for n in range(9))


@pytest.mark.parametrize("names", [FEW, MANY, LONG])
@pytest.mark.parametrize("rows", [1, 7, 400])
@pytest.mark.parametrize("indent", [None, 2])
def test_every_way_to_write_the_most_rows_fits(names: tuple[str, ...], rows: int, indent: int | None):
    tensors = [
        {"name": name, "shape": [rows, 1], "datatype": "FP64", "data": [[LONGEST]] * rows} for name in names
    ]
    table = [[LONGEST] * len(names)] * rows
    objects = [dict.fromkeys(names, LONGEST)] * rows
    written: list[Any] = [{"inputs": tensors}, {"instances": table}, {"instances": objects}]
    limit = body_limit(names, rows)
    assert limit < MAX_BODY_BYTES
    assert max(len(json.dumps(content, indent=indent)) for content in written) <= limit
    assert np.zeros((rows, len(names))).nbytes + 1000 <= limit


def test_the_largest_model_has_the_limit_of_all():
    assert body_limit(MANY, 100_000) == MAX_BODY_BYTES
    assert MAX_BODY_BYTES > 100_000 * 16 * 8


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/v1/models/toy:predict", "/v2/models/toy/infer"])
@pytest.mark.parametrize("packed", ["identity", "gzip"])
async def test_a_body_that_a_small_model_can_not_need_is_refused_unread(path: str, packed: str):
    body = b'{"instances": [' + b'{"":0},' * 2**20 + b"{}]}"
    transport = httpx.ASGITransport(hot_path(Logistic()))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        content = gzip.compress(body, mtime=0) if packed == "gzip" else body
        answer = await client.post(path, content=content, headers={"content-encoding": packed})
    assert answer.status_code == 413
    assert "The body is larger than 67" in answer.json()["error"]
