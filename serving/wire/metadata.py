"""What the server and its model say of themselves in V2, encoded once: it does not change while they run."""

from __future__ import annotations

from typing import Any

import orjson

from serving.bundle import BundleManifest, FeatureType

PLATFORM = "homeostat_tabular"
SERVER = {"name": "homeostat", "version": "0.1.0", "extensions": ["binary_tensor_data"]}

_DATATYPES = {FeatureType.FLOAT: "FP64", FeatureType.INTEGER: "INT64", FeatureType.BOOLEAN: "BOOL"}


def server_metadata() -> bytes:
    """Name, version and extensions of the server."""
    return orjson.dumps(SERVER)


def model_metadata(manifest: BundleManifest, version: str) -> bytes:
    """The model's name and version, a tensor for each feature, and the two that answer."""
    return orjson.dumps(
        {
            "name": manifest.model,
            "versions": [version],
            "platform": PLATFORM,
            "inputs": [
                {"name": feature.name, "datatype": _DATATYPES[feature.dtype], "shape": [-1, 1]}
                for feature in manifest.features
            ],
            "outputs": _outputs(manifest),
        }
    )


def _outputs(manifest: BundleManifest) -> list[dict[str, Any]]:
    classes = list(manifest.classes)
    return [
        {"name": "label", "datatype": "BYTES" if isinstance(classes[0], str) else "INT64", "shape": [-1]},
        {
            "name": "probabilities",
            "datatype": "FP64",
            "shape": [-1, len(classes)],
            # the protocol's parameters are scalars, so the list is JSON inside of a string
            "parameters": {"classes": orjson.dumps(classes).decode()},
        },
    ]
