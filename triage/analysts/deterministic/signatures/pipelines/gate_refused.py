"""A gate refused the model: it was trained, and is not good enough to serve."""

from __future__ import annotations

from collections.abc import Sequence

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import SYMPTOMS, counts, step_of, tested

_MOST_TOLD = 5
#: gate -> what it usually means, and what to do
_MEANINGS = {
    "minimum_metric": (
        "data of worse quality, wrong labels, a change of features or hyperparameters, or too few rows",
        "Compare the run with the champion's in MLflow: rows, labels' shares, features, parameters.",
    ),
    "no_worse_than_champion": (
        "the change itself costs quality, since both models saw the same rows",
        "Take the change back and train again; if the gate then passes, the change is the cause.",
    ),
    "worst_slice": (
        "the model fails for one part of the rows while the average looks well",
        "Look at the slice's rows; give it more data or a feature that tells it apart.",
    ),
    "calibration_error": (
        "probabilities that say too much or too little, as after overfitting or resampled classes",
        "Calibrate the classifier (CalibratedClassifierCV), or weaken the model.",
    ),
    "brier_score": (
        "probabilities that are neither sharp nor right, as with weaker features or wrong labels",
        "Check the labels' source, then the features; calibrate last.",
    ),
    "label_prevalence": (
        "labels that come from another world: a join that went wrong, a filter, a new source",
        "Compare the labels' shares with the former data; see what changed in the loader.",
    ),
    "champion_disagreement": (
        "labels that changed in the same way in training and test, or a leak of the answer into a feature",
        "Read some of the rows that both call differently.",
    ),
    "robustness": (
        "a model that leans on one input",
        "Regularise, or allow the input to be missing while training.",
    ),
    "prediction_latency": (
        "a model that is too large, or a busy runner",
        "Measure again on a quiet machine; else make the model smaller.",
    ),
    "artifact_size": ("a model that is too large", "Use fewer or shallower trees, or prune."),
}
_OTHER = _MEANINGS["minimum_metric"]


def judge(facts: Facts) -> Cause | None:
    """Tell the value beside its bound, what usually is behind it, and three things to do."""
    refused = _once([one for one in facts.all("gate.refused") if _decides(facts, one)])
    if not refused:
        return None
    first, step = refused[0], step_of(facts, refused[0])
    model = next((one.text("model") for one in refused if one.text("model")), "") or facts.case.scope.model
    gates = ", ".join(dict.fromkeys(one.text("gate") for one in refused))
    return Cause(
        kind="gate-refused",
        title=f"{model or 'The model'} was refused by the gate {gates}: {_amounts(first)}",
        explanation=_explained(refused),
        confidence=confidence(0.85, (step is not None, 0.05), (first.number("value") is not None, 0.05)),
        remediation=_remedies(refused, model or "MODEL"),
        citations=cited(*refused[:_MOST_TOLD], step),
        found_by=ANALYST,
    )


def _decides(facts: Facts, fact: Fact) -> bool:
    return counts(facts, fact) and not tested(facts, fact)


def _once(found: Sequence[Fact]) -> Sequence[Fact]:
    """Each gate once; one that names the model before one that does not."""
    known: dict[str, Fact] = {}
    for one in sorted(found, key=lambda fact: not fact.text("model")):
        known.setdefault(one.text("gate"), one)
    return list(known.values())


def _amounts(fact: Fact) -> str:
    value, bound = fact.number("value"), fact.number("threshold")
    if value is None or bound is None:
        return fact.text("sentence")
    side = "below the required" if value < bound else "above the allowed"
    return f"{value:g} is {side} {bound:g}"


def _explained(refused: Sequence[Fact]) -> str:
    sentences = " ".join(one.text("sentence").rstrip(".") + "." for one in refused[:_MOST_TOLD])
    behind = "; ".join(dict.fromkeys(_meaning(one)[0] for one in refused[:2]))
    return (
        f"Training finished, and the gates judged what came of it. {sentences} Usually behind it: {behind}. "
        "What served before still serves."
    )


def _meaning(fact: Fact) -> tuple[str, str]:
    return _MEANINGS.get(fact.text("gate"), _OTHER)


def _remedies(refused: Sequence[Fact], model: str) -> tuple[Remedy, ...]:
    own = list(dict.fromkeys(_meaning(one)[1] for one in refused))
    told = [Remedy(text=text) for text in own[:2]]
    told.append(
        Remedy(
            text="See what changed in the model's code, data and bounds since the release that serves.",
            command=f"git log --oneline -10 -- model-source/{model} manifests/models/{model}",
        )
    )
    if len(told) < 3:
        told.append(Remedy(text="Train again locally and read the model card.", command=_train(model)))
    return tuple(told)


def _train(model: str) -> str:
    return f"homeostat ct run --model {model} --out candidate"


SIGNATURE = Signature(
    kind="gate-refused", looks_for="a gate that refused the model", symptoms=SYMPTOMS, judge=judge
)
