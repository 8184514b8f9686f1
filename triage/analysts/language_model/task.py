"""What the language model is asked to do: chosen by the alert's class and what was found, never by text."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files

from triage.analysts.analyst import Case
from triage.symptom import Symptom


class Task(StrEnum):
    """Each has its prompt beside this file, named like it."""

    ALERT = "alert"
    CODE_FINDING = "code_finding"
    DEPENDENCY_FINDING = "dependency_finding"
    SECRET_FINDING = "secret_finding"  # noqa: S105 - a file's name
    IMAGE_FINDING = "image_finding"
    TEST_FAILURE = "test_failure"
    MODEL_BELOW_GATE = "model_below_gate"
    DRIFT = "drift"
    DEPLOYMENT = "deployment"


_OF_SCANNER: Mapping[str, Task] = {
    "bandit": Task.CODE_FINDING,
    "gitleaks": Task.SECRET_FINDING,
    "pip-audit": Task.DEPENDENCY_FINDING,
    "snyk": Task.DEPENDENCY_FINDING,
    "trivy": Task.IMAGE_FINDING,
}
#: of several things that failed, the one that a person looks at first
_OF_OBSERVATION: Mapping[str, Task] = {
    "gate.refused": Task.MODEL_BELOW_GATE,
    "manifest.error": Task.DEPLOYMENT,
    "test.failed": Task.TEST_FAILURE,
}


def task_of(case: Case) -> Task:
    """The task that fits the case."""
    if case.scope.symptom is Symptom.DRIFT:
        return Task.DRIFT
    if case.scope.symptom is Symptom.DELIVERY:
        return Task.DEPLOYMENT
    seen = [one for item in case.evidence for one in item.observations]
    for one in seen:
        if one.name == "finding" and (task := _OF_SCANNER.get(one.texts.get("tool", ""))):
            return task
    names = {one.name for one in seen}
    return next((task for name, task in _OF_OBSERVATION.items() if name in names), Task.ALERT)


def instructions(task: Task) -> str:
    """The task, and the rules that hold for every one."""
    prompts = files("triage.analysts.language_model") / "prompts"
    texts = (prompts / f"{name}.md" for name in (task.value, "common"))
    return "\n".join(text.read_text(encoding="utf-8") for text in texts)
