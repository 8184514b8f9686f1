"""Break and heal: the endpoint turns slow, the loop notices, explains, and tells when it is over."""

from __future__ import annotations

from dataclasses import dataclass

from demo.scene import LATENCY_ALERT, MODEL, Scene
from demo.waiting import await_condition
from demo.watch import Incident, firing_alert, incident_about
from homeostat.errors import HomeostatError
from homeostat.progress import Step
from infra.process import faults

PREDICT_DELAY_SECONDS = 0.8
#: what the first cause must speak of: the server, and not the release that was handed off before
_THE_TRUTH = "model server"
_TIMEOUT_SECONDS = 120.0


class WrongDiagnosis(HomeostatError):  # noqa: N818 - it tells what happened, as the story does
    """The report names another first cause than the fault that the demo made."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the loop made of the fault."""

    p95_seconds: float
    incident: Incident


def break_it(step: Step, scene: Scene) -> Diagnosis:
    """Make the model server slow, and wait for the alert and the report about it.

    Raises:
        WrongDiagnosis: when the first cause is not the slow model server.
    """
    faults.slow(scene.status(), MODEL, PREDICT_DELAY_SECONDS)
    step.note(f"every prediction now takes {PREDICT_DELAY_SECONDS:g} s longer")
    prometheus, triage = scene.url("prometheus"), scene.url("triage")
    alert = await_condition(
        step,
        f"Prometheus has not fired {LATENCY_ALERT} yet",
        lambda: firing_alert(prometheus, LATENCY_ALERT, MODEL),
        timeout_seconds=_TIMEOUT_SECONDS,
    )
    step.note(f"Prometheus fires {LATENCY_ALERT}: p95 is {alert.value * 1000:.0f} ms, the bound is 500 ms")
    incident = await_condition(
        step,
        "triage has not written its report yet",
        lambda: incident_about(triage, LATENCY_ALERT, MODEL),
        timeout_seconds=_TIMEOUT_SECONDS,
    )
    if _THE_TRUTH not in incident.causes[0].lower():
        raise WrongDiagnosis(
            f"the report's first cause is '{incident.causes[0]}', not the slow model server."
        )
    for rank, cause in enumerate(incident.causes, 1):
        step.note(f"cause {rank}: {cause}")
    return Diagnosis(alert.value, incident)


def heal(step: Step, scene: Scene) -> Incident:
    """End the fault, and wait until the same report says that the alert is resolved."""
    faults.clear(scene.status(), MODEL)
    triage = scene.url("triage")
    incident = await_condition(
        step,
        "the report does not say yet that the alert is resolved",
        lambda: _resolved(incident_about(triage, LATENCY_ALERT, MODEL)),
        timeout_seconds=_TIMEOUT_SECONDS,
    )
    step.note(f"the report says: {incident.status}")
    return incident


def _resolved(incident: Incident | None) -> Incident | None:
    """The incident once all of its alerts are resolved."""
    return incident if incident and incident.status == "resolved" else None
