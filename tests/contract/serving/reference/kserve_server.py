# pyright: basic
# kserve ships no types that a strict checker accepts.
"""KServe's own server in one process: its routes, its ``DataPlane``, and a model that does what ours does.

Everything that is the protocol's is left to kserve: decoding, dispatch, encoding, errors. The model brings
what is the model's: which columns it has, and which values those may hold.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from fastapi import FastAPI
from kserve import Model
from kserve.errors import InvalidInput
from kserve.model_repository import ModelRepository
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.infer_type import InferOutput, InferRequest, InferResponse
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer

from serving.bundle import BundleManifest
from serving.decision import Decision, decide
from serving.engines.engine import Engine, Rows
from serving.errors import BadRequest
from serving.wire.schema import InputSchema


class ReferenceModel(Model):
    """One tabular model as kserve wants it."""

    def __init__(self, manifest: BundleManifest, version: str, engine: Engine) -> None:
        super().__init__(manifest.model)
        self.manifest = manifest
        self.version = version
        self.engine = engine
        self.schema = InputSchema(manifest)
        self.ready = True

    async def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        """Answer a decoded request of either protocol."""
        try:
            rows = self.rows(payload)
        except BadRequest as error:
            raise InvalidInput(str(error)) from error
        decision = decide(self.manifest, self.engine.probabilities(rows))
        if isinstance(payload, InferRequest):
            return self.response(payload, decision)
        return {"predictions": decision.labels}

    def rows(self, payload: Any) -> Rows:
        """The request's rows, as far as kserve lets wrong ones come."""
        if isinstance(payload, InferRequest):
            table = self.tensors(payload)
        else:
            names = self.schema.names
            table = [
                [row[name] for name in names] if isinstance(row, dict) else row
                for row in payload["instances"]
            ]
        rows = np.array(table, dtype=np.float64)
        self.schema.check_batch(len(rows))
        return self.schema.check(rows)

    def tensors(self, request: InferRequest) -> Rows:
        """One tensor for all features, or one for each."""
        first = request.inputs[0]
        if len(request.inputs) == 1 and first.name not in self.schema.names:
            return first.as_numpy()
        self.schema.check_names([tensor.name for tensor in request.inputs])
        columns = {tensor.name: tensor.as_numpy().reshape(-1) for tensor in request.inputs}
        return np.column_stack([columns[name].astype(np.float64) for name in self.schema.names])

    def response(self, request: InferRequest, decision: Decision) -> InferResponse:
        """Both outputs; kserve leaves out those that were not asked for."""
        labels = np.array(decision.labels, dtype=object)
        rows, classes = decision.probabilities.shape
        return InferResponse(
            request.id or "made up",
            self.name,
            [
                InferOutput("label", [rows], "BYTES", labels),
                InferOutput("probabilities", [rows, classes], "FP64", decision.probabilities),
            ],
            model_version=self.version,
            use_binary_outputs=bool(request.use_binary_outputs),
            requested_outputs=request.request_outputs,
        )


def reference(manifest: BundleManifest, version: str, engine: Engine) -> FastAPI:
    """The application that kserve would serve."""
    repository = ModelRepository()
    repository.update(ReferenceModel(manifest, version, engine))
    plane = DataPlane(repository)
    server = RESTServer("", plane, ModelRepositoryExtension(repository), http_port=0)
    app = FastAPI()
    server._register_endpoints(app)
    server._add_exception_handlers(app)
    return app
