"""Prometheus's HTTP API, as far as triage reads it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from homeostat.errors import HomeostatError
from triage.evidence.shift import Sample


class PrometheusUnavailable(HomeostatError):  # noqa: N818
    """Prometheus could not answer: the sentence says why."""


class PrometheusTimeout(PrometheusUnavailable):
    """Prometheus did not answer in time."""


@dataclass(frozen=True, slots=True)
class Series:
    """One labelled series, without its NaN samples."""

    labels: Mapping[str, str]
    samples: tuple[Sample, ...]


class _Result(BaseModel):
    model_config = ConfigDict(extra="ignore")
    metric: dict[str, str]
    values: list[tuple[float, str]]


class _Data(BaseModel):
    model_config = ConfigDict(extra="ignore")
    result: list[_Result]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")
    status: str
    error: str = ""
    data: _Data | None = None


class Prometheus:
    """A client of one Prometheus."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def range(self, query: str, start: float, end: float, step_seconds: float) -> Sequence[Series]:
        """Evaluate ``query`` from ``start`` to ``end`` (seconds since the epoch).

        Raises:
            PrometheusUnavailable: when it can't be reached, refuses, or answers something else.
        """
        form = {"query": query, "start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step_seconds:g}"}
        try:
            response = self._client.post("/api/v1/query_range", data=form)
        except httpx.TimeoutException as error:
            raise PrometheusTimeout(f"Prometheus did not answer in time ({type(error).__name__}).") from error
        except httpx.HTTPError as error:
            raise PrometheusUnavailable(f"Prometheus can't be reached: {error}.") from error
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError:
            raise PrometheusUnavailable(
                f"Prometheus answered {response.status_code} with something that is not its API."
            ) from None
        if answer.status != "success" or answer.data is None:
            raise PrometheusUnavailable(f"Prometheus refused the query: {answer.error or 'no reason given'}.")
        return [_series(result) for result in answer.data.result]


def _series(result: _Result) -> Series:
    pairs = ((at, float(text)) for at, text in result.values)
    return Series(result.metric, tuple(Sample(at, value) for at, value in pairs if math.isfinite(value)))
