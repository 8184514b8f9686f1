"""Ports are the wished ones when free, never given twice, and remembered."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.process.errors import UnknownServiceError
from infra.process.state.port_claims import PortClaims
from infra.process.state.ports import PortBook, any_free_port, is_free


def everything_is_free(port: int) -> bool:
    return True


def test_a_free_default_is_taken(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json", {}, everything_is_free)
    book.declare("web", 5000)
    assert (book.port("web"), book.wished("web")) == (5000, 5000)


def test_a_busy_default_gives_way_to_the_next_free_port(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json", {}, lambda port: port not in {5000, 5001})
    book.declare("web", 5000)
    assert (book.port("web"), book.wished("web")) == (5002, 5000)


def test_a_replacement_does_not_take_the_port_that_another_wishes(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json", {"late": 5001}, lambda port: port != 5000)
    book.declare("early", 5000)
    book.declare("late", 6000)
    assert (book.port("early"), book.port("late")) == (5002, 5001)


def test_a_choice_is_remembered_even_when_the_wished_port_is_free_again(tmp_path: Path) -> None:
    before = PortBook(tmp_path / "ports.json", {}, lambda port: port != 5000)
    before.declare("web", 5000)
    before.port("web")
    after = PortBook(tmp_path / "ports.json", {}, everything_is_free)
    after.revisit()
    assert after.port("web") == 5001


def test_a_remembered_port_that_is_taken_meanwhile_is_replaced(tmp_path: Path) -> None:
    before = PortBook(tmp_path / "ports.json", {}, everything_is_free)
    before.declare("web", 5000)
    before.port("web")
    after = PortBook(tmp_path / "ports.json", {}, lambda port: port != 5000)
    after.declare("web", 5000)
    after.revisit()
    assert after.port("web") == 5001


def test_a_new_wish_of_the_owner_replaces_a_remembered_port(tmp_path: Path) -> None:
    before = PortBook(tmp_path / "ports.json", {}, everything_is_free)
    before.declare("web", 5000)
    before.port("web")
    after = PortBook(tmp_path / "ports.json", {"web": 7000}, everything_is_free)
    after.revisit()
    assert after.port("web") == 7000


def test_a_service_that_nobody_declared_is_named_with_those_that_are(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json", {}, everything_is_free)
    book.declare("mlflow", 5000)
    with pytest.raises(UnknownServiceError, match="no service 'mlfow' listens here; known are: mlflow"):
        book.port("mlfow")


def test_a_damaged_memory_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"web": ')
    book = PortBook(tmp_path / "ports.json", {}, everything_is_free)
    book.declare("web", 5000)
    assert book.port("web") == 5000


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])


@settings(max_examples=25, deadline=None)
@given(
    wished=st.lists(st.integers(5000, 5005), min_size=1, max_size=8),
    busy=st.sets(st.integers(5000, 5010), max_size=6),
)
def test_no_port_is_ever_given_twice_or_to_a_busy_one(wished: list[int], busy: set[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = PortBook(Path(folder) / "ports.json", {}, lambda port: port not in busy)
        for number, port in enumerate(wished):
            book.declare(f"service-{number}", port)
        given_ports = [book.port(f"service-{number}") for number in range(len(wished))]
    assert len(set(given_ports)) == len(given_ports)
    assert not busy & set(given_ports)


def test_a_port_that_another_platform_claims_is_not_taken_though_nothing_listens_yet() -> None:
    port = any_free_port()
    first, second = PortClaims(), PortClaims()
    assert first.claim(port)
    assert first.claim(port)
    assert is_free(port)
    assert not second.claim(port)


def test_a_claim_ends_with_the_process_that_holds_it() -> None:
    port = any_free_port()
    program = (
        f"import sys; from infra.process.state.port_claims import PortClaims; claims = PortClaims();"
        f"print(claims.claim({port}), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "True\n"
        assert not PortClaims().claim(port)
        other.kill()
    assert PortClaims().claim(port)


def test_a_port_with_a_listener_can_not_be_claimed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        claims = PortClaims()
        assert not claims.claim(port)
    assert claims.claim(port)
