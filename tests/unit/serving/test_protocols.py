"""What both protocols answer, seen with kserve's own client and with plain HTTP."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

ROWS = np.array([[-2.0, 3, 0], [2.0, 1, 1]])
LABELS = ["stays", "leaves"]


def kserve_client(protocol: str) -> InferenceRESTClient:
    return InferenceRESTClient(RESTConfig(protocol=protocol, retries=1, timeout=30))


def matrix(rows: np.ndarray = ROWS, *, binary: bool = False) -> InferInput:
    tensor = InferInput("rows", list(rows.shape), "FP64")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    return tensor


def columns(*, binary: bool) -> list[InferInput]:
    wanted = {"age": ("FP32", np.float32), "visits": ("INT16", np.int16), "member": ("BOOL", np.bool_)}
    tensors = []
    for index, (name, (datatype, dtype)) in enumerate(wanted.items()):
        tensors.append(InferInput(name, [2, 1] if index else [2], datatype))
        values = ROWS[:, index].astype(dtype)
        tensors[-1].set_data_from_numpy(values.reshape(tensors[-1].shape), binary_data=binary)
    return tensors


def infer(url: str, request: InferRequest, **given: Any) -> Any:
    return asyncio.run(kserve_client("v2").infer(url, request, model_name="toy", **given))


@pytest.mark.parametrize("binary", [False, True], ids=["json", "binary"])
def test_kserves_v2_client_gets_labels_and_probabilities_for_one_tensor(
    server: Any, binary: bool, estimator: Any
):
    answer = infer(server.url, InferRequest("toy", [matrix(binary=binary)], request_id="mine"))
    outputs = {output.name: output for output in answer.outputs}
    assert answer.id == "mine"
    assert outputs["label"].data == LABELS
    np.testing.assert_allclose(outputs["probabilities"].as_numpy(), estimator.predict_proba(ROWS), rtol=1e-12)


@pytest.mark.parametrize("binary", [False, True], ids=["json", "binary"])
def test_one_tensor_a_feature_in_any_order_gives_the_same_answer(server: Any, binary: bool):
    named = infer(server.url, InferRequest("toy", list(reversed(columns(binary=binary)))))
    together = infer(server.url, InferRequest("toy", [matrix()]))
    assert [output.data for output in named.outputs] == [output.data for output in together.outputs]


def test_binary_outputs_hold_the_same_values(server: Any, estimator: Any):
    headers: dict[str, str] = {}
    request = InferRequest("toy", [matrix(binary=True)], parameters={"binary_data_output": True})
    answer = infer(server.url, request, response_headers=headers)
    assert headers["content-type"] == "application/octet-stream"
    assert 0 < int(headers["inference-header-content-length"]) < int(headers["content-length"])
    assert list(answer.outputs[0].as_numpy()) in (LABELS, [label.encode() for label in LABELS])
    np.testing.assert_allclose(answer.outputs[1].as_numpy(), estimator.predict_proba(ROWS), rtol=1e-12)


def test_listed_outputs_keep_the_binary_default_and_may_overrule_it(http: httpx.Client):
    body = {
        "inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 0]}],
        "parameters": {"binary_data_output": True},
        "outputs": [{"name": "probabilities"}, {"name": "label", "parameters": {"binary_data": False}}],
    }
    response = http.post("/v2/models/toy/infer", json=body)
    length = int(response.headers["inference-header-content-length"])
    probabilities, label = json.loads(response.content[:length])["outputs"]
    assert probabilities["parameters"]["binary_data_size"] == 16 == len(response.content) - length
    assert label["data"] == ["leaves"]


def test_only_the_requested_output_is_sent(server: Any):
    request = InferRequest("toy", [matrix()], request_outputs=[RequestedOutput("label")])
    assert [output.name for output in infer(server.url, request).outputs] == ["label"]


def test_kserves_v1_client_sends_lists_and_names(server: Any):
    instances = [[-2.0, 3, False], {"member": True, "age": 2.0, "visits": 1}]
    answer = asyncio.run(kserve_client("v1").infer(server.url, {"instances": instances}, model_name="toy"))
    assert answer == {"predictions": LABELS}


@pytest.mark.parametrize("protocol", ["v1", "v2"])
def test_kserves_client_sees_a_live_and_ready_server_and_model(server: Any, protocol: str):
    async def ask() -> list[bool]:
        client = kserve_client(protocol)
        answers = [await client.is_model_ready(server.url, "toy")]
        if protocol == "v2":
            answers += [await client.is_server_ready(server.url), await client.is_server_live(server.url)]
        return answers

    assert all(asyncio.run(ask()))


def test_metadata_names_version_features_and_classes(http: httpx.Client):
    metadata = http.get("/v2/models/toy").json()
    assert metadata["versions"] == ["3"]
    assert [(tensor["name"], tensor["datatype"]) for tensor in metadata["inputs"]] == [
        ("age", "FP64"),
        ("visits", "INT64"),
        ("member", "BOOL"),
    ]
    assert json.loads(metadata["outputs"][1]["parameters"]["classes"]) == LABELS
    assert http.get("/v2").json()["extensions"] == ["binary_tensor_data"]
    assert http.get("/v1/models").json() == http.get("/v2/models").json() == {"models": ["toy"]}


def test_the_versioned_path_serves_the_served_version(http: httpx.Client):
    body = {"inputs": [{"name": "x", "shape": [1, 3], "datatype": "FP64", "data": [[1, 2, 0]]}]}
    assert http.post("/v2/models/toy/versions/3/infer", json=body).json()["model_version"] == "3"
    assert http.get("/v2/models/toy/versions/3/ready").status_code == 200


def test_a_compressed_body_is_understood(http: httpx.Client):
    body = gzip.compress(b'{"instances": [[1, 2, 0]]}')
    response = http.post("/v1/models/toy:predict", content=body, headers={"Content-Encoding": "gzip"})
    assert response.json() == {"predictions": ["leaves"]}


def test_the_packaged_sources_serve_and_are_left_as_they_were(server: Any, packed: Any):
    maps = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert f"PYTHONPATH={packed.bento}/src".encode() in maps
    assert not list(packed.bento.rglob("__pycache__"))
