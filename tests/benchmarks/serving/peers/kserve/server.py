"""kserve's own ModelServer in one process: ``server.py MODEL_FOLDER PORT``."""

import pickle
import sys
from pathlib import Path

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.utils.utils import generate_uuid


class Estimator(Model):
    """Answers the probabilities of all classes, as kserve's documentation writes a custom predictor."""

    def __init__(self, folder):
        super().__init__("bench")
        self._estimator = pickle.loads((folder / "model.pkl").read_bytes())
        self.ready = True

    async def predict(self, payload: InferRequest, headers=None, response_headers=None):
        # Called in the loop: faster in one process than a hop to a thread and back.
        del headers, response_headers
        probabilities = self._estimator.predict_proba(payload.inputs[0].as_numpy())
        output = InferOutput("probabilities", list(probabilities.shape), "FP64")
        output.set_data_from_numpy(probabilities, binary_data=bool(payload.use_binary_outputs))
        return InferResponse(payload.id or generate_uuid(), self.name, [output])


if __name__ == "__main__":
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    # a log line a request would cost it throughput
    ModelServer(http_port=port, workers=1, enable_grpc=False, enable_latency_logging=False).start(
        [Estimator(folder)]
    )
