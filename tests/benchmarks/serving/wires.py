"""How each server wants its rows and gives its probabilities."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.serving.model_files import Rows
from tests.benchmarks.serving.packing import NAME

JSON = {"content-type": "application/json"}
_HEADER_LENGTH = "inference-header-content-length"
_V2_PATH = f"/v2/models/{NAME}/infer"

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Message:
    """One request, the same for every load tool."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Wire:
    """A way to ask and to read the answer."""

    ask: Callable[[Rows], Message]
    read: Callable[[bytes, Mapping[str, str]], Probabilities]


def _v2_json(**more: Any) -> Callable[[Rows], Message]:
    def ask(rows: Rows) -> Message:
        tensor = {"name": "rows", "shape": rows.shape, "datatype": "FP64", "data": rows.ravel().tolist()}
        return Message(_V2_PATH, JSON, json.dumps({"inputs": [tensor], **more}).encode())

    return ask


def _v2_binary(rows: Rows) -> Message:
    content = rows.astype("<f8").tobytes()
    tensor = {
        "name": "rows",
        "shape": rows.shape,
        "datatype": "FP64",
        "parameters": {"binary_data_size": len(content)},
    }
    header = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    headers = {"content-type": "application/octet-stream", _HEADER_LENGTH: str(len(header))}
    return Message(_V2_PATH, headers, header + content)


def _read_v2(content: bytes, headers: Mapping[str, str]) -> Probabilities:
    """The tensor ``probabilities`` (MLServer: ``predict_proba``), wherever its values are."""
    length = int(headers.get(_HEADER_LENGTH, len(content)))
    document, behind = json.loads(content[:length]), content[length:]
    for output in document["outputs"]:
        size = (output.get("parameters") or {}).get("binary_data_size")
        values = behind[: size or 0]
        behind = behind[size or 0 :]
        if output["name"] in {"probabilities", "predict_proba"}:
            dtype = {"FP64": "<f8", "FP32": "<f4"}[output["datatype"]]
            flat = np.frombuffer(values, dtype) if size else np.array(output["data"], float)
            return flat.astype(float).reshape(output["shape"])
    raise ValueError(f"no probabilities among {[output['name'] for output in document['outputs']]}")


def _asking(path: str, field: str) -> Callable[[Rows], Message]:
    def ask(rows: Rows) -> Message:
        return Message(path, JSON, json.dumps({field: rows.tolist()}).encode())

    return ask


def _reading(field: str | None) -> Callable[[bytes, Mapping[str, str]], Probabilities]:
    def read(content: bytes, headers: Mapping[str, str]) -> Probabilities:
        document = json.loads(content)
        return np.array(document[field] if field else document, float)

    return read


V2_JSON = Wire(_v2_json(), _read_v2)
V2_BINARY = Wire(_v2_binary, _read_v2)
#: MLServer's runtimes answer labels unless they are asked for something else
MLSERVER_JSON = Wire(_v2_json(outputs=[{"name": "predict_proba"}]), _read_v2)
MLFLOW_JSON = Wire(_asking("/invocations", "inputs"), _reading("predictions"))
BENTOML_JSON = Wire(_asking("/predict", "rows"), _reading(None))
FASTAPI_JSON = Wire(_asking("/predict", "rows"), _reading("probabilities"))
