"""Images of one program, written without any tool for images."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from homeostat.errors import MachineError
from infra.local.scratch_image import ScratchImage, write


@pytest.fixture
def image(tmp_path: Path) -> ScratchImage:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF of a static program")
    return ScratchImage("docker.io/some/image:1", program, "usr/bin/program", ("run",), links=("bin/other",))


def blobs(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as opened:
        files = [entry for entry in opened if entry.isfile()]
        return {entry.name: opened.extractfile(entry).read() for entry in files}


def test_each_blob_bears_the_digest_of_its_bytes(image, tmp_path: Path) -> None:
    write(image, tmp_path / "image.tar")
    found = {name: blob for name, blob in blobs(tmp_path / "image.tar").items() if name.startswith("blobs/")}
    assert len(found) == 3
    assert all(name.endswith(hashlib.sha256(blob).hexdigest()) for name, blob in found.items())


def test_its_layer_holds_the_program_and_its_other_names(image, tmp_path: Path) -> None:
    write(image, tmp_path / "image.tar")
    there = blobs(tmp_path / "image.tar")
    [manifest] = json.loads(there["index.json"])["manifests"]
    layer = json.loads(there[f"blobs/sha256/{manifest['digest'][7:]}"])["layers"][0]
    with tarfile.open(fileobj=io.BytesIO(there[f"blobs/sha256/{layer['digest'][7:]}"])) as opened:
        assert opened.getmember("usr/bin/program").mode == 0o755
        assert opened.getmember("bin/other").linkname == "/usr/bin/program"


def test_equal_programs_give_equal_archives(image, tmp_path: Path) -> None:
    write(image, tmp_path / "one.tar")
    write(image, tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_another_program_gives_another_file_name(image) -> None:
    before = image.file_name
    image.program.write_bytes(b"another")
    assert image.file_name != before
    assert replace(image, command=("other",)).file_name != image.file_name


def test_a_program_that_needs_shared_libraries_is_refused(image, tmp_path: Path) -> None:
    dynamic = tmp_path / "dynamic"
    dynamic.write_bytes(b"\x7fELF\0/lib64/ld-linux-x86-64.so.2\0")
    with pytest.raises(MachineError, match="not linked statically"):
        write(replace(image, program=dynamic), tmp_path / "image.tar")
