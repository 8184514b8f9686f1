"""The story of a push, from a commit to a diagnosis, each chapter on the shoulders of the one before."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from demo.chapters.break_and_heal import break_it, heal
from demo.chapters.predict import Predictions, predict, sample_rows, v2_body
from demo.chapters.push import push_model
from demo.chapters.refuse import Refusal, push_worse_change
from demo.chapters.up import bring_up, prepare
from demo.scene import MODEL, Scene
from demo.scratch import uncommitted
from demo.traffic import Traffic, steady_traffic
from demo.watch import Incident
from homeostat.paths import ROOT_VARIABLE, STATE_VARIABLE
from homeostat.progress import step
from homeostat.release import Release
from infra.process import control
from infra.process.status import PlatformStatus


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, for the summary."""

    platform: PlatformStatus
    release: Release
    predictions: Predictions
    refusal: Refusal
    p95_seconds: float
    incident: Incident
    report: Path
    traffic: Traffic
    lineage: str


def play(scene: Scene, console: Console) -> Outcome:
    """Play the whole story and stop the platform, whatever happens on the way."""
    prepare(scene)
    if count := uncommitted(scene.root):
        console.print(f"The demo plays your last commit; {count} uncommitted paths stay out of it.")
    try:
        return _chapters(scene, console)
    finally:
        with step(console, "Stop: nothing is left running"):
            control.down(scene.state)


def _chapters(scene: Scene, console: Console) -> Outcome:
    with step(console, "1/6 Up: the platform starts on loopback") as running:
        running.note(f"durations of alert rules are divided by {scene.alert_time_divisor:g}")
        bring_up(running, scene)
    with step(console, "2/6 Push: a commit becomes a served version") as running:
        pushed = push_model(running, scene)
    rows = sample_rows(6)
    with step(console, "3/6 Predict: the kserve client asks over V1 and V2") as running:
        predictions = predict(scene.model_url, MODEL, rows)
        running.note(f"both protocols say: {', '.join(map(str, predictions.v2))}")
    url = f"{scene.model_url}/v2/models/{MODEL}/infer"
    with steady_traffic(url, v2_body(rows)) as traffic:
        with step(console, "4/6 Refuse: a third of the labels is joined wrongly") as running:
            refusal = push_worse_change(running, scene, pushed)
        with step(console, "5/6 Break: the endpoint turns slow") as running:
            diagnosis = break_it(running, scene)
        with step(console, "6/6 Heal and close: the fault ends") as running:
            incident = heal(running, scene)
    return Outcome(
        scene.status(),
        pushed.release,
        predictions,
        refusal,
        diagnosis.p95_seconds,
        incident,
        scene.report(incident.id),
        traffic,
        _lineage(scene),
    )


def _lineage(scene: Scene) -> str:
    """The served model walked back to its source, as ``homeostat lineage`` prints it."""
    done = subprocess.run(
        [sys.executable, "-m", "homeostat", "lineage", MODEL],
        env=_environment(scene),
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout if done.returncode == 0 else done.stdout + done.stderr).rstrip()


def _environment(scene: Scene) -> dict[str, str]:
    return {**os.environ, ROOT_VARIABLE: str(scene.root), STATE_VARIABLE: str(scene.state)}
