# pyright: basic
# kserve ships no types that a strict checker accepts; nothing else in this room touches its classes.
"""KServe's own protocol classes around one model.

Requests are decoded, dispatched and encoded by kserve's ``DataPlane`` and its ``InferRequest`` and
``InferResponse``, so that the answers are the ones that its clients expect. What kserve leaves open is
decided before it sees the request: it raises KeyErrors on incomplete bodies and guesses at wrong ones.

Answers: V1 gives ``{"predictions": [label, ...]}``. V2 gives two tensors, ``label`` (INT64 or BYTES, [rows])
and ``probabilities`` (FP64, [rows, classes], in the order of ``classes`` in the model's metadata).
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import numpy as np
import orjson
from kserve import Model
from kserve.errors import InvalidInput
from kserve.model_repository import ModelRepository
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.infer_type import InferOutput, InferRequest, InferResponse, RequestedOutput
from kserve.protocol.rest.v2_datamodels import InferenceRequest

from homeostat.release import Release
from serving.bundle import BundleManifest, FeatureType
from serving.decision import Decision, decide
from serving.engines.engine import Engine, Rows
from serving.errors import BadRequest
from serving.faults import Faults
from serving.metrics import Metrics
from serving.observation import Observation, Phase, ProtocolName
from serving.reply import Reply
from serving.schema import InputSchema, quoted
from serving.v2_request import HEADER_LENGTH, is_matrix, parse_json, parse_v2

OUTPUTS = ("label", "probabilities")
_FEATURE_DATATYPES = {FeatureType.FLOAT: "FP64", FeatureType.INTEGER: "INT64", FeatureType.BOOLEAN: "BOOL"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A decoded request on its way through kserve's ``Model``."""

    payload: Any
    observation: Observation


@dataclass(frozen=True, slots=True)
class Answered:
    """The same request with its answer."""

    exchange: Exchange
    decision: Decision


class TabularModel(Model):
    """One tabular model as kserve's ``DataPlane`` wants it."""

    def __init__(
        self, manifest: BundleManifest, release: Release, engine: Engine, faults: Faults, metrics: Metrics
    ) -> None:
        super().__init__(manifest.model)
        self.manifest = manifest
        self.schema = InputSchema(manifest)
        self._version = str(release.version)
        self._engine = engine
        self._faults = faults
        self._metrics = metrics
        # Bounded, so that slow predictions queue here and never take the loop that answers health checks.
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="predict")
        self.ready = True

    def load(self) -> bool:
        """Stay as it is: kserve calls this on requests while draining, which must not end the draining."""
        return self.ready

    async def preprocess(
        self, payload: Exchange, headers: dict[str, str] | None = None
    ) -> tuple[Exchange, Rows]:
        """Turn a decoded request into rows that the engine may see."""
        del headers
        with payload.observation.phase(Phase.DECODE):
            return payload, self._rows(payload.payload)

    async def predict(
        self,
        payload: tuple[Exchange, Rows],
        headers: dict[str, str] | None = None,
        response_headers: dict[str, str] | None = None,
    ) -> Answered:
        """Ask the engine in a thread of the pool, and count what it says."""
        del headers, response_headers
        exchange, rows = payload
        with exchange.observation.phase(Phase.PREDICT):
            await self._faults.before_predict()
            loop = asyncio.get_running_loop()
            probabilities = await loop.run_in_executor(self._pool, self._engine.probabilities, rows)
        decision = decide(self.manifest, probabilities)
        self._metrics.predicted(decision, self.schema.out_of_range(rows))
        return Answered(exchange, decision)

    async def postprocess(
        self,
        result: Answered,
        headers: dict[str, str] | None = None,
        response_headers: dict[str, str] | None = None,
    ) -> dict[str, Any] | InferResponse:
        """Put the answer into the protocol of the request."""
        del headers, response_headers
        with result.exchange.observation.phase(Phase.ENCODE):
            if result.exchange.observation.protocol is ProtocolName.V1:
                return {"predictions": result.decision.labels}
            return self._response(result.exchange.payload, result.decision)

    def _rows(self, payload: dict[str, Any] | InferRequest) -> Rows:
        if isinstance(payload, InferRequest):
            with np.errstate(over="ignore"):
                return self.schema.check(self._table(payload))
        instances = payload.get("instances")
        if not isinstance(instances, list):
            raise BadRequest(f"instances is {quoted(instances)}: it must be a list of rows.")
        return self.schema.from_instances(instances)

    def _table(self, request: InferRequest) -> Rows:
        if is_matrix([tensor.shape for tensor in request.inputs], len(self.schema.names)):
            return request.inputs[0].as_numpy().astype(np.float64)
        columns = {tensor.name: tensor.as_numpy().reshape(-1) for tensor in request.inputs}
        return np.column_stack([columns[name].astype(np.float64) for name in self.schema.names])

    def _response(self, request: InferRequest, decision: Decision) -> InferResponse:
        labels = np.array(decision.labels, dtype=object if self._answers_text() else np.int64)
        rows, classes = decision.probabilities.shape
        label = InferOutput("label", [rows], "BYTES" if self._answers_text() else "INT64", labels)
        probabilities = InferOutput("probabilities", [rows, classes], "FP64", decision.probabilities)
        return InferResponse(
            request.id or str(uuid4()),
            self.name,
            [label, probabilities],
            model_version=self._version,
            use_binary_outputs=bool(request.use_binary_outputs),
            requested_outputs=_with_defaults(request),
        )

    def _answers_text(self) -> bool:
        return isinstance(self.manifest.classes[0], str)

    def get_input_types(self) -> list[dict[str, Any]]:
        """One tensor for each feature."""
        return [
            {"name": feature.name, "datatype": _FEATURE_DATATYPES[feature.dtype], "shape": [-1, 1]}
            for feature in self.manifest.features
        ]

    def get_output_types(self) -> list[dict[str, Any]]:
        """The label and the probabilities of all classes."""
        classes = list(self.manifest.classes)
        text = self._answers_text()
        return [
            {"name": "label", "datatype": "BYTES" if text else "INT64", "shape": [-1]},
            {
                "name": "probabilities",
                "datatype": "FP64",
                "shape": [-1, len(classes)],
                # the protocol's parameters are scalars, so the list is JSON inside of a string
                "parameters": {"classes": orjson.dumps(classes).decode()},
            },
        ]


class KServeDataplane:
    """Answers the inference requests of both protocols for one model."""

    def __init__(self, model: TabularModel) -> None:
        self._model = model
        repository = ModelRepository()
        repository.update(model)
        self._plane = DataPlane(repository)

    async def v1(self, body: bytes, observation: Observation) -> Reply:
        """Answer the body of a ``:predict``.

        Raises:
            BadRequest: when the request says something that it may not.
        """
        with observation.phase(Phase.DECODE):
            document = parse_json(body)
            if not isinstance(document, dict):
                raise BadRequest(f"The body is {quoted(document)}: it must be an object with instances.")
            payload, _ = self._plane.decode(document, {})
            if not isinstance(payload, dict):
                raise BadRequest(f"data is {quoted(payload)}: it must be an object with instances.")
        response, _ = await self._plane.infer(self._model.name, Exchange(payload, observation))  # pyright: ignore[reportArgumentType] - kserve passes it through to our model
        with observation.phase(Phase.ENCODE):
            return Reply(orjson.dumps(response))

    async def v2(self, body: bytes, header_length: str | None, observation: Observation) -> Reply:
        """Answer the body of an ``infer``; ``header_length`` is the length of its JSON part if it has others.

        Raises:
            BadRequest: when the request says something that it may not.
        """
        with observation.phase(Phase.DECODE):
            request = self._decode(body, header_length)
        response, _ = await self._plane.infer(self._model.name, Exchange(request, observation))  # pyright: ignore[reportArgumentType] - kserve passes it through to our model
        with observation.phase(Phase.ENCODE):
            content, headers = self._plane.encode(self._model.name, response, {}, {})
            if isinstance(content, bytes):
                return Reply(content, "application/octet-stream", headers)
            return Reply(orjson.dumps(content))

    async def metadata(self) -> dict[str, Any]:
        """Name, inputs and outputs of the model."""
        return await self._plane.model_metadata(self._model.name)

    def _decode(self, body: bytes, header_length: str | None) -> InferRequest:
        checked = parse_v2(body, header_length, self._model.schema)
        for output in checked.outputs or ():
            if output.name not in OUTPUTS:
                raise BadRequest(
                    f"The output {quoted(output.name)} does not exist: ask for {' or '.join(OUTPUTS)}."
                )
        try:
            if header_length is None:
                source: Any = InferenceRequest.model_validate(checked.model_dump())
                headers = {}
            else:
                source, headers = body, {HEADER_LENGTH: header_length}
            return cast("InferRequest", self._plane.decode(source, headers, "v2", self._model.name)[0])
        except InvalidInput as error:
            raise BadRequest(str(error)) from error


def _with_defaults(request: InferRequest) -> list[RequestedOutput] | None:
    """The requested outputs, each with its ``binary_data``, which defaults to ``binary_data_output``.

    kserve forgets the default as soon as outputs are listed, but the protocol's binary extension keeps it.
    """
    default = {"binary_data": bool(request.use_binary_outputs)}
    outputs = request.request_outputs
    return [RequestedOutput(o.name, default | (o.parameters or {})) for o in outputs] if outputs else None
