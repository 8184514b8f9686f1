"""MLflow's REST API, as far as triage reads it: which run made a version, and what a run recorded.

See https://mlflow.org/docs/latest/api_reference/rest-api.html. Answers are read up to a bound, since a run
can carry any number of tags of any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from homeostat.errors import HomeostatError

_MOST_BYTES = 4 << 20


class MlflowUnavailable(HomeostatError):  # noqa: N818 - named after what it is
    """MLflow could not answer: the sentence says why."""


class MlflowTimeout(MlflowUnavailable):
    """MLflow did not answer in time."""


class MlflowForbidden(MlflowUnavailable):
    """MLflow does not let triage read."""


class _Foreign(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class ModelVersion(_Foreign):
    """One version of a registered model."""

    version: str
    run_id: str = ""


class _Pair(_Foreign):
    key: str
    value: Any = None


class _Info(_Foreign):
    run_id: str = ""
    status: str = ""


class _Data(_Foreign):
    metrics: tuple[_Pair, ...] = ()
    params: tuple[_Pair, ...] = ()
    tags: tuple[_Pair, ...] = ()


class Run(_Foreign):
    """What a run recorded."""

    info: _Info = _Info()
    data: _Data = _Data()

    @property
    def metrics(self) -> Mapping[str, float]:
        """The last value of each."""
        return {one.key: float(one.value) for one in self.data.metrics if isinstance(one.value, int | float)}

    @property
    def parameters(self) -> Mapping[str, str]:
        """What it was trained with."""
        return {one.key: str(one.value) for one in self.data.params}

    @property
    def tags(self) -> Mapping[str, str]:
        """What else it says of itself, without MLflow's own."""
        return {one.key: str(one.value) for one in self.data.tags if not one.key.startswith("mlflow.")}


T = TypeVar("T", bound=_Foreign)


class _Version(_Foreign):
    model_version: ModelVersion


class _Versions(_Foreign):
    model_versions: tuple[ModelVersion, ...] = ()


class _Run(_Foreign):
    run: Run


class _Refusal(_Foreign):
    message: str = Field(default="", max_length=2_000)


class Mlflow:
    """A client of one tracking server."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def version(self, model: str, version: int) -> ModelVersion | None:
        """One version; None when the registry has no such one.

        Raises:
            MlflowUnavailable: when it can't be reached, refuses, or answers something else.
        """
        content = self._get("model-versions/get", {"name": model, "version": str(version)})
        return _read(content, _Version).model_version if content is not None else None

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """The newest versions.

        Raises:
            MlflowUnavailable: see :meth:`version`.
        """
        asked = {"filter": f"name='{model}'", "max_results": "100", "order_by": "version_number DESC"}
        content = self._get("model-versions/search", asked)
        return _read(content, _Versions).model_versions if content is not None else ()

    def run(self, run_id: str) -> Run | None:
        """One run; None when there is none.

        Raises:
            MlflowUnavailable: see :meth:`version`.
        """
        content = self._get("runs/get", {"run_id": run_id})
        return _read(content, _Run).run if content is not None else None

    def _get(self, path: str, asked: Mapping[str, str]) -> bytes | None:
        try:
            with self._client.stream("GET", f"/api/2.0/mlflow/{path}", params=asked) as response:
                content = _bounded(response)
        except httpx.TimeoutException as error:
            raise MlflowTimeout(f"MLflow did not answer in time ({type(error).__name__}).") from error
        except httpx.HTTPError as error:
            raise MlflowUnavailable(f"MLflow can't be reached: {error}.") from error
        if response.status_code == 404 or (
            response.status_code == 400 and b"RESOURCE_DOES_NOT_EXIST" in content
        ):
            return None
        if response.status_code in (401, 403):
            raise MlflowForbidden(f"MLflow answered {response.status_code}: triage may not read it.")
        if response.is_error:
            raise MlflowUnavailable(f"MLflow answered {path} with {response.status_code}{_why(content)}.")
        return content


def _bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise MlflowUnavailable(f"MLflow's answer is larger than {_MOST_BYTES} bytes.")
    return bytes(content)


def _why(content: bytes) -> str:
    try:
        said = _Refusal.model_validate_json(content).message
    except ValidationError:
        return ""
    return f": {said[:200].rstrip('.')}" if said else ""


def _read(content: bytes, kind: type[T]) -> T:
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        raise MlflowUnavailable("MLflow answered with something that is not its API.") from None
