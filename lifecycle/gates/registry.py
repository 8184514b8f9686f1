"""All gates, in the order in which a person reads their verdicts."""

from __future__ import annotations

from homeostat.release import GateResult
from lifecycle.gates.artifact_size import ArtifactSize
from lifecycle.gates.brier_score import BrierScore
from lifecycle.gates.calibration_error import CalibrationError
from lifecycle.gates.champion_disagreement import ChampionDisagreement
from lifecycle.gates.evidence import Evidence
from lifecycle.gates.gate import Gate
from lifecycle.gates.label_prevalence import LabelPrevalence
from lifecycle.gates.minimum_metric import MinimumMetric
from lifecycle.gates.no_worse_than_champion import NoWorseThanChampion
from lifecycle.gates.prediction_latency import PredictionLatency
from lifecycle.gates.robustness import Robustness
from lifecycle.gates.worst_slice import WorstSlice

GATES: tuple[Gate, ...] = (
    MinimumMetric(),
    NoWorseThanChampion(),
    CalibrationError(),
    BrierScore(),
    WorstSlice(),
    PredictionLatency(),
    ArtifactSize(),
    ChampionDisagreement(),
    LabelPrevalence(),
    Robustness(),
)


def judge_all(evidence: Evidence) -> tuple[GateResult, ...]:
    """Every gate's verdict; all are asked, so that a person sees everything that is wrong at once."""
    return tuple(gate.judge(evidence) for gate in GATES)
