"""Which bundles the serving benchmark hands to the servers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from serving.bundle import Bundle, EngineKind, load_bundle
from serving.engines.native.plain import Plain
from serving.engines.onnx import OnnxEngine
from serving.engines.opening import open_engine
from tests.benchmarks.serving.model_files import ASKED, NATIVE, ONNX, Prepared, prepare
from tests.benchmarks.serving.plan import LINEAR


def bundle_of(prepared: Prepared | str) -> Bundle:
    assert isinstance(prepared, Prepared), prepared
    release = (prepared.release).read_text("utf-8")
    sha256 = next(line.split()[-1] for line in release.splitlines() if line.startswith("model_sha256"))
    return load_bundle(prepared.folder, sha256.strip("'\""))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def test_onnx_serves_the_linear_model_though_training_would_keep_it_native(folder: Path):
    prepared = prepare(LINEAR, ONNX, folder)
    bundle = bundle_of(prepared)
    assert isinstance(prepared, Prepared)
    assert bundle.manifest.engine.kind is EngineKind.ONNX
    engine = open_engine(bundle, 1)
    assert isinstance(engine, OnnxEngine)
    for count, rows in prepared.requests.items():
        np.testing.assert_allclose(engine.probabilities(rows), prepared.expected[count], atol=1e-5)


def test_asking_predict_proba_takes_no_short_way_and_answers_the_same(folder: Path):
    asked, native = prepare(LINEAR, ASKED, folder), prepare(LINEAR, NATIVE, folder)
    assert isinstance(asked, Prepared)
    assert isinstance(native, Prepared)
    engine, short = open_engine(bundle_of(asked), 1), open_engine(bundle_of(native), 1)
    assert isinstance(engine, Plain)
    assert not isinstance(short, Plain)
    for count, rows in asked.requests.items():
        np.testing.assert_array_equal(engine.probabilities(rows), native.expected[count])
