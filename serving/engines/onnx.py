# pyright: basic
# ONNX Runtime is typed only in parts.
"""ONNX Runtime: the estimator as a graph, computed without Python."""

from __future__ import annotations

import numpy as np
import onnxruntime

from serving.engines.engine import Probabilities, Rows
from serving.errors import BundleError

#: the graph's only input and the output that is asked for
ROWS = "rows"
PROBABILITIES = "probabilities"

#: ONNX Runtime's own word for each; anything else is no graph of ours
INPUT_TYPES = {"tensor(double)": np.float64, "tensor(float)": np.float32}

#: its warnings are about the machine, not about the model
ERRORS_ONLY = 3


class OnnxEngine:
    """A graph that takes ``rows`` and answers ``probabilities``."""

    def __init__(self, graph: bytes, threads: int = 1) -> None:
        try:
            self._session = onnxruntime.InferenceSession(
                graph, _options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            # Its exceptions share no base class; all of them mean that this graph can't be served.
            raise BundleError(f"ONNX Runtime can't open the model ({_first_line(error)}).") from error
        inputs = {found.name: found.type for found in self._session.get_inputs()}
        outputs = {found.name for found in self._session.get_outputs()}
        if inputs.keys() != {ROWS} or inputs[ROWS] not in INPUT_TYPES or PROBABILITIES not in outputs:
            raise BundleError(
                f"The graph takes {inputs} and answers {sorted(outputs)}: it must take '{ROWS}' of floats "
                f"and answer '{PROBABILITIES}'."
            )
        self._dtype = INPUT_TYPES[inputs[ROWS]]

    def probabilities(self, rows: Rows) -> Probabilities:
        """Run the graph; a session may be run from several threads at once."""
        # A value beyond single precision becomes infinite, as it does inside of a graph.
        with np.errstate(over="ignore"):
            given = np.ascontiguousarray(rows, dtype=self._dtype)
        (found,) = self._session.run([PROBABILITIES], {ROWS: given})
        return np.asarray(found, dtype=np.float64)


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = ERRORS_ONLY
    # A thread that spins while it waits takes the core from another worker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
