"""The folder of files that is recorded for a candidate: bundle, pictures, card, verdicts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ct.judging.training_record import TRAINING_FILE, TrainingRecord
from ct.recording import plots
from ct.recording.card import model_card
from ct.recording.mlmodel import write_mlmodel
from ct.training.trained import Trained
from serving.bundle import read_manifest

MODEL_FOLDER = "model"


def write_artifacts(folder: Path, trained: Trained, bundle: Path) -> None:
    """Fill ``folder``, which is empty, with everything that is recorded beside params and metrics."""
    model = folder / MODEL_FOLDER
    model.mkdir(parents=True)
    for name in read_manifest(bundle).files:
        shutil.copyfile(bundle / name, model / name)
    write_mlmodel(model, trained.spec, trained.rows.test.take(_first_rows(len(trained.rows.test))))
    (folder / "model_card.md").write_text(model_card(trained), encoding="utf-8")
    verdicts = [gate.model_dump(mode="json") for gate in trained.gates]
    (folder / "gates.json").write_text(json.dumps(verdicts, indent=2) + "\n")
    (folder / TRAINING_FILE).write_text(_training(trained).model_dump_json(indent=2) + "\n")
    _write_plots(folder / "plots", trained)


def _training(trained: Trained) -> TrainingRecord:
    held_out = trained.spec.data.test
    return TrainingRecord(
        prevalence=trained.prevalence,
        importance=trained.importance,
        split=trained.spec.split,
        held_out_sha256=held_out.sha256 if held_out else None,
    )


def _write_plots(folder: Path, trained: Trained) -> None:
    folder.mkdir()
    evaluation = trained.evaluation
    classes = [str(label) for label in trained.spec.classes]
    pictures = dict(plots.curves(trained.rows.test.y, evaluation.probabilities, classes))
    pictures["calibration"] = plots.calibration(evaluation.reliability, evaluation.calibration_error)
    pictures["confusion"] = plots.confusion(evaluation.confusion, classes)
    pictures["importance"] = plots.importance(trained.importance, trained.spec.metric.shown)
    for name, figure in pictures.items():
        plots.save(figure, folder / f"{name}.png")


def _first_rows(rows: int) -> slice:
    return slice(min(rows, 5))
