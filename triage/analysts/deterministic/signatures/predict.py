"""The model server is slow in predict: neither requests, nor traffic, nor a release make it so."""

from __future__ import annotations

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.phases import PhaseTimes, phase_times
from triage.analysts.deterministic.served import served_version, was_well_before
from triage.analysts.deterministic.signature import ANALYST, Signature, confidence
from triage.analysts.deterministic.signatures.traffic import has_surged
from triage.clock import stamp
from triage.commands import read_log, restart, see_status
from triage.symptom import Symptom

_DOMINANT = 0.6
_MEASURABLE_SECONDS = 0.05


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look where the time goes while the service is slow."""
    phases = phase_times(facts)
    # where the phases add up to next to nothing, the time goes somewhere else
    if phases is None or sum(phases.seconds.values()) < _MEASURABLE_SECONDS:
        return None
    if phases.dominant != "predict" or phases.share("predict") < _DOMINANT:
        return RuledOut(
            kind="predict",
            title="Slowness in predict",
            reason=f"Predict takes only {phases.share('predict'):.0%} of the time of a request.",
            citations=(phases.facts["predict"].cite(),),
        )
    return _cause(facts, phases)


def _cause(facts: Facts, phases: PhaseTimes) -> Cause:
    served = served_version(facts)
    well = was_well_before(facts, served) if served else None
    slow = facts.first("log.slow_requests", facts.own_log)
    latency = facts.highest("latency_p95")
    rate = facts.first("request_rate")
    cited = [phases.facts["predict"], latency, slow, rate]
    not_release = " (not the recent release)" if well else ""
    return Cause(
        kind="predict",
        title=f"The model server itself is slow in predict{not_release}",
        explanation=" ".join(_story(facts, phases, well, slow)),
        confidence=confidence(
            0.5,
            (phases.share("predict") >= 0.8, 0.1),
            (slow is not None and slow.amount("predict") > 0, 0.1),
            (facts.onset is not None, 0.05),
            (rate is not None and not has_surged(facts), 0.1),
            (has_surged(facts), -0.25),
            (well is not None, 0.1),
        ),
        remediation=_remedies(facts),
        citations=tuple({fact.cite(): None for fact in cited if fact}),
        found_by=ANALYST,
    )


def _story(facts: Facts, phases: PhaseTimes, well: Fact | None, slow: Fact | None) -> list[str]:
    onset = facts.onset
    since = f" since {stamp(onset)}" if onset else ""
    story = [
        (
            f"Predict takes {phases.share('predict'):.0%} of a slow request's time "
            f"({phases.seconds['predict']:.3g} s){since}, decoding and encoding the rest."
        )
    ]
    if not has_surged(facts) and facts.first("request_rate"):
        story.append("Traffic did not rise.")
    if well:
        story.append("The same version answered quickly before, so the release did not bring it.")
    if slow and slow.at:
        story.append(f"Its log has {slow.amount('count'):.0f} slow requests, the first at {stamp(slow.at)}.")
    return story


def _remedies(facts: Facts) -> tuple[Remedy, ...]:
    service = facts.case.scope.service or "the model server"
    fault = Remedy(
        text="End a fault that was set on purpose, if there is one.",
        command=f"homeostat process fault clear --model {facts.model}",
    )
    return (
        Remedy(text=f"See how {service} is doing.", command=see_status(facts.case.scope)),
        Remedy(
            text="Read its slow requests; check the machine for CPU, memory and disk pressure.",
            command=read_log(facts.case.scope),
        ),
        # a cluster has no such switch
        *(() if facts.case.scope.is_in_cluster else (fault,)),
        Remedy(text="Restart it if it does not recover.", command=restart(facts.case.scope)),
    )


SIGNATURE = Signature(
    kind="predict",
    looks_for="predict taking most of a request's time",
    symptoms=frozenset({Symptom.LATENCY}),
    judge=judge,
)
