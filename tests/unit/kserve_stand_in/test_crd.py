"""What the local cluster's CRD refuses: what KServe's webhooks would, and what the stand-in does not know."""

from __future__ import annotations

import json

import pytest

from infra.local.kserve_stand_in.objects import Object
from tests.apiserver import ApiServer
from tests.unit.kserve_stand_in.services import an_inference_service, container, install_crd

pytestmark = pytest.mark.go

REFUSED = {
    "minReplicas must not be above maxReplicas": an_inference_service(minReplicas=3, maxReplicas=2),
    "the name must begin with a letter": an_inference_service("1st"),
    "PROTOCOL must be v1 or v2": an_inference_service(
        containers=[container(env=[{"name": "PROTOCOL", "value": "v3"}])]
    ),
    "the first must be named kserve-container": an_inference_service(
        containers=[container(name="one"), container(name="two")]
    ),
    'unknown field "spec.predictor.model"': an_inference_service(model={"modelFormat": {"name": "sklearn"}}),
    'unknown field "spec.canary"': {
        **an_inference_service(),
        "spec": {**an_inference_service()["spec"], "canary": {}},
    },
    "spec.predictor.containers: Required value": {**an_inference_service(), "spec": {"predictor": {}}},
}


@pytest.fixture(scope="module")
def server(apiserver: ApiServer) -> ApiServer:
    install_crd(apiserver)
    return apiserver


@pytest.mark.parametrize("sentence", REFUSED)
def test_it_refuses(server: ApiServer, sentence: str) -> None:
    said = create(server, REFUSED[sentence])
    assert sentence in said


def test_a_canary_percentage_is_accepted_and_means_nothing(server: ApiServer) -> None:
    assert not create(server, an_inference_service(canaryTrafficPercent=10))


def create(server: ApiServer, service: Object) -> str:
    """What kubectl says against it; nothing when it is accepted."""
    arguments = ("create", "--dry-run=server", "--validate=strict", "-f", "-")
    return server.try_kubectl(*arguments, stdin=json.dumps(service)).stderr
