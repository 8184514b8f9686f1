"""Callers send what the model refuses."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.error_sides import CLIENT, SERVER, ErrorSide, error_side
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import who
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.wording import shortened
from triage.commands import read_log
from triage.symptom import Symptom

#: an alert of a class that is not known speaks of errors by these words
_OF_ERRORS = re.compile(r"(?i)err|fail|reject|[45]xx|status|bad.?request|success")


_PROBE_REFUSED = re.compile(r"(?i)probe failed with statuscode: 4\d\d")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Compare the callers' failures with the server's."""
    theirs, ours = error_side(facts, CLIENT), error_side(facts, SERVER)
    # without a share, a few refused requests may be those that there always are
    unasked = facts.case.scope.symptom is Symptom.UNKNOWN and not _OF_ERRORS.search(facts.case.alert.name)
    if theirs.weight() > ours.weight() and (theirs.share or not unasked) and not _is_probed(facts, theirs):
        return _cause(facts, theirs)
    if ours.citations and not theirs.share:
        return RuledOut(
            kind="client-errors",
            title="Bad requests from callers",
            reason="The failing requests fail inside the server (5xx); none was refused as wrong (4xx).",
            citations=ours.citations,
        )
    return None


def _is_probed(facts: Facts, side: ErrorSide) -> bool:
    """Whether the kubelet's own probe is the caller that is refused."""
    probes = [one for one in facts.all("event") if one.text("reason") == "Unhealthy"]
    return not side.share and any(_PROBE_REFUSED.search(one.text("message")) for one in probes)


def _cause(facts: Facts, side: ErrorSide) -> Cause:
    saying = f": {shortened(side.error, 120)}" if side.error else ""
    share = f"{side.share:.1%} of the requests" if side.ratio else "Requests"
    return Cause(
        kind="client-errors",
        title=f"Callers send requests that {who(facts)} refuses (4xx){saying}",
        explanation=(
            f"{share} are answered with a 4xx status: they are refused as wrong, which is no failure of the "
            "server."
        ),
        confidence=confidence(0.55, (side.ratio is not None, 0.1), (side.logged is not None, 0.2)),
        remediation=(
            Remedy(
                text="Find what is wrong with the requests, and who sends them.",
                command=read_log(facts.case.scope),
            ),
        ),
        citations=side.citations,
        found_by=ANALYST,
    )


SIGNATURE = Signature(
    kind="client-errors",
    looks_for="requests that are refused as wrong (4xx)",
    symptoms=frozenset({Symptom.ERRORS}),
    judge=judge,
)
