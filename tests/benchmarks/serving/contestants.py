"""Who takes part: our server, its peers and the floor, each with its best settings for one process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serving.bento_layout import source_directory
from tests.benchmarks.serving.environments import PEERS, ROOT, python_of
from tests.benchmarks.serving.model_files import ASKED, NATIVE, ONNX, Prepared
from tests.benchmarks.serving.wires import (
    BENTOML_JSON,
    FASTAPI_JSON,
    MLFLOW_JSON,
    MLSERVER_JSON,
    V2_BINARY,
    V2_JSON,
    Wire,
)

#: in every server one request uses one thread, and scikit-learn does not look for NaN in it, which ours sets
FOR_ALL = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMEXPR_NUM_THREADS",
        "SKLEARN_ASSUME_FINITE",
    ),
    "1",
)


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server as it is started and asked."""

    name: str
    #: folder of its server and requirements below ``peers``; None for ours
    peer: str | None
    wires: Mapping[str, Wire]
    engine: str = NATIVE
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    #: on the servers' core; the others may use every core, the client's too
    pinned: bool = True
    #: answers without a model, so its numbers are not compared
    floor: bool = False
    #: explains another one's figures: one row in JSON at full load of the linear model only
    beside: bool = False

    @property
    def compared_as(self) -> str:
        """The engine of the cells in which it takes part."""
        return ONNX if self.engine == ONNX else NATIVE

    def launch(self, prepared: Prepared, port: int) -> tuple[Sequence[str], Mapping[str, str]]:
        """Command and environment.

        Raises:
            NotToBeHad: when the peer's environment can't be made.
        """
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOMEOSTAT_")}
        environment = inherited | FOR_ALL
        if self.peer is None:
            command = [sys.executable, "-m", "serving", "--release", str(prepared.release)]
            command += ["--bento", str(prepared.bento), "--port", str(port)]
            return command, environment | _of_ours(prepared) | self.environment
        # its compiled files are kept with its environment: without them MLflow takes half a minute to start
        for variable in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
            environment.pop(variable, None)
        python = sys.executable if self.peer == "echo" else str(python_of(self.peer))
        server = PEERS / self.peer / "server.py"
        return [python, str(server), str(prepared.folder), str(port), *self.arguments], (
            environment | self.environment
        )


def _of_ours(prepared: Prepared) -> Mapping[str, str]:
    return {
        "PYTHONPATH": str(source_directory(prepared.bento)),
        # compiled files inside of the bento would change its digest
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPYCACHEPREFIX": str(prepared.folder / "pycache"),
        "BENTOML_HOME": str(prepared.folder / "bentoml"),
    }


_ONE_WORKER = {"HOMEOSTAT_SERVING_WORKERS": "1"}
_V2 = {"JSON": V2_JSON, "binary": V2_BINARY}

OURS = Contestant("homeostat", None, _V2, environment=_ONE_WORKER)
OURS_ONNX = Contestant("homeostat, ONNX", None, _V2, ONNX, environment=_ONE_WORKER)
OURS_TWO_WORKERS = Contestant(
    "homeostat, 2 workers, not pinned",
    None,
    _V2,
    environment={"HOMEOSTAT_SERVING_WORKERS": "2"},
    pinned=False,
    beside=True,
)
OURS_ASKING = Contestant(
    "homeostat, predict_proba", None, {"JSON": V2_JSON}, ASKED, environment=_ONE_WORKER, beside=True
)
KSERVE = Contestant(
    "kserve ModelServer",
    "kserve",
    _V2,
    # which would make it write a line a request
    arguments=("--configure_logging", "false"),
)
MLSERVER = Contestant("MLServer", "mlserver", {"JSON": MLSERVER_JSON})
MLFLOW = Contestant("MLflow scoring server", "mlflow", {"JSON": MLFLOW_JSON})
BENTOML = Contestant("BentoML API route", "bentoml", {"JSON": BENTOML_JSON})
FASTAPI = Contestant("FastAPI", "fastapi", {"JSON": FASTAPI_JSON})
FASTAPI_ONNX = Contestant("FastAPI, ONNX", "fastapi", {"JSON": FASTAPI_JSON}, ONNX, ("onnx",))
FASTAPI_OUR_ENGINE = Contestant(
    "FastAPI, our native engine",
    "fastapi",
    {"JSON": FASTAPI_JSON},
    arguments=("our-engine",),
    environment={"PYTHONPATH": str(ROOT)},
    beside=True,
)
ECHO = Contestant("echo", "echo", {"JSON": V2_JSON}, floor=True)

#: the frameworks; the best of them is what we compare with
FRAMEWORKS = (KSERVE, MLSERVER, MLFLOW, BENTOML)
ALL = (
    OURS,
    *FRAMEWORKS,
    FASTAPI,
    ECHO,
    OURS_ONNX,
    FASTAPI_ONNX,
    OURS_ASKING,
    FASTAPI_OUR_ENGINE,
    OURS_TWO_WORKERS,
)
