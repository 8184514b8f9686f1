"""MLServer with its own runtimes, in one process: ``server.py MODEL_FOLDER PORT``."""

import json
import os
import pickle
import socket
import sys
from pathlib import Path


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def lay_out(folder, port):
    """The folder that ``mlserver start`` wants."""
    place = folder / f"mlserver-{port}"
    place.mkdir()
    # 0 workers: inference in the process that answers, without queues between processes
    settings = {
        "host": "127.0.0.1",
        "http_port": port,
        "grpc_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": 0,
        "debug": False,
    }
    estimator = pickle.loads((folder / "model.pkl").read_bytes())
    if type(estimator).__module__.startswith("xgboost"):
        runtime, file = "mlserver_xgboost.XGBoostModel", "model.json"
        estimator.save_model(place / file)
    else:
        runtime, file = "mlserver_sklearn.SKLearnModel", "model.joblib"
        # joblib reads plain pickles: the bytes that all servers load
        (place / file).write_bytes((folder / "model.pkl").read_bytes())
    model = {"name": "bench", "implementation": runtime, "parameters": {"uri": f"./{file}"}}
    (place / "settings.json").write_text(json.dumps(settings))
    (place / "model-settings.json").write_text(json.dumps(model))
    return place


if __name__ == "__main__":
    place = lay_out(Path(sys.argv[1]), int(sys.argv[2]))
    program = str(Path(sys.executable).parent / "mlserver")
    os.execv(program, [program, "start", str(place)])
