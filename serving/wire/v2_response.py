"""The answer to an Open Inference Protocol V2 request."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson

from serving.bundle import BundleManifest
from serving.decision import Decision
from serving.reply import Reply
from serving.wire.v2_request import V2Call

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


class V2Writer:
    """Writes the answers of one version of one model."""

    def __init__(self, manifest: BundleManifest, version: str) -> None:
        self._model = manifest.model
        self._version = version
        self._text = isinstance(manifest.classes[0], str)
        self._label_datatype = "BYTES" if self._text else "INT64"
        self._classes = len(manifest.classes)

    def write(self, call: V2Call, decision: Decision) -> Reply:
        """The outputs that ``call`` wants, in its order; binary ones behind the JSON."""
        outputs: list[dict[str, Any]] = []
        behind: list[bytes] = []
        for wanted in call.outputs:
            output = self._label(decision) if wanted.name == "label" else self._probabilities(decision)
            if wanted.binary:
                content = self._binary(output.pop("data"))
                output["parameters"] = {"binary_data_size": len(content)}
                behind.append(content)
            outputs.append(output)
        document = {
            "model_name": self._model,
            "model_version": self._version,
            # A request without an id needs none in its answer, but may get one: it is then found in logs.
            "id": os.urandom(16).hex() if call.id is None else call.id,
            "outputs": outputs,
        }
        text = orjson.dumps(document, option=_OPTIONS)
        if not behind:
            return Reply(text)
        headers = {"inference-header-content-length": str(len(text))}
        return Reply(b"".join((text, *behind)), "application/octet-stream", headers)

    def _label(self, decision: Decision) -> dict[str, Any]:
        labels = decision.labels
        return {"name": "label", "shape": (len(labels),), "datatype": self._label_datatype, "data": labels}

    def _probabilities(self, decision: Decision) -> dict[str, Any]:
        probabilities = decision.probabilities
        return {
            "name": "probabilities",
            "shape": probabilities.shape,
            "datatype": "FP64",
            # The protocol's data may be flat; orjson reads an array only where it is contiguous.
            "data": np.ascontiguousarray(probabilities).reshape(-1),
        }

    def _binary(self, data: Any) -> bytes:
        if isinstance(data, np.ndarray):
            return data.astype("<f8", copy=False).tobytes()
        return _texts(data) if self._text else np.array(data, dtype="<i8").tobytes()


def _texts(labels: Sequence[str]) -> bytes:
    """BYTES in binary: each text's length in four bytes, then its UTF-8."""
    encoded = {label: label.encode() for label in set(labels)}
    framed = {label: struct.pack("<I", len(text)) + text for label, text in encoded.items()}
    return b"".join([framed[label] for label in labels])
