"""What the environment says of a model server, and how its mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from serving.settings import read_settings


def test_variables_set_the_fields_of_their_names():
    settings = read_settings(
        {"HOMEOSTAT_SERVING_WORKERS": "2", "HOMEOSTAT_SERVING_CAPTURE_DIRECTORY": "/x", "PATH": "/bin"}
    )
    assert (settings.workers, settings.capture_directory) == (2, Path("/x"))


def test_an_empty_variable_is_not_set():
    assert read_settings({"HOMEOSTAT_SERVING_WORKERS": ""}).workers is None


def test_every_mistake_is_told_at_once():
    with pytest.raises(ConfigError) as caught:
        read_settings({"HOMEOSTAT_SERVING_WORKERS": "0", "HOMEOSTAT_SERVING_DEADLINE": "9"})
    assert "workers" in str(caught.value)
    assert "deadline" in str(caught.value)
