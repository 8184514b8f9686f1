"""A trained estimator packed the way the product packs it: a bundle, a bento and a release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ct.data.dataset import Dataset
from ct.data.split import TrainTest
from ct.engine_choice.choice import choose_engine
from homeostat.release import GateResult, Outcome, Release, to_yaml
from serving.bento import build_bento
from serving.bundle import BundleManifest, FeatureSpec, Task, save_bundle

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


def pack_as_graph(
    estimator: Any, table: NDArray[np.float64], labels: NDArray[np.int64], folder: Path
) -> Packed | str:
    """The same for ONNX Runtime, or why training would not choose it, by the product's own parity gate."""
    manifest = describe(table.shape[1])
    # no two rows are alike, so each is a group of its own
    rows, half = Dataset(table, labels, np.arange(len(table))), len(table) // 2
    sides = TrainTest(rows.take(slice(half)), rows.take(slice(half, None)))
    chosen = choose_engine(estimator, sides, manifest)
    if chosen.graph is None:
        return chosen.choice.why
    return pack(estimator, manifest.model_copy(update={"engine": chosen.choice}), folder, chosen.graph)
