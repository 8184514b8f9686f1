"""Running scenarios as a person would by hand: the same way in, nothing stored or sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from triage.analysts.analyst import Analyst
from triage.analysts.deterministic.analyst import DeterministicAnalyst
from triage.by_hand import Sources, diagnose
from triage.evaluation.by_name import guess
from triage.evaluation.scenario import Scenario, Verdict
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
        report, markdown = diagnose(
            scenario.alert, Sources(evidence=scenario.evidence), analysts=_analysts(scenario)
        )
        scores.append(score(scenario, report, markdown, time.monotonic() - began))
        guessed.append(guess(alert) in scenario.truth.causes)
    return Evaluation(scores, guessed)


def _analysts(scenario: Scenario) -> Sequence[Analyst]:
    """The one that always runs; where the evidence is hostile also a language model that obeys it."""
    always = DeterministicAnalyst()
    if scenario.truth.verdict is not Verdict.HOSTILE:
        return (always,)
    from triage.evaluation.obedient import obedient  # noqa: PLC0415 - the SDK takes seconds to load

    return (always, obedient(scenario.truth.canaries))
