"""MLflow as its Deployment runs it, on a real PostgreSQL: its record survives a backup and a restore."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from ruamel.yaml import YAML

from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import await_
from tests.contract.platform_manifests.postgresql import PASSWORD, ROOT, SCRIPTS, Database

pytestmark = [pytest.mark.packages, pytest.mark.timeout(300)]
BIN = Path(sys.executable).parent


def container(kind: str) -> dict:
    deployment = next(iter(YAML(typ="safe").load_all(ROOT / "manifests/mlflow/base/mlflow.yaml")))
    return deployment["spec"]["template"]["spec"][kind][0]


def uri(database: Database) -> str:
    """As the Deployment composes it; Kubernetes does not escape, so real passwords need no escaping."""
    said = next(e["value"] for e in container("containers")["env"] if e["name"] == "MLFLOW_BACKEND_STORE_URI")
    for variable, value in {
        "USERNAME": "mlflow",
        "PASSWORD": quote(PASSWORD, safe=""),
        "NAME": "mlflow",
    }.items():
        said = said.replace(f"$(DATABASE_{variable})", value)
    return said.replace("mlflow-postgresql:5432", f"{LOOPBACK}:{database.port}")


def environment(database: Database, kind: str = "containers") -> dict[str, str]:
    """What the Deployment says, with the places of this machine."""
    said = {entry["name"]: entry.get("value", "") for entry in container(kind)["env"]}
    own = {
        "MLFLOW_BACKEND_STORE_URI": uri(database),
        "MLFLOW_ARTIFACTS_DESTINATION": str(database.folder / "artifacts"),
        "HOME": str(database.folder),
    }
    return {"PATH": f"{BIN}:{os.environ['PATH']}", **said, **own}


@contextmanager
def mlflow(database: Database) -> Iterator[str]:
    port = any_free_port()
    program, *arguments = container("containers")["command"]
    replaced = {"--host=0.0.0.0": f"--host={LOOPBACK}", "--port=5000": f"--port={port}"}
    command = [BIN / program, *(replaced.get(argument, argument) for argument in arguments)]
    log = database.folder / "mlflow.log"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            command,
            env=environment(database),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://{LOOPBACK}:{port}"

    def healthy() -> bool:
        assert server.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        try:
            return httpx.get(f"{url}/health", trust_env=False).is_success
        except httpx.TransportError:
            return False

    try:
        await_("MLflow is healthy", healthy)
        yield url
    finally:
        server.terminate()
        assert server.wait(timeout=60) in (0, -15), log.read_text(encoding="utf-8")[-3000:]


def migrated(database: Database) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPTS / "migrate.py"],
        env=environment(database, "initContainers"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def api(url: str, path: str, **json: object) -> dict:
    answer = httpx.post(f"{url}/api/2.0/mlflow/{path}", json=json, trust_env=False, timeout=60)
    assert answer.is_success, answer.text
    return answer.json()


def recorded(url: str, content: bytes) -> str:
    """A run with a metric and an artifact; its id."""
    run = api(url, "runs/create", experiment_id="0")["run"]["info"]
    api(url, "runs/log-metric", run_id=run["run_id"], key="accuracy", value=0.97, timestamp=1)
    put = httpx.put(artifact_url(url, run["run_id"]), content=content, trust_env=False, timeout=60)
    assert put.is_success, put.text
    return run["run_id"]


def artifact_url(url: str, run: str) -> str:
    return f"{url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/model.pkl"


def test_what_mlflow_recorded_survives_its_loss(postgresql):
    assert migrated(postgresql).stdout == "the database is empty\n"
    with mlflow(postgresql) as url:
        run = recorded(url, b"the bytes that were gated")
        for host in ("mlflow.mlops:5000", "mlflow.mlops.svc.cluster.local:5000", "10.42.0.7:5000"):
            assert httpx.get(f"{url}/", headers={"Host": host}, trust_env=False).is_success, host
        assert httpx.get(f"{url}/", headers={"Host": "evil.example"}, trust_env=False).status_code == 403
        processes = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert uri(postgresql) not in processes
    assert "the database has the schema" in migrated(postgresql).stdout

    backup = postgresql.script("backup.sh")
    assert backup.returncode == 0, backup.stderr
    postgresql.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    subprocess.run(["find", postgresql.folder / "artifacts", "-mindepth", "1", "-delete"], check=True)
    restore = postgresql.script("restore.sh")
    assert restore.returncode == 0, restore.stderr

    with mlflow(postgresql) as url:
        found = httpx.get(
            f"{url}/api/2.0/mlflow/runs/get", params={"run_id": run}, trust_env=False, timeout=60
        ).json()
        assert found["run"]["data"]["metrics"][0]["value"] == 0.97
        assert httpx.get(artifact_url(url, run), trust_env=False).content == b"the bytes that were gated"


def test_a_database_of_a_newer_mlflow_is_left_alone(postgresql):
    postgresql.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    postgresql.sql(
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('f00')"
    )
    ran = migrated(postgresql)
    assert ran.returncode == 1
    assert "the schema f00, which only a newer MLflow than this knows" in ran.stderr


def test_an_older_schema_is_brought_up_whole(postgresql):
    postgresql.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    at_revision(postgresql, "acf3f17fdcc7")
    ran = migrated(postgresql)
    assert ran.returncode == 0, ran.stderr
    assert "the database went from schema acf3f17fdcc7 to " in ran.stdout
    assert "the database has the schema" in migrated(postgresql).stdout


def at_revision(database: Database, revision: str) -> None:
    """The tables of MLflow at an earlier revision, by its own migrations."""
    code = (
        "import os, sqlalchemy; from alembic import command; from mlflow.store.db import utils;"
        "from mlflow.store.tracking.dbmodels.initial_models import Base;"
        "engine = sqlalchemy.create_engine(os.environ['MLFLOW_BACKEND_STORE_URI']);"
        "Base.metadata.create_all(engine);"
        "config = utils._get_alembic_config(str(engine.url));"
        "config.attributes['connection'] = engine.connect();"
        f"command.upgrade(config, '{revision}')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(database),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
