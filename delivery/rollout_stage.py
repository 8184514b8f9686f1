"""The stage ``rollout``: from what landed on the branch to the endpoints that serve it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from delivery.landed import read_landed
from delivery.places.place import Place
from delivery.rollout import Rollout
from delivery.stages import StageOutcome, Verdict


def await_rollout(results: Path, place: Place, timeout_seconds: float, say: Callable[[str], None]) -> Verdict:
    """Wait until everything that landed is served here."""
    landed = read_landed(results)
    if not landed.releases:
        return Verdict(outcome=StageOutcome.SKIPPED, sentence="nothing was handed off.")
    if not place.is_running():
        sentence = "the platform does not run here; it serves the release once it does."
        return Verdict(outcome=StageOutcome.SKIPPED, sentence=sentence)
    waiting = Rollout(place.provider(landed.commit), say, timeout_seconds)
    told = [waiting.await_release(release) for release in landed.releases]
    return Verdict(outcome=StageOutcome.PASSED, sentence=" ".join(told))
