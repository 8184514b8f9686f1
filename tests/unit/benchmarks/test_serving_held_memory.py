"""What a server holds in memory: real processes that map one file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks.serving import usage
from tests.benchmarks.serving.memory import held_bytes

SIZE = 32 << 20
SLACK = 4 << 20
#: two processes that both read all of the file
PROGRAM = """
import mmap, os, sys
with open(sys.argv[1], "rb") as stream:
    mapped = mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ)
    ready, wait = os.pipe(), os.pipe()
    if sys.argv[2] == "2" and os.fork() == 0:
        os.close(wait[1])
        sum(mapped[::4096])
        os.write(ready[1], b".")
        os.read(wait[0], 1)
        os._exit(0)
    sum(mapped[::4096])
    if sys.argv[2] == "2":
        os.read(ready[0], 1)
    print("ready", flush=True)
    sys.stdin.read()
"""


@contextmanager
def mapping(path: Path, processes: int) -> Generator[int]:
    command = [sys.executable, "-c", PROGRAM, str(path), str(processes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.communicate()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(bytes(SIZE))
    return path


def test_a_file_that_two_processes_of_a_server_map_counts_once(file: Path):
    with mapping(file, 1) as one, mapping(file, 2) as two:
        pids = usage.tree(two)
        assert len(pids) == 2
        assert held_bytes(usage.tree(one)) >= SIZE
        assert held_bytes(pids) < held_bytes(usage.tree(one)) + SIZE / 2


def test_another_server_that_maps_the_same_file_changes_nothing(file: Path):
    with mapping(file, 1) as one:
        alone, share = held_bytes([one]), usage.pss_bytes([one])
        with mapping(file, 1):
            assert abs(held_bytes([one]) - alone) < SLACK
            # the measure that this one replaces halves
            assert usage.pss_bytes([one]) < share - SIZE / 4


def test_processes_that_are_gone_hold_nothing():
    assert held_bytes([2**22 + 1]) == 0
