"""From a bundle on disk to the engine that its manifest names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xgboost import XGBClassifier

from ct.engine_choice.converting import graphs
from homeostat import digest
from serving.bento import build_bento
from serving.bundle import (
    BundleManifest,
    EngineChoice,
    EngineKind,
    FeatureSpec,
    Task,
    load_bundle,
    read_manifest,
    save_bundle,
)
from serving.engines.onnx import OnnxEngine
from serving.engines.opening import open_engine
from serving.errors import BundleError, WrongDigest
from tests.unit.serving.engines.estimators import FEATURES, fitted, table

NAME = "logistic_regression/2"


@pytest.fixture(scope="module")
def estimator() -> Any:
    return fitted(NAME)


def manifest(graph: bytes | None) -> BundleManifest:
    kind = EngineKind.NATIVE if graph is None else EngineKind.ONNX
    sha256 = None if graph is None else digest.of_bytes(graph)
    return BundleManifest(
        model="toy",
        task=Task.BINARY,
        features=tuple(FeatureSpec(name=f"f{place}") for place in range(FEATURES)),
        classes=(0, 1),
        positive_class=1,
        threshold=0.5,
        engine=EngineChoice(kind=kind, onnx_sha256=sha256, why="a test"),
    )


@pytest.fixture
def graph(estimator: Any) -> bytes:
    return next(graphs(estimator, FEATURES))


def test_a_bundle_with_a_graph_is_served_by_it(estimator: Any, graph: bytes, tmp_path: Path) -> None:
    sha256 = save_bundle(tmp_path, estimator, manifest(graph), graph)
    engine = open_engine(load_bundle(tmp_path, sha256))
    assert isinstance(engine, OnnxEngine)
    assert np.allclose(engine.probabilities(table()), estimator.predict_proba(table()), atol=1e-9)


def test_a_graph_that_was_changed_is_refused(estimator: Any, graph: bytes, tmp_path: Path) -> None:
    sha256 = save_bundle(tmp_path, estimator, manifest(graph), graph)
    place = len(graph) // 2
    changed = graph[:place] + bytes([graph[place] ^ 1]) + graph[place + 1 :]
    (tmp_path / "model.onnx").write_bytes(changed)
    with pytest.raises(WrongDigest, match="The graph in"):
        load_bundle(tmp_path, sha256)
    with pytest.raises(WrongDigest, match="The graph in"):
        build_bento(tmp_path, tmp_path / "store")


def test_a_graph_that_is_gone_is_told(estimator: Any, graph: bytes, tmp_path: Path) -> None:
    sha256 = save_bundle(tmp_path, estimator, manifest(graph), graph)
    (tmp_path / "model.onnx").unlink()
    with pytest.raises(BundleError, match=r"model.onnx can't be read"):
        load_bundle(tmp_path, sha256)


def test_only_the_graph_that_the_manifest_names_is_saved(
    estimator: Any, graph: bytes, tmp_path: Path
) -> None:
    for named, given in ((graph, None), (None, graph), (graph, graph + b"\0")):
        with pytest.raises(BundleError, match="not the one that its manifest names"):
            save_bundle(tmp_path, estimator, manifest(named), given)
    assert not list(tmp_path.iterdir())


def test_a_bundle_that_says_nothing_about_engines_is_served_natively(estimator: Any, tmp_path: Path) -> None:
    sha256 = save_bundle(tmp_path, estimator, manifest(None))
    described = json.loads((tmp_path / "model.json").read_text())
    del described["engine"]
    (tmp_path / "model.json").write_text(json.dumps(described))
    assert read_manifest(tmp_path).engine.kind is EngineKind.NATIVE
    engine = open_engine(load_bundle(tmp_path, sha256))
    assert np.array_equal(engine.probabilities(table()), estimator.predict_proba(table()))


def test_an_engine_without_its_digest_is_no_manifest() -> None:
    with pytest.raises(ValueError, match="onnx_sha256 is needed by the engine onnx"):
        EngineChoice(kind=EngineKind.ONNX, why="a test")
    with pytest.raises(ValueError, match="onnx_sha256 is needed by the engine onnx"):
        EngineChoice(kind=EngineKind.NATIVE, onnx_sha256="0" * 64, why="a test")


@pytest.mark.parametrize("content", [b"", b"no graph at all", b"\x08\x08"])
def test_bytes_that_are_no_graph_are_told_in_a_sentence(content: bytes) -> None:
    with pytest.raises(BundleError):
        OnnxEngine(content)


def test_a_served_booster_takes_no_more_threads_than_it_is_given(tmp_path: Path) -> None:
    greedy = XGBClassifier(n_estimators=2).fit(table(), np.arange(300) % 2)
    bundle = load_bundle(tmp_path, save_bundle(tmp_path, greedy, manifest(None)))
    open_engine(bundle, threads=1)
    told = json.loads(bundle.estimator.get_booster().save_config())
    assert told["learner"]["generic_param"]["nthread"] == "1"
    assert bundle.estimator.n_jobs == 1
