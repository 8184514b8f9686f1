"""One tiny image, made by the real buildah and taken by a real containerd; the cluster is not touched."""

from __future__ import annotations

import gzip
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeostat.digest import of_bytes
from infra.local.images.context import Context
from infra.local.images.errors import ImageError
from infra.local.images.record import Built
from infra.local.images.reference import by_digest
from infra.local.images.workshop import Workshop
from infra.programs.obtain import standard_programs
from tests.cluster.live import eventually
from tests.programs import ROOT

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.getuid() != 0, reason="images are made by root"),
]

NAME = "docker.io/homeostat/tiny:built"
UNDER = Built(name="nothing", inputs="i", digest=f"sha256:{of_bytes(b'')}", size_bytes=0, seconds=0.0)
#: a shell, a step that sees a secret, and a file that tells the time
CONTAINERFILE = """\
FROM scratch
COPY bin /bin
RUN --mount=type=secret,id=pip ["/bin/busybox", "sh", "-c", "busybox grep -q cert /run/secrets/pip && {step}"]
USER 10001:10001
ENTRYPOINT ["/bin/busybox"]
"""
CONTAINERD = """\
version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
  address = "{folder}/c.sock"
"""


def silent(what: str) -> None:
    """Nobody waits."""


def mounts_below(folder: Path) -> list[str]:
    points = (line.split()[1] for line in Path("/proc/mounts").read_text().splitlines())
    return [point for point in points if point.startswith(str(folder))]


class Bench:
    """A workshop of its own, and the recipe of the tiny image."""

    def __init__(self, folder: Path) -> None:
        self.programs = standard_programs(ROOT, ROOT / ".homeostat" / "test-programs" / "images")
        self.workshop = Workshop(folder / "workshop", self.programs)
        self.recipe = folder / "recipe"
        self.recipe.mkdir(parents=True)
        self.write()

    def write(self, step: str = "echo made >/made") -> None:
        (self.recipe / "Containerfile").write_text(CONTAINERFILE.format(step=step))

    def make(self) -> Built:
        busybox = self.programs.get("busybox", silent).path
        return self.workshop.image(NAME, self.recipe, Context({"bin/busybox": busybox}), UNDER, silent)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "first")


@pytest.fixture
def socket(bench: Bench) -> Iterator[Path]:
    """Where a containerd of the test's own listens."""
    with tempfile.TemporaryDirectory(prefix="homeostat-") as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONTAINERD.format(folder=folder))
        command = [bench.programs.get("containerd", silent).path, "--config", folder / "config.toml"]
        with (folder / "log").open("wb") as log:
            running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            eventually((folder / "c.sock").exists, 60)
            yield folder / "c.sock"
        finally:
            running.terminate()
            running.wait(30)


def test_the_same_content_made_in_two_places_has_the_same_digest(bench: Bench, tmp_path: Path) -> None:
    assert Bench(tmp_path / "second").make().digest == bench.make().digest


def test_neither_a_build_nor_a_failed_one_leaves_a_mount(bench: Bench) -> None:
    bench.make()
    bench.write(step="false")
    with pytest.raises(ImageError, match=r"building docker\.io/homeostat/tiny:built failed"):
        bench.make()
    assert mounts_below(bench.workshop.folder) == []


def test_containerd_has_it_under_its_digest_and_takes_it_once(bench: Bench, socket: Path) -> None:
    digest = bench.make().digest
    images = {by_digest("homeostat/tiny", digest): digest}
    containerd = bench.workshop.containerd(socket, silent)
    assert containerd.take_missing(bench.workshop.layout, images) == list(images)
    assert containerd.take_missing(bench.workshop.layout, images) == []
    assert containerd.present().items() >= images.items()


def test_nothing_of_a_secret_is_in_the_image(bench: Bench) -> None:
    digest = bench.make().digest
    archive = io.BytesIO()
    bench.workshop.layout.write_archive({NAME: digest}, archive)
    archive.seek(0)
    with tarfile.open(fileobj=archive) as blobs:
        whole = [blobs.extractfile(member).read() for member in blobs]  # type: ignore[union-attr]
    layers = [gzip.decompress(blob) for blob in whole if blob.startswith(b"\x1f\x8b")]
    assert any(b"made" in layer for layer in layers)
    assert not [blob for blob in (*whole, *layers) if b"cert = " in blob or b"BEGIN CERTIFICATE" in blob]
