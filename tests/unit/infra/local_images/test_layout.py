"""An archive for containerd holds each blob once, and each image under the name that it shall bear."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from homeostat.digest import of_bytes
from infra.local.images.errors import ImageError
from infra.local.images.layout import Layout


class Folder:
    """An image layout as buildah writes it."""

    def __init__(self, path: Path) -> None:
        self.blobs = path / "blobs" / "sha256"
        self.blobs.mkdir(parents=True)
        self.layout = Layout(path)

    def blob(self, content: bytes) -> dict[str, object]:
        digest = of_bytes(content)
        (self.blobs / digest).write_bytes(content)
        return {"mediaType": "x", "digest": f"sha256:{digest}", "size": len(content)}

    def image(self, *layers: bytes) -> str:
        config = self.blob(b"config of " + b" ".join(layers))
        manifest = {"schemaVersion": 2, "config": config, "layers": [self.blob(layer) for layer in layers]}
        return str(self.blob(json.dumps(manifest).encode())["digest"])


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def archived(layout: Layout, images: dict[str, str]) -> dict[str, bytes]:
    stream = io.BytesIO()
    layout.write_archive(images, stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        names = archive.getnames()
        assert len(names) == len(set(names))
        return {name: archive.extractfile(name).read() for name in names}  # type: ignore[union-attr]


def test_images_keep_their_digest_and_share_their_layers(folder):
    images = {
        "docker.io/a@sha256:1": folder.image(b"base", b"a"),
        "docker.io/b:1": folder.image(b"base", b"b"),
    }
    files = archived(folder.layout, images)
    index = json.loads(files["index.json"])
    named = {
        entry["annotations"]["io.containerd.image.name"]: entry["digest"] for entry in index["manifests"]
    }
    assert named == images
    # two manifests, two configurations, three layers
    assert sum(name.startswith("blobs/") for name in files) == 7
    assert all(
        of_bytes(content) == Path(name).name for name, content in files.items() if name.startswith("blobs/")
    )


def test_the_size_is_that_of_all_layers(folder):
    digest = folder.image(b"base", b"abc")
    assert folder.layout.size_bytes(digest) == len(b"base") + len(b"abc") + len(b"config of base abc")


def test_an_image_that_was_not_built_is_named(folder):
    assert not folder.layout.has("sha256:00")
    with pytest.raises(ImageError, match="sha256:00 was not built here"):
        folder.layout.write_archive({"x": "sha256:00"}, io.BytesIO())
