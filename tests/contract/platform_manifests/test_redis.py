"""Redis as its pod starts it: nobody without the password, and what was written outlives a kill."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import await_
from tests.contract.platform_manifests.postgresql import ROOT
from tests.programs import find

pytestmark = pytest.mark.packages
SCRIPTS = ROOT / "manifests/redis/base/scripts"
PASSWORD = 'it\'s "quoted" $HOME'


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    places = {"CREDENTIALS": tmp_path / "credentials", "DATA": tmp_path / "data", "RUN": tmp_path / "run"}
    for place in (*places.values(), tmp_path / "bin"):
        place.mkdir()
    (places["CREDENTIALS"] / "password").write_text(PASSWORD)
    server = find("deb", "redis-server")
    (tmp_path / "bin" / "redis-server").symlink_to(server)
    (tmp_path / "bin" / "redis-cli").write_text(client(server))
    (tmp_path / "bin" / "redis-cli").chmod(0o755)
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        **{name: str(place) for name, place in places.items()},
        "LISTEN": LOOPBACK,
        "PORT": str(any_free_port()),
    }


def client(server: Path) -> str:
    """A script that runs redis-cli, which lies in the package of the server."""
    unpacked = server.parents[1]
    libraries = ":".join(sorted({str(library.parent) for library in unpacked.rglob("*.so*")}))
    return f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{unpacked}/usr/bin/redis-cli" "$@"\n'


@contextmanager
def redis(environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(["sh", SCRIPTS / "redis.sh"], env=environment, stdout=subprocess.DEVNULL)
    try:
        await_("the probe succeeds", lambda: process.poll() is None and probe(environment))
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def probe(environment: dict[str, str]) -> bool:
    asked = ["sh", SCRIPTS / "ping.sh"]
    return subprocess.run(asked, env=environment, capture_output=True, check=False).returncode == 0


def say(environment: dict[str, str], *words: str, password: str = PASSWORD) -> str:
    address = ["-h", LOOPBACK, "-p", environment["PORT"]]
    return subprocess.run(
        ["redis-cli", *address, *words],
        env={**environment, "REDISCLI_AUTH": password},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout.strip()


def test_nobody_is_let_in_without_the_password(environment):
    with redis(environment):
        assert say(environment, "PING", password="").startswith("NOAUTH")
        assert say(environment, "PING", password="guessed").startswith("NOAUTH")
        assert say(environment, "PING") == "PONG"


def test_the_probe_fails_where_the_password_is_wrong(environment):
    with redis(environment):
        (Path(environment["CREDENTIALS"]) / "password").write_text("another")
        assert not probe(environment)


def test_what_was_written_outlives_a_kill(environment):
    with redis(environment) as process:
        assert say(environment, "SET", "window", "7") == "OK"
        log = Path(environment["DATA"]) / "appendonlydir"
        await_("the write is in the file", lambda: any(b"window" in f.read_bytes() for f in log.iterdir()))
        process.kill()
        process.wait(timeout=30)
    with redis(environment):
        assert say(environment, "GET", "window") == "7"


def test_the_password_is_in_no_argument_and_no_environment(environment):
    with redis(environment) as process:
        folder = Path("/proc") / str(process.pid)
        assert PASSWORD.encode() not in (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        assert PASSWORD not in (Path(environment["RUN"]) / "redis.conf").read_text()


def test_what_could_undo_the_configuration_is_refused(environment):
    with redis(environment):
        for command in (("CONFIG", "GET", "dir"), ("SHUTDOWN",), ("FLUSHALL",)):
            assert say(environment, *command).startswith("NOPERM"), command
