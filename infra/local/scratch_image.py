"""Images of one static program and nothing else, as the archives that containerd imports.

The node can't wait for images that are built in containers: its own (the pause of every pod, DNS, the
provisioner of volumes) are written here, as an OCI image layout in a tar archive. Equal programs give equal
bytes.
"""

from __future__ import annotations

import io
import json
import platform
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeostat import atomic, digest
from homeostat.errors import MachineError

_LAYER = "application/vnd.oci.image.layer.v1.tar"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
#: the segment of an ELF file that names a dynamic loader (elf(5), PT_INTERP)
_INTERPRETER = b"ld-linux"


@dataclass(frozen=True, slots=True)
class ScratchImage:
    """An image, by the full name under which containerd keeps it."""

    name: str
    program: Path
    #: where the program lies in the image
    path: str
    command: tuple[str, ...] = ()
    #: further names of the program, for one that behaves by the name that it is called with
    links: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    user: str = "65534:65534"

    @property
    def file_name(self) -> str:
        """A file name for its archive, which changes with what is inside."""
        parts = (repr((self.path, self.command, self.links, self.folders, self.user)), self.name)
        return f"{digest.of_bytes('|'.join(parts).encode())[:8]}-{digest.of_file(self.program)[:16]}.tar"


def write(image: ScratchImage, archive: Path) -> None:
    """Write the image as an OCI archive.

    Raises:
        MachineError: when the program needs shared libraries, which the image would not have.
        OSError: when the archive can't be written.
    """
    program = image.program.read_bytes()
    if _INTERPRETER in program[:4096]:
        raise MachineError(
            f"{image.program} is not linked statically, so it can't run in an image by itself."
        )
    layer = _layer(image, program)
    config = _encoded(
        {
            "architecture": _architecture(),
            "os": "linux",
            "config": {
                "User": image.user,
                "Entrypoint": [f"/{image.path}"],
                "Cmd": list(image.command),
                "Env": [f"{key}={value}" for key, value in image.environment.items()],
            },
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest.of_bytes(layer)}"]},
        }
    )
    manifest = _encoded(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, config),
            "layers": [_descriptor(_LAYER, layer)],
        }
    )
    names = {"io.containerd.image.name": image.name, "org.opencontainers.image.ref.name": image.name}
    index = {"schemaVersion": 2, "manifests": [{**_descriptor(_MANIFEST, manifest), "annotations": names}]}
    content = {
        "oci-layout": _encoded({"imageLayoutVersion": "1.0.0"}),
        "index.json": _encoded(index),
        **{f"blobs/sha256/{digest.of_bytes(blob)}": blob for blob in (layer, config, manifest)},
    }
    atomic.write_bytes(archive, _tar({name: (blob, 0o644) for name, blob in content.items()}))


def _layer(image: ScratchImage, program: bytes) -> bytes:
    folders = sorted({*image.folders, *_parents(image.path)})
    return _tar({image.path: (program, 0o755)}, folders, dict.fromkeys(image.links, f"/{image.path}"))


def _parents(path: str) -> list[str]:
    return [str(parent) for parent in Path(path).parents if str(parent) != "."]


def _tar(
    files: Mapping[str, tuple[bytes, int]],
    folders: list[str] | None = None,
    links: Mapping[str, str] | None = None,
) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in folders or ():
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(entry)
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return stream.getvalue()


def _descriptor(kind: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": f"sha256:{digest.of_bytes(blob)}", "size": len(blob)}


def _encoded(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True).encode()


def _architecture() -> str:

    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
