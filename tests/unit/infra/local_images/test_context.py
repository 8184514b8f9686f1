"""A build context holds what it names, with modes that no checkout decides."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from infra.local.images.context import Context
from infra.local.images.errors import ImageError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "inner" / "__pycache__").mkdir(parents=True)
    (folder / "inner" / "code.py").write_text("x = 1\n")
    (folder / "inner" / "__pycache__" / "code.pyc").write_bytes(b"compiled")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o700)
    return folder


def laid_out(context: Context, folder: Path) -> dict[str, int]:
    folder.mkdir()
    context.taken(folder)
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_files_and_folders_come_to_their_place_without_what_is_compiled(source, tmp_path):
    context = Context({"app": source, "bin/program": source / "run.sh"})
    assert laid_out(context, tmp_path / "context") == {
        "app/inner/code.py": 0o644,
        "app/run.sh": 0o755,
        "bin/program": 0o755,
    }


def test_the_digest_changes_with_bytes_names_and_the_right_to_run_and_with_nothing_else(source):
    before = Context({"app": source}).digest()
    (source / "inner" / "code.py").chmod(0o600)
    (source / "inner" / "__pycache__" / "more.pyc").touch()
    assert Context({"app": source}).digest() == before
    (source / "run.sh").chmod(0o600)
    without_right = Context({"app": source}).digest()
    (source / "inner" / "code.py").write_text("x = 2\n")
    other_bytes = Context({"app": source}).digest()
    assert len({before, without_right, other_bytes, Context({"other": source}).digest()}) == 4


def test_a_copy_keeps_the_digest_whatever_becomes_of_the_original(source, tmp_path):
    context = Context({"app": source, "bin/program": source / "run.sh"})
    before = context.digest()
    taken = context.taken(tmp_path / "taken")
    (source / "inner" / "code.py").write_text("x = 2\n")
    assert taken.digest() == before != context.digest()


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(ImageError, match="nowhere is part of an image"):
        Context({"app": tmp_path / "nowhere"}).digest()
