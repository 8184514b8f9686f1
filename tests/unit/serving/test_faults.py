from __future__ import annotations

from pathlib import Path

import pytest

from serving.faults import FaultFile, NoFaults, faults_from


def test_without_the_variable_there_is_no_switch():
    assert isinstance(faults_from({}), NoFaults)


def test_a_missing_file_is_no_fault_and_each_change_is_seen(tmp_path: Path):
    path = tmp_path / "faults.json"
    switch = faults_from({"HOMEOSTAT_FAULTS_FILE": str(path)})
    assert isinstance(switch, FaultFile)
    assert switch.current().predict_delay_seconds == 0
    path.write_text('{"predict_delay_seconds": 0.8}')
    assert switch.current().predict_delay_seconds == 0.8
    path.unlink()
    assert switch.current().predict_delay_seconds == 0


@pytest.mark.parametrize(
    "text", ["", "{", '{"predict_delay_seconds": -1}', '{"predict_delay_seconds": 1e9}', '{"x": 1}']
)
def test_a_file_that_can_not_be_understood_sets_no_fault(tmp_path: Path, text: str):
    (tmp_path / "faults.json").write_text(text)
    assert FaultFile(tmp_path / "faults.json").current().predict_delay_seconds == 0
