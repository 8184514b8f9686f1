"""The registry and the champion that several tests share, since they take seconds to make."""

from __future__ import annotations

import pandas as pd
import pytest

from ct.recording.registry import Registry, connect
from ct.run import Run
from phishing_detector.train import load
from tests.unit.ct.small_repository import Trainer


@pytest.fixture(scope="session")
def registry_uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture(scope="session")
def registry(registry_uri: str) -> Registry:
    return connect(registry_uri)


@pytest.fixture(scope="session")
def phishing_rows() -> pd.DataFrame:
    return load()


@pytest.fixture(scope="session")
def train_pages(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Trainer:
    return Trainer(tmp_path_factory.mktemp("pages"), registry)


@pytest.fixture(scope="session")
def champion(train_pages: Trainer, phishing_rows: pd.DataFrame) -> Run:
    """The first version, from the rows as they are."""
    return train_pages(phishing_rows)
