"""Pinning our own images: the digests that were built, written where the manifests read them.

Each of our images has one file, ``manifests/<component>/image/kustomization.yaml``, that names its digest for
every overlay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local.gitops.forge import BRANCH, commit_files, read_file
from infra.local.gitops.git import Git

_PIN = re.compile(r"(?P<before>- name: (?P<image>\S+)\n\s+digest: )\S+")
_FILES = re.compile(r"manifests/[^/]+/image/kustomization\.yaml")


def pin(forge: Path, digests: Mapping[str, str]) -> Sequence[str]:
    """Commit ``digests`` (by image) to the forge; return the names of the images whose digest changed.

    Raises:
        ForgeError: when the branch moved meanwhile, or git fails.
    """
    files = {path: read_file(forge, path) for path in _pin_files(forge)}
    pinned = {path: with_digests(text, digests) for path, text in files.items()}
    changed = {path: text for path, text in pinned.items() if text != files[path]}
    if not changed:
        return []
    images = sorted(name for name in digests if any(name in text for text in changed.values()))
    commit_files(forge, changed, f"Pin {', '.join(images)} as built\n")
    return images


def with_digests(text: str, digests: Mapping[str, str]) -> str:
    """The kustomization ``text`` with the digest of every image that is in ``digests``."""

    def replaced(match: re.Match[str]) -> str:
        digest = digests.get(match["image"])
        return match["before"] + digest if digest else match[0]

    return _PIN.sub(replaced, text)


def _pin_files(forge: Path) -> Sequence[str]:
    names = Git(forge)("ls-tree", "-r", "--name-only", BRANCH, "--", "manifests/").splitlines()
    return [name for name in names if _FILES.fullmatch(name)]
