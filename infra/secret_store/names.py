"""Every secret that the homelab may need; there is no other list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A secret, where it may come from and what it is for."""

    #: its key in the encrypted file
    name: str
    #: the environment variable that goes before the file
    variable: str
    #: ends "no 'name', ..." in a sentence
    purpose: str
    #: it says who one is, and may be any word: it is masked, but not redacted wherever the word stands
    identifies: bool = False


_ALL = (
    Known("proxmox_token", "HOMEOSTAT_PROXMOX_TOKEN", "the secret of Proxmox's API token"),
    Known(
        "s3_access_key",
        "HOMEOSTAT_S3_ACCESS_KEY",
        "the access key of the bucket for backups",
        identifies=True,
    ),
    Known("s3_secret_key", "HOMEOSTAT_S3_SECRET_KEY", "the secret key of the bucket for backups"),
    Known("git_token", "HOMEOSTAT_GIT_TOKEN", "the token by which Argo CD reads a private repository"),
    Known("git_deploy_key", "HOMEOSTAT_GIT_DEPLOY_KEY", "the SSH key by which Argo CD reads the repository"),
    Known(
        "registry_username", "HOMEOSTAT_REGISTRY_USERNAME", "the nodes' user at the registry", identifies=True
    ),
    Known("registry_password", "HOMEOSTAT_REGISTRY_PASSWORD", "the nodes' password at the registry"),
)

KNOWN: Mapping[str, Known] = {known.name: known for known in _ALL}
