"""MLflow's record and artifacts are destroyed in the cluster, and come back from a backup by a Job."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator

import httpx
import pytest

from tests.cluster.live import Live, eventually

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

CONTENT = b"the bytes that were gated"
DESTROY = "psql -qc 'DROP SCHEMA public CASCADE; CREATE SCHEMA public'"
PSQL = f". /scripts/connection.sh; export PGHOST=127.0.0.1; {DESTROY}"
WIPE = (
    "import pathlib, shutil\n"
    "for path in pathlib.Path('/artifacts').iterdir():\n"
    "    shutil.rmtree(path) if path.is_dir() else path.unlink()"
)


@pytest.fixture
def job(live: Live) -> Iterator:
    """Run a CronJob once, as a person does; what it said."""
    made: list[str] = []

    def run(cron_job: str) -> str:
        name = f"{cron_job}-{secrets.token_hex(3)}"
        made.append(name)
        live.kubectl("create", "job", name, f"--from=cronjob/{cron_job}", "-n", "mlops")

        def ended() -> dict:
            status = live.get("job", name, "-n", "mlops").get("status", {})
            return status if status.get("succeeded") or status.get("failed") else {}

        status = eventually(ended)
        said = live.kubectl("logs", f"job/{name}", "-n", "mlops")
        assert status.get("succeeded"), said
        return said

    yield run
    for name in made:
        live.run("delete", "job", name, "-n", "mlops", "--ignore-not-found")


def test_what_was_destroyed_comes_back(live: Live, job) -> None:
    url = live.url("mlflow", "mlops")
    run = recorded(url)
    assert "bytes of artifacts" in job("mlflow-backup")

    live.kubectl("exec", "-n", "mlops", "mlflow-postgresql-0", "--", "bash", "-c", PSQL)
    live.kubectl("exec", "-n", "mlops", "deployment/mlflow", "--", "python", "-c", WIPE)
    assert not httpx.get(artifact(url, run), trust_env=False, timeout=30).is_success

    assert "the artifacts are those of" in job("mlflow-restore")
    live.kubectl("delete", "pod", "-n", "mlops", "-l", "app.kubernetes.io/name=mlflow", "--wait=true")
    found = eventually(lambda: asked(url, run))
    assert found["run"]["data"]["metrics"][0]["value"] == 0.97
    assert httpx.get(artifact(url, run), trust_env=False, timeout=30).content == CONTENT


def recorded(url: str) -> str:
    """A run with a metric and an artifact; its id."""
    api = f"{url}/api/2.0/mlflow"
    with httpx.Client(trust_env=False, timeout=60) as client:
        made = client.post(f"{api}/runs/create", json={"experiment_id": "0"}).raise_for_status().json()
        run = made["run"]["info"]["run_id"]
        metric = {"run_id": run, "key": "accuracy", "value": 0.97, "timestamp": 1}
        client.post(f"{api}/runs/log-metric", json=metric).raise_for_status()
        client.put(artifact(url, run), content=CONTENT).raise_for_status()
    return run


def artifact(url: str, run: str) -> str:
    return f"{url}/api/2.0/mlflow-artifacts/artifacts/0/{run}/artifacts/model.pkl"


def asked(url: str, run: str) -> dict:
    """What MLflow says of the run, once it serves again."""
    try:
        answer = httpx.get(
            f"{url}/api/2.0/mlflow/runs/get", params={"run_id": run}, trust_env=False, timeout=30
        )
    except httpx.TransportError:
        return {}
    return json.loads(answer.content) if answer.is_success else {}
