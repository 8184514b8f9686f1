# pyright: basic
# kserve and river ship incomplete types; this file is the demo's adapter to both.
"""Predictions the way a client makes them: the real ``kserve`` client over both protocols."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from homeostat.errors import HomeostatError

Row = Mapping[str, float]


class WrongAnswer(HomeostatError):  # noqa: N818 - it tells what happened, as the story does
    """The endpoint answered something that its protocol does not allow."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What both protocols said about the same rows."""

    rows: int
    v1: tuple[Any, ...]
    v2: tuple[Any, ...]


def sample_rows(count: int) -> tuple[Row, ...]:
    """The first ``count`` web pages of river's Phishing data, without their labels."""
    from river import datasets  # noqa: PLC0415 - takes a second that only the demo should pay

    pages = itertools.islice(datasets.Phishing(), count)
    return tuple({str(name): float(value) for name, value in page.items()} for page, _ in pages)


def v2_body(rows: Sequence[Row]) -> dict[str, list[dict[str, Any]]]:
    """The Open Inference Protocol request for ``rows``: one FP64 tensor per feature."""
    return {
        "inputs": [
            {
                "name": name,
                "shape": [len(rows)],
                "datatype": "FP64",
                "data": [float(row[name]) for row in rows],
            }
            for name in rows[0]
        ]
    }


def predict(url: str, model: str, rows: Sequence[Row]) -> Predictions:
    """Ask ``model`` at ``url`` about ``rows`` over KServe V1 and the Open Inference Protocol V2.

    Raises:
        WrongAnswer: when none comes, one has another length, or the two protocols disagree.
    """
    try:
        v1, v2 = asyncio.run(_ask(url, model, rows))
    except (httpx.HTTPError, RuntimeError) as error:
        raise WrongAnswer(f"{model} at {url} did not answer the kserve client: {error}.") from error
    if len(v1) != len(rows) or v1 != v2:
        raise WrongAnswer(f"V1 said {v1} and V2 said {v2} about the same {len(rows)} rows; they must agree.")
    return Predictions(len(rows), v1, v2)


async def _ask(url: str, model: str, rows: Sequence[Row]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    from kserve import InferenceRESTClient, InferRequest, RESTConfig  # noqa: PLC0415 - seconds of imports
    from kserve.protocol.infer_type import InferInput  # noqa: PLC0415

    old = InferenceRESTClient(RESTConfig(protocol="v1"))
    new = InferenceRESTClient(RESTConfig(protocol="v2"))
    try:
        answer: Any = await old.infer(url, {"instances": [dict(row) for row in rows]}, model_name=model)
        inputs = [
            InferInput(entry["name"], entry["shape"], entry["datatype"], entry["data"])
            for entry in v2_body(rows)["inputs"]
        ]
        response: Any = await new.infer(
            url, InferRequest(model_name=model, infer_inputs=inputs), model_name=model
        )
    finally:
        await old.close()
        await new.close()
    labels = next(output for output in response.outputs if output.name == "label")
    return tuple(answer["predictions"]), tuple(labels.data)
