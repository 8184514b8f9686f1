"""Who exports which metric: our own code is asked itself; lists that tests verify tell of other programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from prometheus_client.metrics_core import Metric

from homeostat.release import GateResult, Outcome, Release
from serving.bundle import BundleManifest, FeatureSpec, Task
from serving.metrics import Board, Layout, Metrics
from triage.metrics import TriageMetrics

LISTS = Path(__file__).parent / "exported"
#: what Prometheus makes itself of what it scrapes and evaluates
SYNTHETIC = {"up", "ALERTS"}
_SERIES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}


def listed(exporter: str) -> set[str]:
    """The names in an exporter's list."""
    lines = (LISTS / f"{exporter}.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def exporters() -> Mapping[str, set[str]]:
    """The names of every exporter."""
    lists = {path.stem: listed(path.stem) for path in sorted(LISTS.glob("*.txt"))}
    return {
        **lists,
        "model server": of_model_servers(),
        "triage": of_triage(),
        "Prometheus itself": SYNTHETIC,
    }


def of_model_servers() -> set[str]:
    passed = GateResult(name="accuracy", outcome=Outcome.PASSED, value=1.0, bound=0.9, sentence="It passed.")
    release = Release(
        model="example",
        version=1,
        model_sha256="0" * 64,
        bento_digest="0" * 64,
        run_id="0" * 32,
        data_sha256="0" * 64,
        inputs_digest="0" * 64,
        source_commit="0" * 40,
        gates=(passed,),
    )
    manifest = BundleManifest(
        model="example", task=Task.MULTICLASS, features=(FeatureSpec(name="size"),), classes=(0, 1, 2)
    )
    layout = Layout.of(release, manifest)
    return _names(Metrics(layout, Board.create(layout, 1)).families())


def of_triage() -> set[str]:
    return _names(TriageMetrics()._registry.collect())


def _names(families: Iterable[Metric]) -> set[str]:
    """The series that families can have, also those without a value yet."""
    return {f"{family.name}{suffix}" for family in families for suffix in _SERIES.get(family.type, ("",))}


def exposed(text: str) -> set[str]:
    """The names of the series in a page of metrics."""
    return set(_series(text.splitlines()))


def _series(lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        if line and not line.startswith("#"):
            yield line.split("{", 1)[0].split(" ", 1)[0]
