from __future__ import annotations

from pathlib import Path

import pytest

from alerting.errors import NotRelocatable
from alerting.relocation import runnable

COMPILED_IN = b"/usr/share/prometheus/alertmanager"


@pytest.fixture
def nowhere(tmp_path) -> Path:
    return tmp_path / "not-installed"


def unpack(folder: Path, content: bytes) -> Path:
    templates = folder / "usr" / "share" / "prometheus" / "alertmanager"
    templates.mkdir(parents=True)
    (templates / "default.tmpl").touch()
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    program.parent.mkdir()
    program.write_bytes(content)
    return program


def test_a_program_that_brings_its_templates_is_run_as_it_is(tmp_path, nowhere):
    program = tmp_path / "bin" / "alertmanager"
    assert runnable(program, tmp_path, nowhere) == (str(program),)


def test_an_installed_package_is_run_as_it_is(tmp_path):
    program = unpack(tmp_path / "package", COMPILED_IN)
    installed = program.parents[1] / "share" / "prometheus" / "alertmanager"
    assert runnable(program, tmp_path / "site", installed) == (str(program),)


def test_a_copy_differs_from_the_unpacked_program_in_the_path_alone(tmp_path, nowhere):
    program = unpack(tmp_path / "package", b"\x7fELF" + COMPILED_IN + b"/ui/1" + COMPILED_IN + b"2")
    command = runnable(program, tmp_path / "site", nowhere)
    copy = Path(command[-1]).read_bytes()
    assert len(copy) == len(program.read_bytes())
    assert COMPILED_IN not in copy
    assert copy.replace(b"/proc/self/fd/9".ljust(len(COMPILED_IN), b"/"), COMPILED_IN) == program.read_bytes()


def test_asking_again_writes_nothing(tmp_path, nowhere):
    program = unpack(tmp_path / "package", COMPILED_IN)
    first = runnable(program, tmp_path / "site", nowhere)
    written = Path(first[-1]).stat()
    assert runnable(program, tmp_path / "site", nowhere) == first
    assert Path(first[-1]).stat().st_ino == written.st_ino


def test_an_unpacked_program_with_another_path_is_refused(tmp_path, nowhere):
    program = unpack(tmp_path / "package", b"\x7fELF of another release")
    with pytest.raises(NotRelocatable, match="does not hold the path"):
        runnable(program, tmp_path / "site", nowhere)
