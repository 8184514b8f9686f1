"""A folder with a release of K3s, instead of a download: whole, and of the version that is wanted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path

from homeostat.doctor import Finding, Level
from infra.definition.document import Definition

_LIST = "sha256sum-amd64.txt"
#: further archives of images beside the release, such as kube-vip's
_FURTHER = "images.sha256"
_IMAGES = re.compile(r"k3s-airgap-images-amd64\.tar(\.gz|\.zst)?")
#: where kube-vip's image comes from
_KUBE_VIP_REGISTRY = "ghcr.io"


def release(definition: Definition) -> Finding:
    """Whether hosts could be given what lies in the folder; role k3s_release asks the same."""
    folder = definition.k3s.airgap_folder
    if folder is None:
        return Finding(Level.SKIPPED, "hosts download K3s themselves (k3s.airgap_folder is not set).")
    remedy = f"Download k3s, {_LIST} and the images of {definition.k3s.version} into it."
    try:
        beyond = folder / _FURTHER
        further = _sums(beyond.read_text("utf-8") if beyond.is_file() else "")
        sums = {**_sums((folder / _LIST).read_text("utf-8")), **further}
    except OSError as error:
        return Finding(Level.FAILED, f"{folder / _LIST} can't be read: {error.strerror}.", remedy)
    sentence = next(_mistakes(definition, folder, sums, further), None)
    if sentence:
        return Finding(Level.FAILED, sentence, remedy)
    present = [name for name in sums if (folder / name).is_file()]
    if not any(_IMAGES.fullmatch(name) for name in present):
        told = f"{folder} holds no images, so the hosts need a registry that they reach."
        return Finding(Level.WARNING, told, remedy)
    return Finding(Level.OK, f"{', '.join(sorted(present))} are as they were made.")


def _mistakes(
    definition: Definition, folder: Path, sums: Mapping[str, str], further: Mapping[str, str]
) -> Iterator[str]:
    program = folder / "k3s"
    if "k3s" not in sums or not program.is_file():
        yield f"{folder} holds no k3s that {_LIST} names."
        return
    for name, digest in sums.items():
        there = (folder / name).is_file()
        if (there and _digest(folder / name) != digest) or (name in further and not there):
            listed = _FURTHER if name in further else _LIST
            yield f"{name} in {folder} is not what {listed} says: lacking, damaged, or of another version."
    if not _holds(program, definition.k3s.version):
        yield f"{folder} holds another version of K3s than {definition.k3s.version}, which is wanted."
    mirrored = definition.registry is not None and _KUBE_VIP_REGISTRY in definition.registry.mirrors
    if definition.network.api_vip and not further and not mirrored:
        yield (
            f"network.api_vip needs kube-vip's image of {_KUBE_VIP_REGISTRY}, which is in no release: put an "
            f"archive of it into {folder} with its line in {_FURTHER}, or name a mirror in registry.mirrors."
        )


def _sums(text: str) -> Mapping[str, str]:
    """Name -> SHA-256, of what sha256sum prints."""
    parts = (line.partition(" ") for line in text.splitlines())
    return {name.lstrip(" *"): digest for digest, _, name in parts if name}


def _holds(program: Path, version: str) -> bool:
    """Whether the program names the version, as each release of K3s does in plain text."""
    with program.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(version.encode()) >= 0


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
