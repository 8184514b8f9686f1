"""What code does about drift by itself: on P0 it has the model trained again, once, and the report says so.

People are told by the destinations' routes. No analyst is asked: the urgency is computed from the statistics
that came with the alert.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from homeostat.redaction import redact
from triage.alert import AlertStatus
from triage.clock import Clock, stamp
from triage.drift.retraining import Request, Retraining, RetrainingFailed, is_model
from triage.drift.urgency import Urgency
from triage.incident import Incident
from triage.report.document import Report
from triage.store.retrainings import Claimed, Decision, Retrainings, RetrainingState

_NOT_CONFIGURED = "no retraining is configured (TRIAGE_RETRAINING)"
#: at P1 and P2 nothing is trained
_BY_URGENCY = {
    Urgency.P0: "",
    Urgency.P1: "Nothing is retrained by itself at P1: the ML team decides.",
    Urgency.P2: "Nothing is retrained by itself at P2: investigate.",
    Urgency.NONE: "Nothing is both significant and large, so nothing is done.",
}

_log = structlog.stdlib.get_logger()


class DriftResponse:
    """Decides when a report is made, and asks when its turn comes."""

    def __init__(
        self,
        retrainings: Retrainings,
        retraining: Retraining | None,
        clock: Clock,
        count: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._retrainings = retrainings
        self._retraining = retraining
        self._clock = clock
        self._count = count
        #: called when a report has to be told anew
        self.wake: Callable[[], None] = lambda: None

    def told(self, report: Report, incident: Incident) -> Report:
        """The report with what is done about the drift; the decision is stored before it is told."""
        if report.drift is None:
            return report
        said = self._said(report.drift.urgency, incident)
        return report.model_copy(update={"drift": report.drift.model_copy(update={"response": said})})

    def _said(self, urgency: Urgency, incident: Incident) -> str:
        decision = self._retrainings.of(incident.id)
        if decision is None and urgency is Urgency.P0:
            if incident.status is AlertStatus.RESOLVED:
                return "Nothing is retrained: the drift was over before that was decided."
            decision = self._decide(incident)
        return sentence_of(decision) if decision else _BY_URGENCY[urgency]

    def _decide(self, incident: Incident) -> Decision:
        labels = incident.primary.labels
        model = labels.get("model", "")
        objection = "" if self._retraining else _NOT_CONFIGURED
        if not is_model(model):
            objection = "the alert names no model that could be trained"
        request = Request(
            incident.id, model, labels.get("version", "") or "?", Urgency.P0.value, self._clock()
        )
        decision = self._retrainings.decide(request, objection)
        self._count(decision.state.value)
        return decision

    def work(self) -> None:
        """Ask for what is due, one after the other.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: when the database can't be read or written; what was asked for
                meanwhile is in doubt, and looked for before it is asked for again.
        """
        while self._retraining is not None and (claimed := self._retrainings.claim()) is not None:
            request = claimed.request
            try:
                where = _asked(self._retraining, claimed)
            except RetrainingFailed as failure:
                state = self._retrainings.fail(claimed, failure)
                _log.warning("retraining_failed", model=request.model, state=state.value, error=str(failure))
            else:
                state = RetrainingState.ASKED
                self._retrainings.succeed(claimed, where)
                _log.info("retraining_asked", model=request.model, incident=request.id, where=where)
            if state is not RetrainingState.WANTED:
                self._count(state.value)
                self.wake()


def _asked(retraining: Retraining, claimed: Claimed) -> str:
    """Where it was asked for.

    Raises:
        RetrainingFailed: whatever went wrong.
    """
    try:
        return retraining.ask(claimed.request, in_doubt=claimed.in_doubt)
    except RetrainingFailed:
        raise
    except Exception as error:  # the edge: one request's failure must not stop the others
        _log.exception("retraining_broke", model=claimed.request.model)
        told = redact(f"{type(error).__name__}: {error}")
        raise RetrainingFailed(told, may_have_arrived=True) from error


def sentence_of(decision: Decision) -> str:
    """What a report says of a decision."""
    model, reason = decision.model, decision.reason.rstrip(".")
    match decision.state:
        case RetrainingState.WANTED | RetrainingState.ASKING:
            held_up = f" So far it could not be asked for: {reason}." if reason else ""
            return f"Retraining of {model} was decided at {stamp(decision.decided_at)} by code.{held_up}"
        case RetrainingState.ASKED:
            at = stamp(decision.asked_at or decision.decided_at)
            return f"Retraining of {model} was triggered at {at} by code: {reason}. Gates judge the result."
        case RetrainingState.DECLINED:
            return f"Retraining was not triggered: {reason}."
        case RetrainingState.UNDECIDED:
            return (
                f"Whether retraining of {model} was triggered is not known: {reason}. Look before you do it."
            )
        case RetrainingState.FAILED:
            return f"Retraining of {model} could not be triggered: {reason}. Trigger it by hand."
