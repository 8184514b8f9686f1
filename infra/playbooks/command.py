"""How ``ansible-playbook`` is called: arguments, and the environment that alone may carry secrets."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from infra import ssh
from infra.definition import place
from infra.playbooks.errors import AnsibleMissing


class Mode(Enum):
    """Whether the hosts are changed."""

    APPLY = "apply"
    #: tell what would change, with the differences of files
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one playbook."""

    #: the file in ansible/playbooks, without its ending
    playbook: str
    #: the cluster.yaml, which is the inventory
    definition: Path
    #: variables that are no secrets
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: hosts or groups, as Ansible's --limit takes them
    limit: str | None = None
    mode: Mode = Mode.APPLY
    #: environment variable -> secret; never on a command line, never in a file
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])


def arguments(run: Run, root: Path) -> Sequence[str]:
    """The command line of the run.

    Raises:
        AnsibleMissing: when the environment has no Ansible.
    """
    program = Path(sys.executable).with_name("ansible-playbook")
    if not program.exists():
        raise AnsibleMissing(f"{program} does not exist: make the environment by 'make setup'.")
    command = [str(program), "--inventory", str(run.definition.resolve())]
    if run.extra:
        command += ["--extra-vars", json.dumps(run.extra)]
    if run.limit:
        command += ["--limit", run.limit]
    if run.mode is Mode.CHECK:
        command += ["--check", "--diff"]
    return [*command, str(root / "ansible" / "playbooks" / f"{run.playbook}.yml")]


def environment(run: Run, root: Path, state: Path) -> dict[str, str]:
    """The environment of the run: this process's, Ansible's settings, and the secrets."""
    folder = root / "ansible"
    # tasks on this machine find the environment's own programs first
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        "PATH": path,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_CALLBACK_PLUGINS": str(folder / "plugins" / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "homeostat_events",
        "ANSIBLE_STDOUT_CALLBACK": "homeostat_log",
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SSH_COMMON_ARGS": _ssh_options(place.known_hosts(state)),
        **run.secrets,
    }


def _ssh_options(known_hosts: Path) -> str:
    options = (
        *ssh.held_to(known_hosts),
        # a host that loses its power says nothing: without these, a run would wait for it for long
        "ServerAliveInterval=10",
        "ServerAliveCountMax=3",
    )
    return shlex.join(ssh.words(options))
