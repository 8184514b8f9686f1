"""Which secrets a definition can't do without."""

from __future__ import annotations

from collections.abc import Sequence

from infra.definition.document import Definition


def needed(definition: Definition) -> Sequence[str]:
    """The names of the secrets without which some step fails; others are used when they are there."""
    names = ["proxmox_token"]
    if definition.backups and definition.backups.s3:
        names += ["s3_access_key", "s3_secret_key"]
    if _by_ssh(definition.git.repository):
        names.append("git_deploy_key")
    return names


def _by_ssh(repository: str) -> bool:
    """Whether Argo CD has to log in for it: over SSH no repository is public."""
    return repository.startswith("ssh://") or ("://" not in repository and "@" in repository)
