"""``homeostat.yaml`` is optional, and what it says is checked before anything starts."""

from __future__ import annotations

import pytest

from homeostat.errors import ConfigError
from homeostat.settings import FILE_NAME, Settings, config_files, load_settings


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load_settings(tmp_path) == Settings()
    assert list(config_files(tmp_path)) == []


def test_the_owner_chooses_ports_and_the_pace_of_alerts(tmp_path):
    (tmp_path / FILE_NAME).write_text("ports: {mlflow: 5100}\nalert_time_divisor: 20\n")
    settings = load_settings(tmp_path)
    assert (settings.ports["mlflow"], settings.alert_time_divisor) == (5100, 20.0)


def test_a_wrong_file_is_found_by_the_check_that_start_up_runs(tmp_path):
    (tmp_path / FILE_NAME).write_text("ports: {mlflow: 80}\n")
    (file,) = config_files(tmp_path)
    with pytest.raises(ConfigError, match=r"'ports\.mlflow' is 80"):
        file.check(file.path)
