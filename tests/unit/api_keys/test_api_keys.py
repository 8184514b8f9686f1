"""API keys over real HTTP: who is let in, and that nobody is when in doubt."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.process.state.ports import LOOPBACK, any_free_port
from serving.api_keys.keys import KeysUnreadable, hash_of, holder, new_key, parse
from tests.apiserver import await_

SHOP, BANK = "hs_of-the-shop", "hs_of-the-bank"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# who may ask\nshop:{hash_of(SHOP)}\n\nbank:{hash_of(BANK)}\n")
    return path


@pytest.fixture
def client(keys: Path) -> Iterator[httpx.Client]:
    port = any_free_port()
    arguments = ["serve", "--keys", str(keys), "--host", LOOPBACK, "--port", str(port)]
    process = subprocess.Popen([sys.executable, "-m", "serving.api_keys", *arguments])
    try:
        with httpx.Client(base_url=f"http://{LOOPBACK}:{port}", trust_env=False) as http:

            def listens() -> bool:
                assert process.poll() is None
                try:
                    return bool(http.get("/healthz"))
                except httpx.TransportError:
                    return False

            await_("the service listens", listens)
            yield http
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_a_key_is_taken_as_bearer_or_as_header(client):
    for headers in (
        {"Authorization": f"Bearer {SHOP}"},
        {"authorization": f"bearer  {SHOP}"},
        {"X-API-Key": SHOP},
    ):
        answer = client.get("/verify", headers=headers)
        assert (answer.status_code, answer.headers["X-API-Key-Name"]) == (200, "shop")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "hs_guessed"},
        {"X-API-Key": hash_of(SHOP)},
        {"X-API-Key": SHOP + "x"},
        {"X-API-Key": "x" * 4000},
        {"Authorization": f"Basic {SHOP}"},
        {"Authorization": SHOP},
        {"X-API-Key": SHOP, "Authorization": f"Bearer {BANK}"},
    ],
)
def test_anything_else_is_refused_with_a_reason(client, headers):
    answer = client.get("/verify", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "key" in answer.json()["error"]
    assert "X-API-Key-Name" not in answer.headers


def test_a_revoked_key_is_refused_at_once(client, keys):
    assert client.get("/verify", headers={"X-API-Key": SHOP}).status_code == 200
    keys.write_text(f"bank:{hash_of(BANK)}\n")
    assert client.get("/verify", headers={"X-API-Key": SHOP}).status_code == 401


def test_a_file_that_is_swapped_as_the_kubelet_does_is_read_again(client, keys):
    other = keys.parent / "other"
    other.write_text(keys.read_text().replace("shop", "mall"))
    other.replace(keys)
    assert client.get("/verify", headers={"X-API-Key": SHOP}).headers["X-API-Key-Name"] == "mall"


@pytest.mark.parametrize("content", [None, "", "# nobody\n", "shop:abc\n", f"shop {hash_of(SHOP)}\n"])
def test_without_readable_keys_nobody_is_let_in(client, keys, content):
    assert client.get("/verify", headers={"X-API-Key": SHOP}).status_code == 200
    if content is None:
        keys.unlink()
    else:
        keys.write_text(content)
    answer = client.get("/verify", headers={"X-API-Key": SHOP})
    assert answer.status_code == 503
    assert client.get("/healthz").status_code == 503
    keys.write_text(f"shop:{hash_of(SHOP)}\n")
    assert client.get("/verify", headers={"X-API-Key": SHOP}).status_code == 200


def test_metrics_tell_who_asked_and_no_key(client):
    client.get("/verify", headers={"X-API-Key": SHOP})
    client.get("/verify", headers={"X-API-Key": "hs_guessed"})
    text = client.get("/metrics").text
    assert 'homeostat_api_key_requests_total{holder="shop",status="200"} 1.0' in text
    assert 'homeostat_api_key_requests_total{holder="none",status="401"} 1.0' in text
    assert "homeostat_api_keys 2.0" in text
    assert "hs_" not in text


def test_a_made_key_is_let_in_by_its_line():
    made = subprocess.run(
        [sys.executable, "-m", "serving.api_keys", "new", "shop"], capture_output=True, text=True, check=True
    ).stdout
    key, line = (row.split(maxsplit=1)[1] for row in made.splitlines())
    assert holder(key, parse(line)) == "shop"


def test_a_name_that_breaks_the_file_is_refused():
    ran = subprocess.run(
        [sys.executable, "-m", "serving.api_keys", "new", "a:b"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2
    assert "lower-case" in ran.stderr


@given(st.text(), st.lists(st.text(), max_size=5))
def test_only_the_holder_of_a_key_is_found(presented, others):
    keys = parse("\n".join([f"shop:{hash_of(SHOP)}", *(f"other:{hash_of(other)}" for other in others)]))
    expected = "other" if presented in others else "shop" if presented == SHOP else None
    assert holder(presented, keys) == expected


@given(st.text())
def test_any_file_gives_keys_or_a_reason(text):
    try:
        keys = parse(text)
    except KeysUnreadable:
        return
    assert all(len(key.hash) == 64 for key in keys)


def test_no_two_made_keys_are_equal():
    assert len({new_key() for _ in range(100)}) == 100
