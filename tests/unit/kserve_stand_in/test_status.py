"""What the status of an InferenceService says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.kserve_stand_in.objects import Object
from infra.local.kserve_stand_in.status import status_of
from tests.unit.kserve_stand_in.services import an_inference_service

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_deployment(available: str | None = None, **status: Any) -> Object:
    conditions = [{"type": "Available", "status": available}] if available else []
    return {"status": {"conditions": conditions, **status}}


def said(status: Object) -> dict[str, str]:
    return {condition["type"]: condition["status"] for condition in status["conditions"]}


def test_while_pods_answer_it_is_ready_and_tells_its_addresses():
    status = status_of(an_inference_service(), a_deployment("True", observedGeneration=7), NOW)
    assert said(status) == {
        "IngressReady": "True",
        "PredictorReady": "True",
        "Ready": "True",
        "Stopped": "False",
    }
    assert status["address"] == {"url": "http://toy-predictor.models.svc.cluster.local"}
    assert status["modelStatus"]["transitionStatus"] == "UpToDate"


def test_its_generation_is_the_deployments():
    status = status_of(an_inference_service(), a_deployment("True", observedGeneration=7), NOW)
    assert status["observedGeneration"] == 7


def test_it_stays_ready_while_a_rollout_hangs():
    hanging = a_deployment("True")
    hanging["status"]["conditions"].append({"type": "Progressing", "status": "False", "reason": "Deadline"})
    assert said(status_of(an_inference_service(), hanging, NOW))["Ready"] == "True"


def test_before_a_pod_answers_it_is_unknown_or_not_ready_and_on_its_way():
    for available, ready in ((None, "Unknown"), ("False", "False")):
        status = status_of(an_inference_service(), a_deployment(available), NOW)
        assert said(status)["Ready"] == ready
        assert status["modelStatus"]["transitionStatus"] == "InProgress"


def test_a_condition_that_stands_keeps_its_time():
    service = an_inference_service()
    service["status"] = status_of(service, a_deployment("True"), NOW)
    later = NOW + timedelta(hours=1)
    assert status_of(service, a_deployment("True"), later) == service["status"]
    fallen = status_of(service, a_deployment("False"), later)
    times = {condition["type"]: condition["lastTransitionTime"] for condition in fallen["conditions"]}
    assert times["Ready"] == "2026-01-02T04:04:05Z"
    assert times["IngressReady"] == "2026-01-02T03:04:05Z"


def test_a_stopped_one_is_not_ready_and_has_no_address():
    status = status_of(an_inference_service(annotated={"serving.kserve.io/stop": "true"}), None, NOW)
    assert said(status)["Ready"] == "False"
    assert said(status)["Stopped"] == "True"
    assert status["url"] is None
    assert status["address"] is None
