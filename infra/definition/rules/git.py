"""What Argo CD follows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.definition.draft import Draft

_URL = re.compile(r"(https?|ssh|git|file)://[^\s]+")
_SCP = re.compile(r"[\w.-]+@[\w.-]+:[^\s]+")
_PASSWORD = re.compile(r"https?://[^/@\s]*:[^/@\s]+@|https?://[^/@\s]{20,}@")
#: the folder with a folder for each environment, as it lies in the repository
ROOTS = "argocd/root"


def repository(draft: Draft) -> Iterator[str]:
    """An address that Argo CD can clone, without a secret in it."""
    if draft.git is None:
        return
    address = draft.git.repository
    if _PASSWORD.match(address):
        yield (
            "'git.repository' holds a password or token: this file is committed; give the address alone, "
            "and the token as HOMEOSTAT_GIT_TOKEN or in secrets/cluster.sops.yaml."
        )
    elif not _URL.fullmatch(address) and not _SCP.fullmatch(address):
        yield (
            f"'git.repository' is '{address}': must be an address such as "
            "https://github.com/you/homeostat.git or git@github.com:you/homeostat.git."
        )


def environment(draft: Draft) -> Iterator[str]:
    """The environment is one that this clone has a root Application for."""
    roots = draft.folder / ROOTS
    if draft.git is None or not roots.is_dir():
        return
    known = sorted(path.name for path in roots.iterdir() if path.is_dir())
    if draft.git.environment not in known:
        yield (
            f"'git.environment' is '{draft.git.environment}': {ROOTS} has {', '.join(known)}; "
            "name one of these, or add a folder."
        )
