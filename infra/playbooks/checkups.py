"""What ``homeostat doctor`` looks at on the way to the hosts: Ansible, SSH, sudo, and their release."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from homeostat.doctor import Checkup, Finding, Level, without_definition
from infra import ssh
from infra.definition import place
from infra.definition.document import Definition
from infra.definition.load import FILE_NAME, load_definition
from infra.definition.machines import Node
from infra.playbooks.release_folder import release

_SECONDS = 10.0
_SSH_PORT = 22
_ANSIBLE, _RELEASE, _HOST = "ansible", "K3s release", "SSH to"


def checkups(root: Path, state: Path) -> Iterable[Checkup]:
    """What can be looked at before the hosts are changed."""
    path = root / FILE_NAME
    if not path.exists():
        yield from without_definition([_ANSIBLE, f"{_HOST} the hosts", _RELEASE], FILE_NAME)
        return
    yield Checkup(_ANSIBLE, partial(_ansible, root))
    definition = load_definition(path)
    yield Checkup(_RELEASE, partial(release, definition))
    for node in definition.nodes:
        yield Checkup(f"{_HOST} {node.name}", partial(_host, definition, node, state))


def _ansible(root: Path) -> Finding:
    program = Path(sys.executable).with_name("ansible-playbook")
    if not program.exists():
        return Finding(Level.FAILED, f"{program} does not exist.", "Make the environment: make setup")
    done = _asked([str(program), "--version"])
    if done.returncode:
        return Finding(Level.FAILED, f"{program} does not run: {_last(done.stderr)}.", "make setup")
    if not (root / "ansible" / "ansible.cfg").is_file():
        return Finding(Level.FAILED, f"{root / 'ansible'} holds no ansible.cfg.", "Use a whole clone.")
    return Finding(Level.OK, f"{done.stdout.splitlines()[0]}.")


def _host(definition: Definition, node: Node, state: Path) -> Finding:
    """Whether the machine lets us in and lets us be root there; one that is off is no mistake."""
    try:
        socket.create_connection((str(node.address), _SSH_PORT), timeout=_SECONDS / 3).close()
    except OSError as error:
        return Finding(Level.SKIPPED, f"{node.address} has no SSH yet ({error.strerror or 'no answer'}).")
    done = _asked(_ssh(definition, node, state))
    if done.returncode == 0:
        return Finding(Level.OK, f"{definition.ssh.user}@{node.address} may use sudo without a password.")
    told = _last(done.stderr) or f"exit code {done.returncode}"
    sentence = f"{definition.ssh.user}@{node.address}: {told.rstrip('.')}."
    return Finding(Level.FAILED, sentence, _remedy(told, definition, node, state))


def _remedy(told: str, definition: Definition, node: Node, state: Path) -> str:
    if "sudo" in told:
        return f"Allow it: '{definition.ssh.user} ALL=(ALL) NOPASSWD:ALL' in /etc/sudoers.d there."
    if "Host key verification failed" in told:
        forget = f"ssh-keygen -R {node.address} -f {place.known_hosts(state)}"
        return f"It has another host key than before; when it was made anew, forget the old one: {forget}"
    return f"Its key must be among the host's: ssh-copy-id -i {definition.ssh.key_file}"


def _ssh(definition: Definition, node: Node, state: Path) -> Sequence[str]:
    compared = ssh.compared_with(place.known_hosts(state))
    begun = ssh.command(definition.ssh.key_file.expanduser(), compared, _SECONDS / 2)
    return [*begun, f"{definition.ssh.user}@{node.address}", "sudo -n true"]


def _asked(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=2 * _SECONDS,
        check=False,
    )


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
