"""What the API server makes of a model: nothing is changed, refused or left open."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.local.kserve_stand_in.children import children
from tests.apiserver import ApiServer, await_
from tests.contract.models.folder import NAME, Object, Rendered

pytestmark = pytest.mark.go

CRD = Path(__file__).parents[3] / "manifests/kserve-crds/overlays/local/inferenceservices.yaml"


@pytest.fixture(scope="module")
def server(apiserver: ApiServer) -> ApiServer:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    apiserver.apply(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models", "labels": labels}}
    )
    account = {"name": "default", "namespace": "models"}
    apiserver.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    apiserver.kubectl("apply", "--server-side", "-f", str(CRD))
    served = ("get", "--raw", "/apis/serving.kserve.io/v1beta1/inferenceservices")
    await_("the CRD is served", lambda: apiserver.try_kubectl(*served).returncode == 0)
    return apiserver


def tried(server: ApiServer, made: Object) -> Object:
    """What the server would keep of ``made``, strictly validated."""
    arguments = ("create", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-")
    return json.loads(server.kubectl(*arguments, stdin=json.dumps(made)))


def made_of(model: Rendered) -> Mapping[str, Object]:
    service = model.one("InferenceService")
    with_uid = {**service, "metadata": {**service["metadata"], "uid": "0-1-2"}}
    return {child["kind"]: child for child in children(with_uid)}


def pod_of(model: Rendered) -> Object:
    template = made_of(model)["Deployment"]["spec"]["template"]
    metadata = {**template["metadata"], "name": "one", "namespace": "models"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def within(part: Any, whole: Any) -> bool:
    """Whether ``whole`` says all that ``part`` says, in the same words."""
    if isinstance(part, dict):
        return all(name in whole and within(value, whole[name]) for name, value in part.items())
    if isinstance(part, list):
        return len(part) == len(whole) and all(map(within, part, whole))
    return part == whole


def test_every_object_is_kept_in_the_words_that_git_has(server: ApiServer, model: Rendered) -> None:
    for written in model.objects:
        kept = tried(server, written)
        assert within({name: written[name] for name in ("spec", "data") if name in written}, kept)


def test_what_kserve_makes_of_it_is_kept_so_too(server: ApiServer, model: Rendered) -> None:
    for child in made_of(model).values():
        child["metadata"].pop("ownerReferences")
        assert within(child["spec"], tried(server, child)["spec"])


def test_its_pods_pass_the_restricted_profile(server: ApiServer, model: Rendered) -> None:
    pod = tried(server, pod_of(model))
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert pod["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


def test_a_pod_that_runs_as_root_would_not(server: ApiServer, model: Rendered) -> None:
    pod = pod_of(model)
    pod["spec"] = {**pod["spec"], "securityContext": {}}
    ran = server.try_kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
    assert "violates PodSecurity" in ran.stderr


def test_the_budget_and_the_policy_select_its_pods(model: Rendered) -> None:
    labels = pod_of(model)["metadata"]["labels"].items()
    assert model.one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"].items() <= labels
    assert model.one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels


def test_its_pods_carry_the_labels_and_annotations_that_others_look_for(model: Rendered) -> None:
    metadata = pod_of(model)["metadata"]
    assert metadata["labels"]["app.kubernetes.io/name"] == "model-toy_model"
    assert metadata["labels"]["homeostat.dev/model"] == "toy_model"
    assert metadata["annotations"]["prometheus.io/scrape"] == "true"
    assert metadata["annotations"]["prometheus.io/port"] == "8080"


def test_nothing_is_there_by_which_kserve_would_take_it_for_its_own(model: Rendered) -> None:
    for written in model.objects:
        assert "serving.kserve.io/inferenceservice" not in written["metadata"].get("labels", {})


def test_the_service_leads_to_the_port_that_the_policy_opens(model: Rendered) -> None:
    (port,) = made_of(model)["Service"]["spec"]["ports"]
    rules = model.one("NetworkPolicy")["spec"]["ingress"]
    assert (port["port"], port["targetPort"]) == (80, 8080)
    assert {opened["port"] for rule in rules for opened in rule["ports"]} == {8080}
    assert made_of(model)["Service"]["metadata"]["name"] == f"{NAME}-predictor"


def test_an_old_pod_has_the_time_to_leave_without_losing_a_request(model: Rendered) -> None:
    strategy = model.predictor["deploymentStrategy"]["rollingUpdate"]
    pause = model.container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = next(
        int(found[1]) for word in model.container["args"] if (found := re.match(r"--drain-\w+=(\d+)", word))
    )
    assert strategy["maxUnavailable"] == 0
    assert pause >= 10
    assert model.predictor["terminationGracePeriodSeconds"] > pause + drain
