"""The images as an OCI image layout: a folder of blobs by digest, in which equal layers lie once.

An image leaves it as it came, so its digest is the one that the manifests name.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict

from infra.local.images.errors import ImageError

#: containerd's own annotation: the whole name under which it keeps an image
_CONTAINERD_NAME = "io.containerd.image.name"
_MARK = ("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')


class _Descriptor(BaseModel):
    """What the image specification says about a blob; other fields stay unread."""

    model_config = ConfigDict(frozen=True)

    mediaType: str  # noqa: N815 - the specification's name
    digest: str
    size: int


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    config: _Descriptor
    layers: tuple[_Descriptor, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout in ``folder``, which buildah writes."""

    folder: Path

    def destination(self, name: str) -> str:
        """Where buildah pushes the image ``name`` to."""
        return f"oci:{self.folder}:{name}"

    def has(self, digest: str) -> bool:
        """Whether the image of this manifest is here."""
        return self._blob(digest).is_file()

    def size_bytes(self, digest: str) -> int:
        """Of the image's blobs, compressed as they are."""
        manifest = self._manifest(digest)
        return manifest.config.size + sum(layer.size for layer in manifest.layers)

    def write_archive(self, images: Mapping[str, str], stream: IO[bytes]) -> None:
        """Write an OCI archive of some images to ``stream``.

        Args:
            images: the digest of each image by the whole name that it shall bear.
            stream: written once from begin to end, such as a pipe.

        Raises:
            ImageError: when one of them is not here.
        """
        with tarfile.open(fileobj=stream, mode="w|") as archive:
            _add(archive, *_MARK)
            for digest in dict.fromkeys(self._blobs(images.values())):
                archive.add(self._blob(digest), arcname=_path(digest))
            _add(archive, "index.json", json.dumps(self._index(images)).encode())

    def _index(self, images: Mapping[str, str]) -> Mapping[str, object]:
        manifests = [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": digest,
                "size": self._blob(digest).stat().st_size,
                "annotations": {_CONTAINERD_NAME: name},
            }
            for name, digest in images.items()
        ]
        return {"schemaVersion": 2, "manifests": manifests}

    def _blobs(self, digests: Iterable[str]) -> Iterator[str]:
        for digest in digests:
            manifest = self._manifest(digest)
            yield from (digest, manifest.config.digest, *(layer.digest for layer in manifest.layers))

    def _manifest(self, digest: str) -> _Manifest:
        try:
            return _Manifest.model_validate_json(self._blob(digest).read_bytes())
        except FileNotFoundError:
            raise ImageError(f"the image {digest} was not built here: build the images again.") from None

    def _blob(self, digest: str) -> Path:
        return self.folder / _path(digest)


def _path(digest: str) -> str:
    algorithm, _, value = digest.partition(":")
    return f"blobs/{algorithm}/{value}"


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
