# pyright: basic
# MLflow's server modules are untyped.
"""MLflow's tracking server and model registry in one process: ``python -m ct.recording.tracking_server``.

``mlflow server`` starts a tree of processes (a supervisor, workers, a job runner), any of which can outlive a
kill. Here uvicorn serves the same application in this process alone. Runs are in SQLite, artifacts are
proxied, and both lie in one folder. Jobs and telemetry are off.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Annotated

import typer

HOST = "127.0.0.1"


def environment(folder: Path) -> dict[str, str]:
    """What MLflow's application reads when it is imported."""
    database = f"sqlite:///{folder / 'mlflow.db'}"
    return {
        "_MLFLOW_SERVER_FILE_STORE": database,
        "_MLFLOW_SERVER_REGISTRY_STORE": database,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
        # As "mlflow server" sets them: they mark a server, which must never run code that a client stored.
        "_MLFLOW_SERVER_BOOT_ID": uuid.uuid4().hex,
        "_MLFLOW_IN_JOB_EXECUTOR": "false",
        "_MLFLOW_SGI_NAME": "uvicorn",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }


def serve(
    folder: Annotated[Path, typer.Option("--folder", help="Where runs and artifacts are kept.")],
    port: Annotated[int, typer.Option("--port", help="The loopback port to listen on.")],
) -> None:
    """Serve MLflow on loopback until told to stop."""
    (folder / "artifacts").mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(folder.resolve()))
    import uvicorn  # noqa: PLC0415 - only after the environment is set
    from mlflow.server.fastapi_app import app  # noqa: PLC0415 - only after the environment is set
    from mlflow.server.handlers import initialize_backend_stores  # noqa: PLC0415 - as above

    # Healthy must mean usable: the database is made before the port answers.
    initialize_backend_stores(
        os.environ["_MLFLOW_SERVER_FILE_STORE"], None, os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"]
    )
    uvicorn.run(app, host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    typer.run(serve)
