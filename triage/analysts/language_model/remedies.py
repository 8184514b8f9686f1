"""The remedies that a language model may choose from, as the steps that a person would take."""

from __future__ import annotations

from triage.analysts.analysis import Remedy
from triage.analysts.language_model.answer import ClaimedRemedy
from triage.commands import read_log, restart, see_history, see_status
from triage.evidence.collector import Scope


def remedy_for(choice: ClaimedRemedy, scope: Scope) -> Remedy:
    """The step, about the service and model of the alert."""
    service = scope.service or "the service"
    match choice:
        case ClaimedRemedy.LOOK_AT_STATUS:
            return Remedy(text="See what runs, and since when.", command=see_status(scope))
        case ClaimedRemedy.READ_LOGS:
            return Remedy(text=f"Read the log of {service}.", command=read_log(scope))
        case ClaimedRemedy.ROLL_BACK:
            return Remedy(text="Find the last hand-off, revert it and push.", command=see_history(scope))
        case ClaimedRemedy.RESTART:
            return Remedy(text="Restart it.", command=restart(scope))
        case ClaimedRemedy.FIND_CALLER:
            return Remedy(text="Find the caller whose requests changed.", command=None)
