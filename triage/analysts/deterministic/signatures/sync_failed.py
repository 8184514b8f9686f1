"""Argo CD could not bring about what git says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.facts import Fact, Facts, cited
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.clock import stamp
from triage.commands import see_application, see_history
from triage.symptom import SYNC_FAILED, Symptom

_FAILED = frozenset({"Failed", "Error"})
_MOST_TITLE = 200
#: what Argo CD and gRPC put before the error itself
_BEFORE = ("reason: ", "desc = ", "failed exit status 1: Error: ", "accumulating resources: ")
_SAID = re.compile(
    r"(?P<error>(?:Failed to load target state|[Ff]ailed to generate manifest|Manifest generation error"
    r"|one or more objects failed to apply|one or more synchronization tasks (?:are not valid"
    r"|completed unsuccess)).*)"
)
#: Argo CD's own logs name it in a field
_NAMED = re.compile(r"\bapplication=\"?(?:[\w-]+/)?(?P<name>[\w.-]+)")
_RETRIED = re.compile(r" \(retried \d+ times\)\.?$")


@dataclass(frozen=True, slots=True)
class _Told:
    """The first error, and the lines that tell of it, the one with the error first."""

    error: str
    facts: tuple[Fact, ...]
    #: how much more the teller knows than a notification does
    weight: float


#: what says nothing about what git holds
_CONNECTION = re.compile(
    r"(?i)i/o timeout|code = (?:Unavailable|DeadlineExceeded)|connection (?:refused|reset)|no such host"
    r"|deadline exceeded|\bdial (?:tcp|udp)\b"
)


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Read the last operation, the objects that it was refused, and what the notification said."""
    told = _by_operation(facts) or _by_condition(facts) or _by_lines(facts) or _by_notification(facts)
    return _cause(facts, told) if told else _ruled_out(facts)


def _by_operation(facts: Facts) -> _Told | None:
    operation = facts.first("app.operation")
    refused = next((one for one in facts.all("app.refused") if one.text("message")), None)
    # one that is tried again goes on running, and has been refused all the same
    if operation is None or not (operation.text("phase") in _FAILED or refused):
        return None
    if refused is None:
        return _Told(first_error(operation.text("message")), (operation,), 0.15)
    error = f"{refused.text('kind')} {refused.text('name')}: {first_error(refused.text('message'))}"
    return _Told(error, (refused, operation), 0.2)


def _by_condition(facts: Facts) -> _Told | None:
    """Without an operation: the manifests could not even be rendered or compared."""
    wrong = next((one for one in facts.all("app.condition") if one.text("type").endswith("Error")), None)
    return _Told(first_error(wrong.text("message")), (wrong,), 0.15) if wrong else None


def _by_lines(facts: Facts) -> _Told | None:
    """The same words, in text that was saved without the rest of the object."""
    found = complaints(facts, _SAID)
    return _Told(first_error(found[0].text("error")), tuple(found[:3]), 0.1) if found else None


def _by_notification(facts: Facts) -> _Told | None:
    alert, message = facts.first("alert"), facts.first("alert.message")
    if alert is None or message is None or alert.text("alertname") != SYNC_FAILED:
        return None
    return _Told(first_error(message.text("text")), (message,), 0.0)


def first_error(message: str) -> str:
    """What went wrong first, without the words around it.

    >>> first_error("one or more objects failed to apply, reason: a is invalid; b too (retried 5 times).")
    'a is invalid'
    """
    error = _RETRIED.sub("", message.strip().split("\n")[0])
    for words in _BEFORE:
        error = error.split(words, 1)[-1]
    return error.split("; ")[0].strip() or "no reason given"


def _cause(facts: Facts, told: _Told) -> Cause:
    named = next((found for fact in told.facts if (found := _NAMED.search(fact.text("text")))), None)
    application = _application(facts, named["name"] if named else "")
    at = next((fact.at for fact in told.facts if fact.at), None)
    when = f" at {stamp(at)}" if at else ""
    deployed = facts.first("app.deployed")
    still = f" What was deployed before, {deployed.text('revision')[:12]}, stays." if deployed else ""
    return Cause(
        kind="sync-failed",
        title=f"Argo CD could not sync {application}: {shortened(told.error, _MOST_TITLE)}",
        explanation=f"The cluster does not have what git says, since {_what(told)}{when}.{still}",
        confidence=confidence(0.75, (True, told.weight)),
        remediation=(
            Remedy(
                text="See whether Argo CD's own pods and the cluster's DNS are well: the error is of a "
                "connection, so nothing in git is shown to be wrong.",
                command="kubectl -n argocd get pods -o wide",
            )
            if _CONNECTION.search(told.error)
            else Remedy(
                text="Mend in git what the error names and push, or revert the commit.",
                command=see_history(facts.case.scope),
            ),
            Remedy(text="See all that Argo CD says of it.", command=see_application(application)),
        ),
        citations=cited(*told.facts, deployed),
        found_by=ANALYST,
    )


def _what(told: _Told) -> str:
    """What failed: where the manifests can't even be rendered or compared, no sync was tried."""
    compared = any(fact.observation.name == "app.condition" for fact in told.facts)
    return "Argo CD could not render or compare it" if compared else "the sync failed"


def _ruled_out(facts: Facts) -> RuledOut | None:
    operation = facts.first("app.operation")
    if operation is None or operation.text("phase") != "Succeeded":
        return None
    return RuledOut(
        kind="sync-failed",
        title="A failed sync",
        reason="Argo CD's last sync of the application succeeded.",
        citations=cited(operation),
    )


def _application(facts: Facts, named: str) -> str:
    seen = facts.first("app")
    told = seen.text("application") if seen else named
    return facts.case.scope.application or told or "the application"


SIGNATURE = Signature(
    kind="sync-failed",
    looks_for="a sync by Argo CD that failed",
    symptoms=frozenset({Symptom.DELIVERY, Symptom.DOWN, Symptom.CONTAINER}),
    judge=judge,
)
