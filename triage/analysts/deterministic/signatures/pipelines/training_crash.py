"""The training code ended by an error of its own."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.pipelines.failure import (
    MOST_TITLE,
    SYMPTOMS,
    counts,
    explained_by,
    in_a_pipeline,
    place,
    step_of,
)
from triage.analysts.deterministic.wording import shortened

_TRAINS = re.compile(r"(?i)\btrain|\bct\b|fit\b|experiment|notebook")
#: words of an error -> what is usually behind it
_MEANINGS = (
    (r"contains NaN|Input .* NaN|infinity", "the data has missing or infinite values"),
    (r"KeyError|not in index|not found in axis", "the code asks for a column or key that the data lacks"),
    (r"could not convert string|dtype|invalid literal", "a column holds another type than the code expects"),
    (r"inconsistent numbers of samples|shape|dimension|broadcast", "two arrays do not fit each other"),
    (r"FileNotFoundError|No such file", "a file that the code reads is not there"),
    (r"ModuleNotFoundError|ImportError", "a package is not installed, or a module was renamed"),
    (r"CUDA|out of memory", "the model or batch does not fit into the device's memory"),
    (r"only one class|least populated class|n_splits", "the data has too few rows of a class"),
    (r"unexpected keyword|positional argument|has no attribute", "a library's interface changed"),
)


def judge(facts: Facts) -> Cause | None:
    """Name the error and the code's own line."""
    crash = next((one for one in facts.all("crash") if _trains(facts, one)), None)
    if crash is None or not counts(facts, crash) or explained_by(facts, crash):
        return None
    step = step_of(facts, crash)
    broke = next(iter(facts.all("training.broke", {crash.item.id})), None)
    error = crash.text("error").rstrip(".")
    meaning = next((why for words, why in _MEANINGS if re.search(words, error)), "")
    return Cause(
        kind="training-crash",
        title=shortened(f"Training crashed in {place(crash)}: {error}", MOST_TITLE),
        explanation=(
            f"The training code raised {error} and ended, so no model was made or judged; what serves is "
            f"untouched.{f' Usually {meaning}.' if meaning else ''}"
        ),
        confidence=confidence(0.8, (step is not None, 0.07), (broke is not None, 0.03)),
        remediation=(
            Remedy(
                text=f"Mend {place(crash)}; see what the last commits changed there.", command=_history(crash)
            ),
            Remedy(
                text="Try it on this data before pushing.",
                command=f"homeostat ct run --model {_model(crash) or facts.model} --out candidate",
            ),
        ),
        citations=cited(crash, broke, step),
        found_by=ANALYST,
    )


def _trains(facts: Facts, crash: Fact) -> bool:
    if crash.text("training") and in_a_pipeline(facts, crash):
        return True
    step = step_of(facts, crash)
    return step is not None and bool(_TRAINS.search(f"{step.text('step')} {step.text('job')}"))


def _model(crash: Fact) -> str:
    """The model's package, where the harness names the function as ``package.module:function``."""
    return crash.text("file").split(".")[0] if ":" in crash.text("file") else ""


def _history(crash: Fact) -> str:
    path = f"model-source/{_model(crash)}" if _model(crash) else crash.text("file")
    return f"git log -p -3 -- {path}"


SIGNATURE = Signature(
    kind="training-crash", looks_for="training code that crashed", symptoms=SYMPTOMS, judge=judge
)
