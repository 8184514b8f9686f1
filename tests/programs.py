"""The programs at both ends of the supported versions: what Debian 12 ships, and the pinned Go modules."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from homeostat.errors import MachineError
from infra.programs.obtain import Programs, standard_programs

ROOT = Path(__file__).parents[1]
#: a cold build of Prometheus on two busy cores
BUILD_SECONDS = 1500

OLDEST = pytest.param("deb", marks=pytest.mark.packages)
NEWEST = pytest.param("go", marks=(pytest.mark.go, pytest.mark.timeout(BUILD_SECONDS)))


def find(source: str, name: str) -> Path:
    """The program from ``source``, or a skipped test that says why there is none."""
    programs = programs_of(source)
    try:
        return programs.get(name, lambda what: None, source=source).path
    except MachineError as error:
        if source == "go" and shutil.which("go") is not None:
            raise
        pytest.skip(f"no {name} from '{source}': {error}")


def programs_of(source: str) -> Programs:
    """The programs from one source alone; fetched packages are shared by all runs in this clone."""
    programs = standard_programs(ROOT, ROOT / ".homeostat" / "test-programs" / source)
    return replace(programs, sources=[found for found in programs.sources if found.name == source])
