"""The server fails on requests that it should answer."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.error_sides import CLIENT, SERVER, ErrorSide, error_side
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import who
from triage.analysts.deterministic.served import served_version, was_well_before
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.commands import read_log, see_status
from triage.symptom import Symptom


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the server's failures with the callers'."""
    ours, theirs = error_side(facts, SERVER), error_side(facts, CLIENT)
    if ours.weight() > theirs.weight():
        return _cause(facts, ours)
    if theirs.citations and not ours.share:
        return RuledOut(
            kind="server-errors",
            title="Failures of the server itself",
            reason="The failing requests are refused as wrong (4xx); none failed inside the server (5xx).",
            citations=theirs.citations,
        )
    return None


def _cause(facts: Facts, side: ErrorSide) -> Cause:
    served = served_version(facts)
    well = was_well_before(facts, served) if served else None
    complaints = facts.all("log.errors", facts.own_log)[:1]
    error = side.error or next((one.text("error") for one in complaints), "")
    saying = f": {shortened(error, 120)}" if error else ""
    not_release = (
        " The same version answered before, so the release alone does not explain it." if well else ""
    )
    return Cause(
        kind="server-errors",
        title=f"{_server(facts)} fails on requests (5xx){saying}",
        explanation=f"{_share(side)} fail with a 5xx status{_most(side)}.{not_release}",
        confidence=confidence(
            0.5,
            (side.ratio is not None, 0.1),
            (side.logged is not None, 0.2),
            (bool(complaints), 0.05),
            (well is not None, 0.05),
        ),
        remediation=(
            Remedy(
                text="Read the failures in its log.",
                command=read_log(facts.case.scope),
            ),
            Remedy(text="See how the service is doing.", command=see_status(facts.case.scope)),
        ),
        citations=(*side.citations, *(fact.cite() for fact in complaints)),
        found_by=ANALYST,
    )


def _server(facts: Facts) -> str:
    return f"The model server of {facts.case.scope.model}" if facts.case.scope.model else who(facts)


def _share(side: ErrorSide) -> str:
    return f"{side.share:.1%} of the requests" if side.ratio else "Requests"


def _most(side: ErrorSide) -> str:
    if side.logged is None:
        return ""
    most, count = side.logged.amount("most"), side.logged.amount("count")
    return f"; {most:.0f} of {count:.0f} logged failures say the same"


SIGNATURE = Signature(
    kind="server-errors",
    looks_for="requests that fail inside the server (5xx)",
    symptoms=frozenset({Symptom.ERRORS}),
    judge=judge,
)
