"""Which models must be trained again: one digest over everything that could change a model or its endpoint.

It covers the model's folder, the harness, the gates, the service and the kernel that are packaged with the
model, the locked requirements, and the data itself. Pages and tests are left out: they change no model. Files
are hashed as they lie in the working tree, which equals the commit in every checkout that a pipeline makes.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ct.checkout import files
from homeostat import digest

SHARED = ("homeostat", "lifecycle", "model-source/ct", "serving", "requirements")


def inputs_digest(root: Path, model: str, data_sha256: str) -> str:
    """The digest for ``model`` with its data.

    Raises:
        MachineError: when ``root`` is no git checkout.
    """
    names = files(root, (*SHARED, f"model-source/{model}"))
    parts = [(name, digest.of_file(root / name)) for name in names if _matters(PurePosixPath(name))]
    return digest.of_parts([*parts, ("data", data_sha256)])


def _matters(path: PurePosixPath) -> bool:
    return path.suffix != ".md" and "tests" not in path.parts
