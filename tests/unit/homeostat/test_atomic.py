"""A file is the old one or the new one whole, also where the disk says no."""

from __future__ import annotations

import resource
import stat
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeostat import atomic


def names_in(folder):
    return [path.name for path in folder.iterdir()]


@given(content=st.binary(max_size=4096))
def test_what_is_written_is_read(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("atomic") / "deep" / "file"
    atomic.write_bytes(path, content)
    assert path.read_bytes() == content


def test_the_mode_is_the_one_asked_for_and_nothing_is_left_beside(tmp_path):
    atomic.write_text(tmp_path / "secret", "s", mode=0o600)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert names_in(tmp_path) == ["secret"]


def test_a_write_that_outgrows_the_allowed_size_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    # the kernel refuses the write half-way (EFBIG), as it does on a full disk (ENOSPC)
    program = f"""
        import pathlib, resource, signal
        from homeostat import atomic
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, {resource.RLIM_INFINITY}))
        atomic.write_bytes(pathlib.Path({str(path)!r}), b"n" * 100_000)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "OSError" in done.stderr
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["file"]


def test_a_writer_killed_half_way_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    program = f"""
        import os, pathlib, resource
        from homeostat import atomic
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # SIGXFSZ ends the process inside write()
        atomic.write_bytes(pathlib.Path({str(path)!r}), b"n" * 100_000)
    """
    prepare = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
    done = subprocess.run(
        [sys.executable, "-c", prepare + textwrap.dedent(program)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode < 0, "the writer was meant to die by a signal"
    assert path.read_text() == "old"


def test_a_folder_in_the_way_is_an_error_and_stays(tmp_path):
    (tmp_path / "here").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic.write_text(tmp_path / "here", "x")
    assert names_in(tmp_path) == ["here"]
