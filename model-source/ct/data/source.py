# pyright: basic
# pandas' readers are typed only in parts.
"""The rows of a model, as its ``model.yaml`` says: from a loader, or from a file of known bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ct import code
from ct.errors import DataUnavailableError, TrainingCodeError
from ct.spec import MODELS, ModelSpec
from homeostat import digest


def load_rows(spec: ModelSpec, root: Path) -> pd.DataFrame:
    """All rows that may be trained on.

    Raises:
        DataUnavailableError: when the file is missing, unreadable or not the declared one.
        TrainingCodeError: when the loader is missing, raises, or answers something else than a data frame.
    """
    if spec.data.loader:
        frame = code.call(spec.data.loader, root / MODELS)
        if not isinstance(frame, pd.DataFrame):
            raise TrainingCodeError(
                spec.data.loader, [f"must answer a pandas DataFrame, not {type(frame).__name__}."]
            )
        return frame
    return _read(root / MODELS / spec.name / str(spec.data.path), str(spec.data.sha256))


def load_held_out(spec: ModelSpec, root: Path) -> pd.DataFrame | None:
    """The owner's own test rows, if there are any.

    Raises:
        DataUnavailableError: when the file is missing, unreadable or not the declared one.
    """
    test = spec.data.test
    return _read(root / MODELS / spec.name / test.path, test.sha256) if test else None


def _read(path: Path, sha256: str) -> pd.DataFrame:
    if not path.is_file():
        raise DataUnavailableError(path, ["the file does not exist."])
    if (found := digest.of_file(path)) != sha256:
        raise DataUnavailableError(
            path,
            [f"its SHA-256 is {found}, but model.yaml declares {sha256}; declare the new one to accept it."],
        )
    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (ValueError, OSError) as error:
        raise DataUnavailableError(path, [f"can't be read as {path.suffix[1:]} ({error})."]) from error
