"""A plain FastAPI application, one process: ``server.py MODEL_FOLDER PORT [onnx | our-engine]``."""

import pickle
import sys
from pathlib import Path

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Request(BaseModel):
    rows: list[list[float]]


class Answer(BaseModel):
    probabilities: list[list[float]]


def native(folder):
    estimator = pickle.loads((folder / "model.pkl").read_bytes())
    return estimator.predict_proba


def our_engine(folder):
    from serving.engines.native.picking import native_engine  # noqa: PLC0415 - the others have no PYTHONPATH for it

    return native_engine(pickle.loads((folder / "model.pkl").read_bytes())).probabilities


def onnx(folder):
    import onnxruntime  # noqa: PLC0415 - the native one must not pay its memory

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        (folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    given, wanted = session.get_inputs()[0], [session.get_outputs()[-1].name]
    dtype = np.float64 if given.type == "tensor(double)" else np.float32
    return lambda rows: session.run(wanted, {given.name: rows.astype(dtype, copy=False)})[0]


def create_app(predict_proba):
    app = FastAPI()

    @app.post("/predict")
    async def predict(request: Request) -> Answer:
        # Called in the loop: faster in one process than a hop to a thread and back.
        return Answer(probabilities=predict_proba(np.array(request.rows)).tolist())

    return app


if __name__ == "__main__":
    folder, port, kind = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    opened = {"onnx": onnx, "our-engine": our_engine}.get(next(iter(kind), ""), native)
    app = create_app(opened(folder))
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
