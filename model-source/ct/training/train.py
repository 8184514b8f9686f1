"""From a specification to a judged candidate; nothing is recorded here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from rich.console import Console

from ct import code
from ct.candidate import Candidate
from ct.checkout import is_modified, source_commit
from ct.data.dataset import means, prevalence
from ct.data.rows import checked_rows
from ct.data.split import TrainTest
from ct.engine_choice.choice import choose_engine
from ct.errors import TrainingCodeError
from ct.inputs import inputs_digest
from ct.judging.champion import Champion, compare
from ct.judging.evaluation import Evaluation, evaluate
from ct.judging.importance import permutation_importance
from ct.spec import MODELS, ModelSpec
from ct.standard_candidates import standard_candidates
from ct.training.search import best, cross_validate, fitted
from ct.training.trained import Trained
from homeostat.progress import step
from lifecycle.gates.evidence import Comparison, Evidence
from lifecycle.gates.registry import judge_all
from serving.bundle import load_bundle, save_bundle
from serving.engines.opening import open_engine


def train(spec: ModelSpec, root: Path, bundle: Path, champion: Champion | None, console: Console) -> Trained:
    """Train, measure and judge; write the bundle into the folder ``bundle``.

    Raises:
        HomeostatError: when the data or the model's code does not allow it. A refusal by a gate is no error
            here: it stands in the answer.
    """
    with step(console, "Load and check the data") as shown:
        rows, data_digest = checked_rows(spec, root)
        shown.note(f"{len(rows.train)} rows to train on, {len(rows.test)} to test on")
    with step(console, "Choose between the candidates") as shown:
        scores = cross_validate(_candidates(spec, root), rows.train, spec, shown.doing)
        chosen = best(scores)
        shown.note(f"{chosen.candidate.name}: {spec.metric.shown} {chosen.mean:.3f} in cross-validation")
    with step(console, "Fit and measure the best") as shown:
        estimator = fitted(chosen.candidate, rows.train)
        manifest = spec.manifest(means(rows.train))
        engine = choose_engine(estimator, rows, manifest)
        shown.note(engine.choice.why)
        manifest = manifest.model_copy(update={"engine": engine.choice})
        model_sha256 = save_bundle(bundle, estimator, manifest, engine.graph)
        # What is judged is what will be served: the engine, from the bytes that are handed on.
        served = open_engine(load_bundle(bundle, model_sha256))
        evaluation = evaluate(served, rows, spec)
        comparison = _compared(champion, evaluation, rows, spec)
        importance = permutation_importance(served, rows.test, spec)
    shares = prevalence(rows.train, spec)
    size = sum((bundle / name).stat().st_size for name in manifest.files)
    return Trained(
        spec=spec,
        rows=rows,
        scores=scores,
        chosen=chosen,
        estimator=estimator,
        engine=engine,
        evaluation=evaluation,
        comparison=comparison,
        importance=importance,
        prevalence=shares,
        gates=judge_all(_evidence(spec, evaluation, comparison, shares, size)),
        model_sha256=model_sha256,
        data_sha256=data_digest,
        inputs_digest=inputs_digest(root, spec.name, data_digest),
        source_commit=source_commit(root),
        modified=is_modified(root),
        about=_about(root / MODELS / spec.name / "README.md"),
    )


def _about(page: Path) -> str:
    if not page.is_file():
        return ""
    lines = page.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return "\n".join(lines[1:] if lines and lines[0].startswith("# ") else lines).strip()


def _candidates(spec: ModelSpec, root: Path) -> Sequence[Candidate]:
    standard = standard_candidates(spec.split.seed)
    if spec.candidates is None:
        return standard
    own = cast("object", code.call(spec.candidates, root / MODELS, spec.split.seed))
    if not isinstance(own, list | tuple):
        raise TrainingCodeError(
            spec.candidates, [f"must answer a list of Candidate, not {type(own).__name__}."]
        )
    return [*standard, *_checked(cast("Sequence[object]", own), spec.candidates)]


def _checked(own: Sequence[object], reference: str) -> Sequence[Candidate]:
    for item in own:
        if not isinstance(item, Candidate):
            raise TrainingCodeError(reference, [f"must answer Candidates alone, not {type(item).__name__}."])
    return cast("Sequence[Candidate]", own)


def _compared(
    champion: Champion | None, evaluation: Evaluation, rows: TrainTest, spec: ModelSpec
) -> Comparison | None:
    if champion is None:
        return None
    return compare(champion, evaluation.probabilities, evaluation.predicted, rows.test, spec)


def _evidence(
    spec: ModelSpec,
    evaluation: Evaluation,
    comparison: Comparison | None,
    shares: Mapping[str, float],
    size: int,
) -> Evidence:
    return Evidence(
        bounds=spec.gates,
        metric_name=spec.metric.shown,
        metric=evaluation.metrics[spec.metric],
        expected_calibration_error=evaluation.calibration_error,
        brier_score=evaluation.brier_score,
        slices=evaluation.slices,
        latency_seconds=evaluation.latency_seconds,
        artifact_bytes=size,
        prevalence=shares,
        stress=evaluation.stress,
        champion=comparison,
    )
