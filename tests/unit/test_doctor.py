"""The doctor runs every room's checkups, whatever they do, and tells people and machines what it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from homeostat.doctor import Checkup, Examined, Finding, Level, any_failed, examine, run_all
from homeostat.errors import ConfigError, MachineError
from homeostat.yaml_text import to_yaml
from tests.unit.infra.definition.wanted import content

ROOT = Path(__file__).parents[2]
ROOM = """
from homeostat.doctor import Checkup, Finding, Level

def checkups(root, state):
    return [Checkup("made-up room", lambda: Finding(Level.{level}, "seen [bold].", "do [this]"))]

def broken(root, state):
    raise OSError("no such bus")
"""


@pytest.fixture
def root(tmp_path):
    """A folder that looks like the repository, without any of its configuration."""
    (tmp_path / "model-source").mkdir()
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


@pytest.fixture
def rooms(tmp_path):
    """Installs a made-up distribution with the entry points that it is given; where it lies."""

    def install(level: str, *names: str) -> Path:
        folder = tmp_path / "installed"
        information = folder / "made_up-1.dist-info"
        information.mkdir(parents=True)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1\n")
        points = "\n".join(f"{name} = made_up_room:{name}" for name in names)
        (information / "entry_points.txt").write_text(f"[homeostat.checkups]\n{points}\n")
        (folder / "made_up_room.py").write_text(ROOM.format(level=level))
        return folder

    return install


def doctor(*words: str, root: Path, also: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOMEOSTAT_")}
    paths = [str(path) for path in (ROOT, ROOT / "model-source", also) if path]
    return subprocess.run(
        [sys.executable, "-m", "homeostat", *words],
        cwd=root,
        env=environment | {"PYTHONPATH": os.pathsep.join(paths), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def levels(findings: list[Examined]) -> list[tuple[str, Level]]:
    return [(one.name, one.finding.level) for one in findings]


def raising(error: Exception) -> Checkup:
    def run() -> Finding:
        raise error

    return Checkup("a", run)


def test_findings_keep_the_order_of_their_checkups():
    names = [str(place) for place in range(30)]
    made = [Checkup(name, lambda: Finding(Level.OK, "seen.")) for name in names]
    assert [one.name for one in run_all(made)] == names


def test_checkups_run_side_by_side():
    # each waits until the other is there: one after the other would never end
    meeting = threading.Barrier(2, timeout=60)

    def wait() -> Finding:
        meeting.wait()
        return Finding(Level.OK, "met.")

    assert levels(list(run_all([Checkup("a", wait), Checkup("b", wait)]))) == [
        ("a", Level.OK),
        ("b", Level.OK),
    ]


@pytest.mark.parametrize(
    ("error", "level", "sentence"),
    [
        (MachineError("the bus is missing."), Level.FAILED, "the bus is missing."),
        (KeyError("bus"), Level.FAILED, "the checkup itself broke: KeyError: 'bus'."),
        (RuntimeError(), Level.FAILED, "the checkup itself broke: RuntimeError."),
        (ConfigError("cluster.yaml", ["wrong."]), Level.SKIPPED, "it can't be told while"),
    ],
)
def test_what_a_checkup_raises_is_a_finding(error, level, sentence):
    (seen,) = run_all([raising(error)])
    assert seen.finding.level is level
    assert seen.finding.sentence.startswith(sentence)


def test_a_secret_in_what_a_checkup_raises_is_redacted():
    (seen,) = run_all([raising(OSError("refused password=hunter22xyz"))])
    assert "hunter22xyz" not in seen.finding.sentence


def test_a_room_that_breaks_hides_no_other(root, rooms, monkeypatch):
    monkeypatch.syspath_prepend(str(rooms("OK", "broken", "checkups", "absent")))
    found = dict(levels(list(examine(root, root / "state"))))
    assert found["broken"] is Level.FAILED
    assert found["absent"] is Level.FAILED
    assert found["made-up room"] is Level.OK


def test_only_a_failure_fails():
    seen = [Examined("a", Finding(level, "b.")) for level in Level if level is not Level.FAILED]
    assert not any_failed(seen)
    assert any_failed([*seen, Examined("a", Finding(Level.FAILED, "b."))])


@pytest.mark.parametrize(("level", "code"), [("OK", 0), ("WARNING", 0), ("SKIPPED", 0), ("FAILED", 1)])
def test_the_exit_code_tells_a_machine_whether_something_failed(root, rooms, level, code):
    done = doctor("doctor", "--json", root=root, also=rooms(level, "checkups"))
    (seen,) = [one for one in json.loads(done.stdout) if one["name"] == "made-up room"]
    assert seen == {
        "name": "made-up room",
        "level": level.lower(),
        "sentence": "seen [bold].",
        "remedy": "do [this]",
    }
    assert (done.returncode, done.stderr) == (code, "")


def test_people_get_a_table_with_remedies(root, rooms):
    done = doctor("doctor", root=root, also=rooms("FAILED", "checkups"))
    lines = done.stdout.splitlines()
    row = next(place for place, line in enumerate(lines) if line.startswith("made-up room"))
    assert lines[row].split() == ["made-up", "room", "failed", "seen", "[bold]."]
    assert lines[row + 1].strip() == "-> do [this]"
    assert "1 failed" in lines[-1]


def test_on_a_laptop_without_a_definition_the_homelabs_checkups_are_skipped(root):
    done = doctor("doctor", "--json", root=root)
    seen = {one["name"]: one["level"] for one in json.loads(done.stdout)}
    assert seen["configuration"] == seen["program git"] == "ok"
    assert seen["SSH"] == seen["secrets"] == "skipped"


def test_each_mistake_is_a_finding_once_and_stops_no_other_checkup(root):
    found = content()
    found["ssh"]["user"] = "root"
    found["nodes"][0]["disk"] = "1GiB"
    (root / "cluster.yaml").write_text(to_yaml(found))
    seen = list(examine(root, root / "state"))
    failed = [one for one in seen if one.finding.level is Level.FAILED and one.name == "configuration"]
    assert len(failed) == 2
    assert {one.name: one.finding.level for one in seen}["keys"] is Level.SKIPPED
    assert {one.name: one.finding.level for one in seen}["program git"] is Level.OK


def test_warnings_are_told_by_config_check_and_the_doctor(root):
    found = content()
    del found["backups"]
    (root / "cluster.yaml").write_text(to_yaml(found))
    checked = doctor("config", "check", root=root)
    assert checked.returncode == 0
    assert "warning  cluster.yaml: 'backups' is missing" in checked.stdout
    assert "warning" not in doctor("config", "check", "--quiet", root=root).stdout
    seen = [one for one in examine(root, root / "state") if one.finding.level is Level.WARNING]
    assert [one.name for one in seen if "'backups' is missing" in one.finding.sentence] == ["configuration"]
