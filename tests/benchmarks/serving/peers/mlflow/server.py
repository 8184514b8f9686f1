"""MLflow's scoring server as ``mlflow models serve`` starts it: ``server.py MODEL_FOLDER PORT``."""

import os
import pickle
import sys
from pathlib import Path

import mlflow.sklearn

if __name__ == "__main__":
    folder, port = Path(sys.argv[1]), sys.argv[2]
    saved = folder / f"mlflow-{port}"
    estimator = pickle.loads((folder / "model.pkl").read_bytes())
    # without a signature, which would cost it a check of every request
    mlflow.sklearn.save_model(
        estimator, saved, pyfunc_predict_fn="predict_proba", serialization_format="pickle"
    )
    # the environment and the command that "mlflow models serve --env-manager local --workers 1" makes,
    # less the log line a request
    os.environ["__pyfunc_model_path__"] = str(saved)  # noqa: SIM112 - its name there
    program = str(Path(sys.executable).parent / "uvicorn")
    command = ["--host", "127.0.0.1", "--port", port, "--workers", "1", "--no-access-log"]
    os.execv(program, [program, *command, "mlflow.pyfunc.scoring_server.app:app"])
