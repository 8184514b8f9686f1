"""The way in, tried with the real Traefik: nothing without authentication, and no more than a share."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx
import pytest

from infra.process.state.ports import LOOPBACK
from tests.apiserver import await_
from tests.contract.platform_manifests.proxy import DOMAIN, KEYS, MODEL, PASSWORD, USER, Proxy, proxy, publish

pytestmark = [pytest.mark.go, pytest.mark.timeout(1500)]
PAGES = {
    "mlflow": "http://mlflow.mlops:5000",
    "prometheus": "http://prometheus.observability:9090",
    "alertmanager": "http://alertmanager.observability:9093",
    "triage": "http://triage.observability:8090",
    "grafana": "http://grafana.observability:3000",
    "argocd": "http://argocd-server.argocd",
}
MODELS = f"models.{DOMAIN}"
PREDICT = f"/v1/models/{MODEL}:predict"
GUARDS = {"login@file", "api-key@file"}
#: what lies behind asks for a signature itself, since the sender can't log in
SIGNED = "github-deliveries@file"


@pytest.fixture(scope="module")
def way_in(tmp_path_factory) -> Iterator[Proxy]:
    with proxy(tmp_path_factory.mktemp("traefik")) as running:
        yield running


def asked(way_in: Proxy, key: str, path: str = PREDICT) -> httpx.Response:
    """A model's answer to who holds the key, once there is a share left."""
    return await_(
        "there is room",
        lambda: (a := way_in.ask(MODELS, path, headers={"X-API-Key": key})).status_code != 429 and a,
    )


def test_every_route_is_enabled_and_guarded(way_in):
    routers = {router["name"]: router for router in way_in.routers()}
    assert set(routers) == {SIGNED, *(f"{name}@file" for name in (*PAGES, f"model-{MODEL}"))}
    for router in routers.values():
        assert router["status"] == "enabled"
        assert router["using"] == ["websecure"]
        assert "tls" in router
    for router in (router for name, router in routers.items() if name != SIGNED):
        first = next(name for name in router["middlewares"] if name != "slow-guessing@file")
        assert first in GUARDS


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_shown_to_who_logs_in_and_to_nobody_else(way_in, page):
    host = f"{page}.{DOMAIN}"
    assert way_in.ask(host).status_code == 401
    for wrong in ((USER, "guessed"), ("nobody", PASSWORD), (USER, "")):
        assert way_in.ask(host, auth=wrong).status_code == 401
    assert way_in.ask(host, headers={"X-API-Key": KEYS["shop"]}).status_code == 401
    answer = way_in.ask(host, "/some/page?q=1", auth=(USER, PASSWORD))
    assert answer.status_code == 200
    assert answer.json()["server"] == PAGES[page]
    assert answer.json()["path"] == "/some/page?q=1"
    assert "authorization" not in answer.json()["headers"]
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_github_delivers_what_it_signed_without_a_login_and_reaches_nothing_else(way_in):
    host, path = f"triage.{DOMAIN}", "/webhooks/github"
    answer = way_in.ask(host, path, "POST", headers={"X-Hub-Signature-256": "sha256=00"}, content=b"{}")
    assert (answer.status_code, answer.json()["server"]) == (200, PAGES["triage"])
    assert answer.json()["headers"]["x-hub-signature-256"] == "sha256=00"
    for method, other in (
        ("GET", path), ("POST", f"{path}/"), ("POST", f"{path}/../drift"), ("POST", "/webhooks/%67ithub/x"),
        ("POST", "/webhooks/drift"), ("POST", "/incidents/x/feedback"),
    ):  # fmt: skip
        assert way_in.ask(host, other, method).status_code == 401, (method, other)
    assert way_in.ask(f"mlflow.{DOMAIN}", path, "POST").status_code == 401


@pytest.mark.parametrize(
    "path", [PREDICT, f"/v1/models/{MODEL}", f"/v2/models/{MODEL}/infer", f"/v2/models/{MODEL}"]
)
def test_a_model_answers_who_has_a_key_and_nobody_else(way_in, path):
    assert way_in.ask(MODELS, path).status_code == 401
    assert way_in.ask(MODELS, path, headers={"X-API-Key": "hs_guessed"}).status_code == 401
    assert way_in.ask(MODELS, path, auth=(USER, PASSWORD)).status_code == 401
    spoofed = {"Authorization": f"Bearer {KEYS['bank']}", "X-API-Key-Name": "owner"}
    answer = way_in.ask(MODELS, path, headers=spoofed)
    assert answer.status_code == 200
    assert answer.json()["path"] == path
    headers = answer.json()["headers"]
    assert headers["x-api-key-name"] == "bank"
    assert "authorization" not in headers


def test_the_key_itself_does_not_reach_the_model(way_in):
    assert "x-api-key" not in asked(way_in, KEYS["bank"]).json()["headers"]


@pytest.mark.parametrize(
    "path", ["/metrics", "/", "/v2", "/v1/models/unpublished:predict", f"/v1/models/{MODEL}x:predict"]
)
def test_what_is_not_published_is_not_found_even_with_a_key(way_in, path):
    assert way_in.ask(MODELS, path, headers={"X-API-Key": KEYS["bank"]}).status_code == 404


@pytest.mark.parametrize("host", [DOMAIN, f"unknown.{DOMAIN}", "mlflow.evil.test", LOOPBACK])
def test_an_unknown_name_is_not_found(way_in, host):
    assert way_in.ask(host, auth=(USER, PASSWORD)).status_code == 404


def test_plain_http_is_sent_to_https(way_in):
    answer = httpx.get(
        f"http://{LOOPBACK}:{way_in.web}/page", headers={"Host": f"mlflow.{DOMAIN}"}, trust_env=False
    )
    assert answer.status_code in (301, 308)
    assert answer.headers["Location"] == f"https://mlflow.{DOMAIN}/page"


def test_one_key_can_take_no_more_than_its_share(way_in):
    codes = [way_in.ask(MODELS, PREDICT, headers={"X-API-Key": KEYS["shop"]}).status_code for _ in range(120)]
    assert codes[0] == 200
    assert 429 in codes
    assert set(codes) == {200, 429}
    assert way_in.ask(MODELS, PREDICT, headers={"X-API-Key": KEYS["bank"]}).status_code == 200


def test_a_renewed_certificate_is_served_without_a_restart(way_in):
    before = certificate(way_in)
    publish(way_in)
    await_("the new certificate is served", lambda: certificate(way_in) != before)
    assert way_in.ask(f"mlflow.{DOMAIN}").status_code == 401
    assert way_in.ask(f"mlflow.{DOMAIN}", auth=(USER, PASSWORD)).status_code == 200


def certificate(way_in: Proxy) -> str:
    return ssl.get_server_certificate((LOOPBACK, way_in.websecure))


def test_when_keys_can_not_be_checked_nobody_is_let_in(way_in):
    # the last test: it takes the check of keys away
    way_in.key_check.kill()
    way_in.key_check.wait(timeout=30)
    answer = way_in.ask(MODELS, PREDICT, headers={"X-API-Key": KEYS["bank"]})
    assert answer.status_code >= 500
