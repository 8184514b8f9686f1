"""A real PostgreSQL 15 on loopback, started by the script that starts it in the cluster."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.process.state.ports import LOOPBACK, any_free_port
from infra.programs.debian import Debian
from infra.programs.program import DebianPackage, Program, Unavailable
from tests.apiserver import await_

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "manifests/mlflow/base/scripts"
INSTALLED = Path("/usr/lib/postgresql/15/bin")
PASSWORD = 'it\'s "quoted" $HOME'
#: the server refuses root; this user has a name everywhere, and the backups' has none, as in their image
SERVER_USER, BACKUP_USER = 65534, 10001
_PACKAGED = Program(
    "postgres",
    debian=DebianPackage(
        "postgresql-15",
        "usr/lib/postgresql/15/bin/postgres",
        libraries=("postgresql-client-15", "libpq5", "libicu72", "libldap-2.5-0", "libsasl2-2", "libxml2"),
    ),
)


@dataclass(frozen=True, slots=True)
class Database:
    """A running server with the database of the tests."""

    port: int
    #: holds the volumes of the cluster's pods: artifacts, backups and the credentials
    folder: Path
    environment: Mapping[str, str]

    def script(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a script as its pod does."""
        return subprocess.run(
            ["bash", self.folder / "scripts" / name],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **_as(BACKUP_USER),
        )

    def sql(self, statement: str) -> str:
        """What psql prints for the statement."""
        source = f'. {self.folder}/scripts/connection.sh && psql -XqAt --set=ON_ERROR_STOP=1 --command="$1"'
        ran = subprocess.run(
            ["bash", "-c", source, "psql", statement],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()


@contextmanager
def database() -> Iterator[Database]:
    """Run a server with an empty database until the block ends."""
    with tempfile.TemporaryDirectory(prefix="homeostat-postgresql-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = any_free_port()
        yield from _running(_prepared(folder, port), port, folder)


def _prepared(folder: Path, port: int) -> dict[str, str]:
    shutil.copytree(SCRIPTS, folder / "scripts")
    credentials = folder / "credentials"
    credentials.mkdir()
    for key, value in {"username": "mlflow", "password": PASSWORD, "database": "mlflow"}.items():
        (credentials / key).write_text(value, encoding="utf-8")
    for volume in ("data", "artifacts", "backups", "sockets"):
        (folder / volume).mkdir()
        # as local-path makes them
        (folder / volume).chmod(0o777)
    return {
        **programs(folder),
        "CREDENTIALS": str(credentials),
        "PGHOST": LOOPBACK,
        "PGPORT": str(port),
        "PGDATA": str(folder / "data" / "pgdata"),
        "SOCKETS": str(folder / "sockets"),
        "LISTEN": LOOPBACK,
        "BACKUPS": str(folder / "backups"),
        "ARTIFACTS": str(folder / "artifacts"),
        "KEEP": "3",
    }


def programs(folder: Path) -> dict[str, str]:
    """PATH and libraries: the machine's PostgreSQL, else Debian's, unpacked where any user may read it."""
    if INSTALLED.is_dir():
        return {"PATH": f"{INSTALLED}:{os.environ['PATH']}"}
    try:
        Debian(folder / "packages").obtain(_PACKAGED, lambda what: None)
    except Unavailable as error:
        pytest.skip(f"no PostgreSQL 15: {error}")
    unpacked = folder / "packages" / "postgresql-15"
    libraries = sorted({str(library.parent) for library in unpacked.rglob("*.so*")})
    return {
        "PATH": f"{unpacked}/{INSTALLED.relative_to('/')}:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": ":".join(libraries),
    }


def _running(environment: dict[str, str], port: int, folder: Path) -> Iterator[Database]:
    log = folder / "server.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            ["bash", folder / "scripts" / "postgresql.sh"],
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            **_as(SERVER_USER),
        )
    try:
        ready = ["bash", "-c", "pg_isready --quiet --host=127.0.0.1 --username=any --dbname=any"]

        def answers() -> bool:
            assert server.poll() is None, log.read_text(encoding="utf-8")
            return subprocess.run(ready, env=environment, timeout=30, check=False).returncode == 0

        await_("PostgreSQL answers", answers)
        yield Database(port, folder, environment)
    finally:
        server.send_signal(2)
        server.wait(timeout=60)


def _as(user: int) -> dict[str, object]:
    """Popen's arguments for another user, where the tests run as root."""
    return {"user": user, "group": user, "extra_groups": []} if os.getuid() == 0 else {}
