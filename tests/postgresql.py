"""A real PostgreSQL on loopback with a database for each test, where one can be had."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text

from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import await_
from tests.contract.platform_manifests.postgresql import SERVER_USER, programs


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running server."""

    port: int

    def url(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return f"postgresql://postgres@{LOOPBACK}:{self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of an empty database, which is gone when the block ends."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = create_engine(
            self.url().replace("postgresql:", "postgresql+psycopg2:"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@contextmanager
def postgresql() -> Iterator[PostgreSQL]:
    """Run a server until the block ends; skips the test, with the reason, where there is none to run."""
    with tempfile.TemporaryDirectory(prefix="homeostat-postgresql-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("data", "sockets"):
            (folder / part).mkdir()
            # the server refuses root, so it is somebody else then
            (folder / part).chmod(0o777)
        environment = {**os.environ, **programs(folder), "LC_ALL": "C"}
        data = folder / "data" / "pgdata"
        initdb = ["initdb", f"--pgdata={data}", "--username=postgres", "--auth=trust", "--encoding=UTF8"]
        _finish([*initdb, "--no-sync"], environment)
        yield from _served(data, folder, environment)


def _served(data: Path, folder: Path, environment: dict[str, str]) -> Iterator[PostgreSQL]:
    port = any_free_port()
    options = {"listen_addresses": LOOPBACK, "unix_socket_directories": str(folder / "sockets")}
    # what is tested is what the code does; that a commit syncs is the server's own promise
    options |= {"fsync": "off", "max_connections": "100"}
    command = [
        "postgres",
        f"-D{data}",
        f"-p{port}",
        *(f"-c{name}={value}" for name, value in options.items()),
    ]
    log = folder / "server.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream, **_as_somebody())
    ready = ["pg_isready", "--quiet", f"--host={LOOPBACK}", f"--port={port}"]

    def answers() -> bool:
        assert server.poll() is None, log.read_text(encoding="utf-8")
        return subprocess.run(ready, env=environment, timeout=30, check=False).returncode == 0

    try:
        await_("PostgreSQL answers", answers)
        yield PostgreSQL(port)
    finally:
        server.send_signal(2)
        server.wait(timeout=60)


def _finish(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False, **_as_somebody()
    )
    assert done.returncode == 0, done.stderr


def _as_somebody() -> dict[str, object]:
    """Popen's arguments for another user, where the tests run as root."""
    return (
        {"user": SERVER_USER, "group": SERVER_USER, "extra_groups": [], "cwd": "/"}
        if os.getuid() == 0
        else {}
    )
