"""What a person may do about drift, by what is recommended; what code does on P0 is said elsewhere."""

from __future__ import annotations

from triage.analysts.analysis import Remedy
from triage.analysts.deterministic.signatures.drift.reading import Reading
from triage.drift.assessment import Action


def remedies(reading: Reading) -> tuple[Remedy, ...]:
    """The recommended step first, then what it needs to be worth doing."""
    model = reading.model
    by_action = {
        Action.RETRAIN: (_labels(), _retrain(model)),
        Action.ROLL_BACK: (_roll_back(reading), _labels()),
        Action.FEATURE_WORK: (_source(reading), _labels()),
        Action.INVESTIGATE: (_callers(), _labels()),
        Action.NOTHING: (),
    }
    return (*by_action[reading.assessment.action], _lineage(model))


def _labels() -> Remedy:
    return Remedy(text="Collect and label recent rows: training on the old rows gives the old model.")


def _retrain(model: str) -> Remedy:
    return Remedy(
        text="Retrain on them; the gates compare the new version with the one that serves.",
        command=f"homeostat ct run --model {model} --out candidate",
    )


def _roll_back(reading: Reading) -> Remedy:
    commit = reading.handoff.text("commit")[:12] if reading.handoff else "HAND-OFF"
    return Remedy(
        text="Roll back if the former version does better on the same recent rows.",
        command=f"git revert {commit or 'HAND-OFF'}",
    )


def _source(reading: Reading) -> Remedy:
    features = ", ".join(reading.assessment.features[:3]) or "what moved"
    return Remedy(
        text=f"Feature work: look at where {features} comes from for a change of unit, encoding, default or "
        "join; have it put right there, or learn to read both."
    )


def _callers() -> Remedy:
    return Remedy(text="Investigate who asks: a new caller, a test or a campaign passes; a new public stays.")


def _lineage(model: str) -> Remedy:
    return Remedy(text="See which data the version was trained on.", command=f"homeostat lineage {model}")
