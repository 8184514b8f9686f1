"""What ``homeostat doctor`` looks at before a homelab's cluster is handed over to git."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from homeostat.doctor import Checkup, Finding, Level, without_definition
from infra.definition.document import Git
from infra.definition.load import FILE_NAME, load_definition
from infra.gitops.root_application import followed

_FOLLOWED = "repository that is followed"


def checkups(root: Path, state: Path) -> Iterable[Checkup]:
    """The checkups for the ``cluster.yaml`` at ``root``; all skipped where there is none."""
    del state
    if not (root / FILE_NAME).exists():
        return without_definition([_FOLLOWED], FILE_NAME)
    return [Checkup(_FOLLOWED, partial(agreement, root, load_definition(root / FILE_NAME).git))]


def agreement(root: Path, git: Git) -> Finding:
    """Whether the root Application, from which all tiers copy it, follows what ``cluster.yaml`` says."""
    found = followed(root, git.environment)
    if (found.repository, found.revision) == (git.repository, git.revision):
        return Finding(Level.OK, f"{git.repository} at {git.revision}.")
    return Finding(
        Level.FAILED,
        f"cluster.yaml follows {git.repository} at {git.revision}, "
        f"but argocd/root/{git.environment}/application.yaml {found.repository} at {found.revision}.",
        "Write the same repoURL and targetRevision into both, and commit.",
    )
