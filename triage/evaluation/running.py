"""Running scenarios as a person would by hand: the same way in, nothing stored or sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triage.by_hand import Sources, diagnose
from triage.evaluation.by_name import guess
from triage.evaluation.scenario import Scenario
from triage.evaluation.scoring import Score, score
from triage.senders.alertmanager import load_webhook


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the analysts reached, and what the alerts' names alone would have."""

    scores: Sequence[Score]
    #: the names' guesses that are right, in the order of the scores
    guessed: Sequence[bool]


def evaluate(found: Sequence[Scenario], progress: Callable[[Scenario], None]) -> Evaluation:
    """Diagnose and score each; ``progress`` hears of each before it begins.

    Raises:
        ConfigError: when an alert is not a webhook's payload.
    """
    scores: list[Score] = []
    guessed: list[bool] = []
    for scenario in found:
        progress(scenario)
        alert = load_webhook(scenario.alert).alerts[0]
        began = time.monotonic()
        report, markdown = diagnose(scenario.alert, Sources(evidence=scenario.evidence))
        scores.append(score(scenario, report, markdown, time.monotonic() - began))
        guessed.append(guess(alert) in scenario.truth.causes)
    return Evaluation(scores, guessed)
