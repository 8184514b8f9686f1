"""What an InferenceService becomes."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from infra.local.kserve_stand_in.children import children, is_stray
from infra.local.kserve_stand_in.objects import Object
from tests.unit.kserve_stand_in.services import an_inference_service, container, inference_services, with_uid

NONE = {"serving.kserve.io/autoscalerClass": "none"}

services = inference_services.map(with_uid)


def made_of(annotated: dict[str, str] | None = None, **predictor: Any) -> dict[str, Object]:
    service = with_uid(an_inference_service(annotated=annotated, **predictor))
    return {child["kind"]: child for child in children(service)}


@given(service=services)
def test_every_child_is_owned_and_the_deployment_selects_its_own_pods(service):
    for child in children(service):
        assert child["metadata"]["name"] == f"{service['metadata']['name']}-predictor"
        assert child["metadata"]["ownerReferences"][0]["uid"] == service["metadata"]["uid"]
        assert not is_stray(child, service)
        if child["kind"] == "Deployment":
            selector = child["spec"]["selector"]["matchLabels"]
            assert selector.items() <= child["spec"]["template"]["metadata"]["labels"].items()


@given(service=services)
def test_the_inference_service_itself_is_left_as_it_is(service):
    before = repr(service)
    assert children(service) == children(service)
    assert repr(service) == before


@given(service=services)
def test_the_autoscaler_decides_the_size_or_the_inference_service_does_but_never_both(service):
    made = {child["kind"]: child for child in children(service)}
    if made:
        assert ("HorizontalPodAutoscaler" in made) != ("replicas" in made["Deployment"]["spec"])


def test_a_lone_container_gets_its_name_and_what_it_was_not_told():
    pod = made_of(containers=[container(name="any")])["Deployment"]["spec"]["template"]["spec"]
    (only,) = pod["containers"]
    assert only["name"] == "kserve-container"
    assert only["imagePullPolicy"] == "IfNotPresent"
    assert only["env"] == [{"name": "INFERENCE_SERVICE_NAME", "value": "toy"}]
    assert only["readinessProbe"] == {"tcpSocket": {"port": 8080}}


def test_what_a_container_was_told_stands():
    probe = {"httpGet": {"path": "/v2/health/ready", "port": 9000}}
    told = container(ports=[{"containerPort": 9000}], readinessProbe=probe, imagePullPolicy="Always")
    (only,) = made_of(containers=[told])["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert only["readinessProbe"] == probe
    assert only["imagePullPolicy"] == "Always"


def test_the_service_maps_port_80_to_the_first_container_port():
    told = container(ports=[{"name": "http", "containerPort": 9000}, {"name": "grpc", "containerPort": 9001}])
    assert made_of(containers=[told])["Service"]["spec"]["ports"] == [
        {"name": "http", "port": 80, "targetPort": 9000, "protocol": "TCP"},
        {"name": "grpc", "port": 9001, "targetPort": 9001, "protocol": "TCP"},
    ]


def test_without_ports_the_service_maps_port_80_to_8080():
    (port,) = made_of()["Service"]["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (80, 8080)


def test_the_pod_is_the_predictors_but_for_what_is_kserves_own():
    predictor = {"terminationGracePeriodSeconds": 45, "automountServiceAccountToken": False, "maxReplicas": 3}
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    spec = made_of(deploymentStrategy=strategy, **predictor)["Deployment"]["spec"]
    pod = spec["template"]["spec"]
    assert spec["strategy"] == strategy
    assert pod.keys() == {"containers", "terminationGracePeriodSeconds", "automountServiceAccountToken"}


def test_annotations_reach_the_pods_so_that_a_new_release_rolls_out_but_tracking_does_not():
    tracking = {"argocd.argoproj.io/tracking-id": "x", "homeostat.dev/team": "a"}
    deployment = made_of(tracking, annotations={"homeostat.dev/model-version": "3"})["Deployment"]
    wanted = {"homeostat.dev/team": "a", "homeostat.dev/model-version": "3"}
    assert deployment["spec"]["template"]["metadata"]["annotations"] == wanted
    assert deployment["metadata"]["annotations"] == wanted


def test_by_default_an_autoscaler_keeps_cpu_at_80_percent():
    spec = made_of(minReplicas=0, maxReplicas=4)["HorizontalPodAutoscaler"]["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (1, 4)
    assert spec["metrics"][0]["resource"]["target"] == {"type": "Utilization", "averageUtilization": 80}


def test_without_an_autoscaler_the_least_is_the_size():
    made = made_of(NONE, minReplicas=2)
    assert made.keys() == {"Deployment", "Service"}
    assert made["Deployment"]["spec"]["replicas"] == 2
