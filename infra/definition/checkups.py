"""What the doctor asks about the files on this machine that ``cluster.yaml`` names."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from homeostat.doctor import Checkup, Finding, Level, without_definition
from infra.definition.load import FILE_NAME, load_definition
from infra.definition.rules.ssh import is_public_key


def checkups(root: Path, state: Path) -> Iterable[Checkup]:
    """Programs and keys to enter the machines, and what Proxmox's certificate is held to."""
    _ = state
    if not (root / FILE_NAME).exists():
        return without_definition(["SSH"], FILE_NAME)
    definition = load_definition(root / FILE_NAME)
    found = [
        *(Checkup(f"program {name}", partial(_program, name)) for name in ("ssh", "ssh-keygen")),
        Checkup("SSH private key", partial(private_key, definition.ssh.key_file)),
        Checkup("SSH public key", partial(public_key, definition.ssh.key_file)),
    ]
    if ca_file := definition.proxmox.ca_file:
        found.append(Checkup("Proxmox's certificate authority", partial(certificate, ca_file)))
    return found


def private_key(path: Path) -> Finding:
    """That it is there, and nobody else can read it: ssh refuses it otherwise."""
    if not path.is_file():
        return Finding(
            Level.FAILED,
            f"'ssh.key_file' is {path}: there is no such file.",
            f"Make a key: ssh-keygen -t ed25519 -f {path}",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Finding(
            Level.FAILED,
            f"{path} can be used by others on this machine (mode {mode:04o}), so ssh refuses it.",
            f"chmod 600 {path}",
        )
    return Finding(Level.OK, f"{path}.")


def public_key(key_file: Path) -> Finding:
    """That the half which the machines get lies beside the private one."""
    path = key_file.with_name(f"{key_file.name}.pub")
    if not key_file.is_file():
        return Finding(Level.SKIPPED, "there is no private key that it could belong to.")
    remedy = f"ssh-keygen -y -f {key_file} > {path}"
    if not path.is_file():
        return Finding(Level.FAILED, f"{path} is missing: the machines would let nobody in.", remedy)
    if not is_public_key(path.read_text(encoding="utf-8", errors="replace").strip()):
        return Finding(Level.FAILED, f"{path} holds no public key.", remedy)
    return Finding(Level.OK, f"{path}.")


def certificate(path: Path) -> Finding:
    """That the file holds a certificate."""
    remedy = "Copy /etc/pve/pve-root-ca.pem of a Proxmox host."
    if not path.is_file():
        return Finding(Level.FAILED, f"'proxmox.ca_file' is {path}: there is no such file.", remedy)
    if "-----BEGIN CERTIFICATE-----" not in path.read_text(encoding="utf-8", errors="replace"):
        return Finding(Level.FAILED, f"'proxmox.ca_file' is {path}: it holds no certificate.", remedy)
    return Finding(Level.OK, f"{path}.")


def _program(name: str) -> Finding:
    found = shutil.which(name)
    if found is None:
        return Finding(Level.FAILED, f"{name} is not on PATH.", "Install OpenSSH's client.")
    return Finding(Level.OK, f"{found}.")
