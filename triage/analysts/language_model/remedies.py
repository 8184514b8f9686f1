"""The remedies that a language model may choose from, as the steps that a person would take."""

from __future__ import annotations

from triage.analysts.analysis import Remedy
from triage.analysts.language_model.answer import ClaimedRemedy
from triage.evidence.collector import Scope


def remedy_for(choice: ClaimedRemedy, scope: Scope) -> Remedy:
    """The step, about the service and model of the alert."""
    service, model = scope.service or "SERVICE", scope.model or "MODEL"
    match choice:
        case ClaimedRemedy.LOOK_AT_STATUS:
            return Remedy(text="See what runs, and since when.", command="homeostat process status")
        case ClaimedRemedy.READ_LOGS:
            return Remedy(
                text=f"Read the log of {service}.", command=f"homeostat process logs {service} -n 100"
            )
        case ClaimedRemedy.ROLL_BACK:
            command = f"git log --oneline -- manifests/models/{model}"
            return Remedy(text="Find the last hand-off, revert it and push.", command=command)
        case ClaimedRemedy.RESTART:
            return Remedy(text="Restart the platform.", command="make down && make up")
        case ClaimedRemedy.FIND_CALLER:
            return Remedy(text="Find the caller whose requests changed.", command=None)
