"""The choice between engines: ONNX Runtime where every probe agrees, the estimator itself otherwise.

No clock is asked, so that the same training gives the same bundle; which kinds of estimators a graph makes
faster was measured once (docs/adr has the numbers).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ct.candidate import Estimator
from ct.data.split import TrainTest
from ct.engine_choice.converting import graphs, is_plain_arithmetic
from ct.engine_choice.parity import TOLERANCE, Parity, compare_engines
from ct.engine_choice.probes import probes
from homeostat import digest
from serving.bundle import BundleManifest, EngineChoice, EngineKind
from serving.engines.engine import Engine
from serving.engines.native.plain import Plain
from serving.engines.onnx import OnnxEngine


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine for one estimator."""

    choice: EngineChoice
    #: what ``model.onnx`` holds; None for the native engine
    graph: bytes | None = None
    #: over all compared rows; None where nothing could be compared
    largest_difference: float | None = None


def choose_engine(estimator: Estimator, rows: TrainTest, manifest: BundleManifest) -> Chosen:
    """Convert and compare; what can't be converted, or answers otherwise then, stays native."""
    if is_plain_arithmetic(estimator):
        return _native("scaling and logistic regression take no longer as plain arithmetic than as a graph")
    reference = Plain(estimator)
    asked = list(probes(manifest, rows.train.X, rows.test.X))
    rejected: list[Chosen] = []
    unwritten: list[str] = []
    for graph, engine in _openable(graphs(estimator, len(manifest.features)), unwritten):
        parity = compare_engines(engine, reference, manifest, asked)
        if parity.disagreement is None:
            return _onnx(graph, parity)
        rejected.append(_native(f"ONNX Runtime {parity.disagreement}", parity))
    # The first way of writing it is the one that was likeliest to be exact.
    return rejected[0] if rejected else _native(f"the estimator can't be written as a graph ({unwritten[0]})")


def _openable(found: Iterator[bytes], unwritten: list[str]) -> Iterator[tuple[bytes, Engine]]:
    """The graphs that ONNX Runtime opens; why others can't be written or opened goes to ``unwritten``."""
    while True:
        try:
            graph = next(found)
            engine = OnnxEngine(graph)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - converters raise what they like, and training goes on
            unwritten.append((str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip("."))
            continue
        yield graph, engine


def _onnx(graph: bytes, parity: Parity) -> Chosen:
    # The tolerance, not the difference itself: that may vary with the processor, and the bundle may not.
    why = f"onnx: {parity.rows:,} rows agree with the estimator within {TOLERANCE:g}"
    choice = EngineChoice(kind=EngineKind.ONNX, onnx_sha256=digest.of_bytes(graph), why=why)
    return Chosen(choice, graph, parity.largest_difference)


def _native(reason: str, parity: Parity | None = None) -> Chosen:
    choice = EngineChoice(kind=EngineKind.NATIVE, why=f"native: {reason}")
    return Chosen(choice, None, parity.largest_difference if parity else None)
