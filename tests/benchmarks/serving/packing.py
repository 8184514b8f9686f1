"""A trained estimator packed the way the product packs it: a bundle, a bento and a release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ct.engine_choice.converting import graphs
from ct.engine_choice.parity import compare_engines
from ct.engine_choice.probes import probes
from homeostat import digest
from homeostat.release import GateResult, Outcome, Release, to_yaml
from serving.bento import build_bento
from serving.bundle import BundleManifest, EngineChoice, EngineKind, FeatureSpec, Task, save_bundle
from serving.engines.native.plain import Plain
from serving.engines.onnx import OnnxEngine

#: the name that every server gives the model, so that paths are of one length
NAME = "bench"
#: wide enough that no request of the benchmark is out of range
BOUND = 9.0


@dataclass(frozen=True, slots=True)
class Packed:
    """Where the bundle's files, the bento and the release's file are."""

    bundle: Path
    bento: Path
    release: Path


def describe(features: int) -> BundleManifest:
    """What our server is told of the estimator."""
    return BundleManifest(
        model=NAME,
        task=Task.BINARY,
        features=tuple(FeatureSpec(name=f"feature_{n}", min=-BOUND, max=BOUND) for n in range(features)),
        classes=("stays", "leaves"),
        positive_class="leaves",
        threshold=0.5,
    )


def pack(estimator: Any, manifest: BundleManifest, folder: Path, graph: bytes | None = None) -> Packed:
    """Into ``folder``, which is the bundle's too."""
    sha256 = save_bundle(folder, estimator, manifest, graph)
    store = folder / "store"
    bento_digest = build_bento(folder, store)
    release = Release(
        model=NAME,
        version=1,
        model_sha256=sha256,
        bento_digest=bento_digest,
        run_id="0" * 32,
        data_sha256="1" * 64,
        inputs_digest="2" * 64,
        source_commit="a" * 40,
        gates=(GateResult(name="g", outcome=Outcome.PASSED, value=1.0, bound=0.0, sentence="Fine."),),
    )
    path = folder / "release.yaml"
    path.write_text(to_yaml(release), encoding="utf-8")
    return Packed(folder, store / bento_digest, path)


def pack_as_graph(estimator: Any, table: NDArray[np.float64], folder: Path) -> Packed | str:
    """The same for ONNX Runtime, or why no graph passes the product's own parity gate.

    Training itself would keep scaling and logistic regression native, since as plain arithmetic they take no
    longer; here both sides of a comparison run the graph, so that rule is not asked.
    """
    manifest, half = describe(table.shape[1]), len(table) // 2
    asked = list(probes(manifest, table[:half], table[half:]))
    disagreed = "the estimator can't be written as a graph"
    for graph in graphs(estimator, table.shape[1]):
        found = compare_engines(OnnxEngine(graph), Plain(estimator), manifest, asked)
        if found.disagreement is None:
            why = f"onnx: {found.rows:,} rows agree with the estimator"
            engine = EngineChoice(kind=EngineKind.ONNX, onnx_sha256=digest.of_bytes(graph), why=why)
            return pack(estimator, manifest.model_copy(update={"engine": engine}), folder, graph)
        disagreed = f"ONNX Runtime {found.disagreement}"
    return disagreed
