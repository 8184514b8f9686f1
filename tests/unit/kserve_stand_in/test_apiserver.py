"""The API server that tests start is a real one: it authenticates, authorizes and issues tokens."""

from __future__ import annotations

import pytest

from tests.apiserver import ApiServer, api_server, await_

pytestmark = pytest.mark.go


def test_who_brings_no_token_may_read_nothing(apiserver: ApiServer) -> None:
    with apiserver.client(token="wrong") as http:
        assert http.get("/api/v1/secrets").status_code == 401


def test_a_service_account_may_do_what_it_is_granted_and_nothing_else(apiserver: ApiServer, tmp_path) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}}
    apiserver.apply(account)
    apiserver.kubectl("create", "role", "reader", "--verb=list", "--resource=pods")
    apiserver.kubectl("create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader")
    token = apiserver.kubectl("create", "token", "reader").strip()

    with apiserver.client(token) as http:
        await_("the grant counts", lambda: http.get("/api/v1/namespaces/default/pods").is_success)
        assert http.get("/api/v1/namespaces/default/secrets").status_code == 403


def test_with_controllers_a_deployment_becomes_a_pod_object(tmp_path) -> None:
    with api_server(tmp_path, controllers=True) as server:
        server.kubectl("create", "deployment", "web", "--image=nginx:1.29.1")
        pods = await_("there is a pod", lambda: server.get("pods", "-l", "app=web")["items"])
    assert pods[0]["spec"]["serviceAccountName"] == "default"
