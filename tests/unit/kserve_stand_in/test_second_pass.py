"""Whatever an InferenceService says, a second pass over it writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from infra.local.kserve_stand_in.cluster import connect
from infra.local.kserve_stand_in.objects import Object
from infra.local.kserve_stand_in.reconcile import Reconciler
from tests.apiserver import ApiServer
from tests.unit.kserve_stand_in.services import NAMESPACE, inference_services, install_crd

pytestmark = pytest.mark.go

KINDS = "inferenceservices,deployments,services,horizontalpodautoscalers"


@pytest.fixture(scope="module")
def server(apiserver: ApiServer) -> ApiServer:
    install_crd(apiserver)
    return apiserver


def one_pass() -> bool:
    async def reconcile() -> bool:
        # a later time in every pass: what only tells the time must not be written either
        return await Reconciler(await connect(NAMESPACE), lambda: datetime.now(UTC)).pass_over_all()

    return asyncio.run(reconcile())


def versions(server: ApiServer) -> Mapping[tuple[str, str], str]:
    found = server.get(KINDS, "-n", NAMESPACE)["items"]
    return {(of["kind"], of["metadata"]["name"]): of["metadata"]["resourceVersion"] for of in found}


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(service=inference_services)
def test_a_second_pass_writes_nothing(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch, service: Object
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.apply(service)
    try:
        assert one_pass()
        after = versions(server)
        assert one_pass()
        assert versions(server) == after
    finally:
        server.kubectl("delete", "isvc", "--all", "-n", NAMESPACE, "--wait=false")
        assert one_pass()
        # no garbage collector runs here
        server.kubectl("delete", "deployments,services,hpa", "--all", "-n", NAMESPACE)
