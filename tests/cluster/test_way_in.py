"""The way in of the running cluster: each route without a login, with a wrong one, and with the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from infra.process.state.secret_files import secret
from tests.cluster.live import MODEL, Live

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

DOMAIN = "homeostat.local"
PAGES = ("mlflow", "prometheus", "alertmanager", "triage")
OWNER = "owner"


@contextmanager
def visitor(live: Live, host: str) -> Iterator[Callable[..., httpx.Response]]:
    """Asks the proxy for a path at ``host``; locally its certificate is its own."""
    address = live.get("service", "traefik", "-n", "ingress")["spec"]["clusterIP"]
    with httpx.Client(verify=False, trust_env=False, timeout=30) as client:

        def visit(path: str, **more) -> httpx.Response:
            headers = {"Host": host, **more.pop("headers", {})}
            extensions = {"sni_hostname": host}
            return client.get(f"https://{address}{path}", headers=headers, extensions=extensions, **more)

        yield visit


def ask(live: Live, host: str, path: str = "/", **more) -> httpx.Response:
    """One request on a connection of its own."""
    with visitor(live, host) as visit:
        return visit(path, **more)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_who_is_there(live: Live, page: str) -> None:
    host = f"{page}.{DOMAIN}"
    assert ask(live, host).status_code == 401
    assert ask(live, host, auth=(OWNER, "guessed")).status_code == 401
    answer = ask(live, host, auth=(OWNER, secret(live.state / "secrets", "ui-password")))
    assert answer.status_code not in {401, 403, 404, 502, 503, 504}


def test_a_model_asks_for_a_key(live: Live) -> None:
    host, path = f"models.{DOMAIN}", f"/v2/models/{MODEL}"
    assert ask(live, host, path).status_code == 401
    assert ask(live, host, path, headers={"X-API-Key": "hs_guessed"}).status_code == 401
    # 502 where no model is deployed yet: it was let in all the same
    key = {"Authorization": f"Bearer {secret(live.state / 'secrets', 'api-key')}"}
    assert ask(live, host, path, headers=key).status_code not in {401, 403, 404}


def test_one_key_can_take_no_more_than_its_share(live: Live) -> None:
    host, path = f"models.{DOMAIN}", f"/v2/models/{MODEL}"
    key = {"X-API-Key": secret(live.state / "secrets", "api-key")}
    with visitor(live, host) as visit, ThreadPoolExecutor(16) as clients:
        answers = clients.map(lambda _: visit(path, headers=key).status_code, range(400))
        assert 429 in set(answers)


def test_what_has_no_route_is_not_found(live: Live) -> None:
    for host, path in ((f"models.{DOMAIN}", "/metrics"), (f"unknown.{DOMAIN}", "/"), (DOMAIN, "/")):
        assert ask(live, host, path).status_code == 404
