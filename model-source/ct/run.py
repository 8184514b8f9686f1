"""One training run from end to end: train, judge, record, hand on."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from ct.judging.champion import Champion, check_comparable
from ct.recording.artifacts import write_artifacts
from ct.recording.registry import Recorded, Registry
from ct.result import BUNDLE_FOLDER, CtResult, write_result
from ct.spec import ModelSpec, find_spec
from ct.training.train import train
from ct.training.trained import Trained
from homeostat.progress import step
from homeostat.release import read_release


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: what was trained, and what is handed on."""

    trained: Trained
    result: CtResult


def run(
    root: Path, model: str, out: Path, champion_release: Path | None, registry: Registry, console: Console
) -> Run:
    """Train ``model`` of the repository at ``root``; leave ``result.json`` and the bundle in ``out``.

    A second run over equal inputs records nothing new and answers the first one's record.

    Raises:
        HomeostatError: when something stands in the way; a refusal by a gate stands in the result instead.
    """
    spec = find_spec(root, model)
    champion = _champion(champion_release, spec, registry, console)
    bundle = out / BUNDLE_FOLDER
    if bundle.exists():
        shutil.rmtree(bundle)
    trained = train(spec, root, bundle, champion, console)
    recorded = _recorded(trained, bundle, registry, console)
    result = CtResult(
        model=model,
        version=recorded.version,
        run_id=recorded.run_id,
        model_sha256=trained.model_sha256,
        data_sha256=trained.data_sha256,
        inputs_digest=trained.inputs_digest,
        source_commit=trained.source_commit,
        gates=trained.gates,
        engine=trained.engine.choice,
    )
    write_result(result, out)
    return Run(trained, result)


def _champion(release: Path | None, spec: ModelSpec, registry: Registry, console: Console) -> Champion | None:
    if release is None:
        return None
    with step(console, "Fetch the champion") as shown:
        champion = registry.champion(read_release(release))
        check_comparable(champion, spec)
        shown.note(f"version {champion.version}, SHA-256 {champion.bundle.model_sha256[:12]}... verified")
    return champion


def _recorded(trained: Trained, bundle: Path, registry: Registry, console: Console) -> Recorded:
    with step(console, "Record in MLflow") as shown:
        recorded = registry.find(trained)
        if recorded is not None:
            shown.note(f"nothing new: run {recorded.run_id} has the same inputs, bytes and verdict")
        else:
            with tempfile.TemporaryDirectory() as folder:
                artifacts = Path(folder) / "artifacts"
                write_artifacts(artifacts, trained, bundle)
                recorded = registry.record(trained, artifacts)
        if recorded.version is not None:
            registry.nominate(trained.spec.name, recorded.version)
            shown.note(f"{trained.spec.name} version {recorded.version} is the candidate")
    return recorded
