# pyright: basic
# MLflow's model classes are untyped.
"""The description that MLflow's own tools read beside the bundle: signature, flavours, an input example.

It points at the bundle's ``model.pkl`` instead of holding a copy, so the registry knows the gated bytes only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

from ct.data.dataset import Dataset
from ct.spec import ModelSpec
from serving.bundle import MODEL_FILE

EXAMPLE_FILE = "input_example.json"


def write_mlmodel(folder: Path, spec: ModelSpec, example_rows: Dataset) -> None:
    """Write ``MLmodel`` and the input example into ``folder``, which holds the bundle."""
    from mlflow.models import Model  # noqa: PLC0415 - MLflow reads its environment when it is imported

    columns = list(spec.feature_names)
    rows = [[None if np.isnan(value) else float(value) for value in row] for row in example_rows.X]
    (folder / EXAMPLE_FILE).write_text(json.dumps({"columns": columns, "data": rows}) + "\n")
    model = Model(
        signature=_signature(spec),
        saved_input_example_info={
            "artifact_path": EXAMPLE_FILE,
            "type": "dataframe",
            "pandas_orient": "split",
        },
    )
    model.add_flavor("python_function", loader_module="mlflow.sklearn", model_path=MODEL_FILE)
    model.add_flavor(
        "sklearn",
        pickled_model=MODEL_FILE,
        sklearn_version=sklearn.__version__,
        serialization_format="cloudpickle",
        code=None,
    )
    model.save(str(folder / "MLmodel"))


def _signature(spec: ModelSpec) -> Any:
    from mlflow.models import ModelSignature  # noqa: PLC0415 - as above
    from mlflow.types import ColSpec, DataType, Schema  # noqa: PLC0415 - as above

    inputs: list[Any] = [
        ColSpec(DataType.double, feature.name, not feature.nullable) for feature in spec.features
    ]
    return ModelSignature(inputs=Schema(inputs), outputs=Schema([ColSpec(DataType.long)]))
