"""What differs where both servers say 200, each with the sentence that decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.contract.serving.applications import Both
from tests.contract.serving.exchange import Answered, Asked, v2
from tests.contract.serving.requests_v2 import tensor

Ask = Callable[[Any, Asked], Answered]
ONE = {"inputs": [tensor()]}
BINARY = {"parameters": {"binary_data_output": True}}


def test_an_id_is_returned_also_when_it_is_empty(applications: Both, answer: Ask):
    """sentences.ID"""
    asked = v2(ONE | {"id": ""})
    assert answer(applications.ours, asked).document["id"] == ""
    assert answer(applications.kserves, asked).document["id"] == "made up"


def test_an_answer_with_bytes_says_that_it_is_octets(applications: Both, answer: Ask):
    """sentences.OCTETS"""
    asked = v2(ONE | BINARY)
    ours, kserves = answer(applications.ours, asked), answer(applications.kserves, asked)
    assert (ours.content_type, kserves.content_type) == ("application/octet-stream", None)
    assert ours.behind == kserves.behind


def test_listed_outputs_keep_the_binary_default_and_may_overrule_it(applications: Both, answer: Ask):
    """sentences.BINARY_DEFAULT"""
    listed = [{"name": "label", "parameters": {"binary_data": False}}, {"name": "probabilities"}]
    asked = v2(ONE | BINARY | {"outputs": listed})
    ours, kserves = answer(applications.ours, asked), answer(applications.kserves, asked)
    label, probabilities = ours.document["outputs"]
    assert label["data"] == ["leaves"]
    assert np.frombuffer(ours.behind).tolist() == kserves.document["outputs"][1]["data"]
    assert probabilities["parameters"] == {"binary_data_size": 16}


def test_metadata_names_versions_and_platform(applications: Both, answer: Ask):
    """sentences.METADATA"""
    asked = Asked("/v2/models/toy", method="GET")
    ours, kserves = answer(applications.ours, asked).document, answer(applications.kserves, asked).document
    assert (ours["versions"], ours["platform"]) == (["3"], "homeostat_tabular")
    assert (kserves["versions"], kserves["platform"]) == (None, "")
    assert json.loads(ours["outputs"][1]["parameters"]["classes"]) == ["stays", "leaves"]


def test_the_server_names_itself_and_the_extension_that_it_has(applications: Both, answer: Ask):
    """sentences.SERVER"""
    asked = Asked("/v2", method="GET")
    ours, kserves = answer(applications.ours, asked).document, answer(applications.kserves, asked).document
    assert (ours["name"], ours["extensions"]) == ("homeostat", ["binary_tensor_data"])
    assert kserves["name"] == "kserve"
