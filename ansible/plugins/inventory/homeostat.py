"""Ansible's inventory, read from ``cluster.yaml``: there is no second list of hosts.

The platform's own reader checks the whole file first, so mistakes in it end every playbook with one sentence
each, before any machine is touched.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import ExitCode
from ansible.plugins.inventory import BaseInventoryPlugin
from ansible.utils.display import Display

from homeostat.errors import HomeostatError
from homeostat.paths import state_directory
from homeostat.yaml_text import read_yaml
from infra import ssh
from infra.definition import place
from infra.definition.document import Definition
from infra.definition.load import load_definition
from infra.definition.machines import Node, Role, Taint

DOCUMENTATION = """
name: homeostat
short_description: The hosts of a cluster, from its cluster.yaml
description: Reads a homelab's definition and yields its servers and agents, with what roles need to know.
options: {}
"""

EXAMPLES = """
# ansible-playbook -i cluster.yaml ansible/playbooks/site.yml
"""

GROUPS = {Role.SERVER: "k3s_server", Role.AGENT: "k3s_agent"}


class InventoryModule(BaseInventoryPlugin):
    """One host for each node; the whole definition is a variable of all of them."""

    NAME = "homeostat"

    def verify_file(self, path: str) -> bool:
        """Whether the file looks like a cluster's definition; mistakes in it are told when it is read."""
        if not super().verify_file(path) or Path(path).suffix not in {".yaml", ".yml"}:
            return False
        try:
            content = read_yaml(Path(path))
        except HomeostatError:
            # the reader says it better than "no plugin could parse it"
            return True
        return isinstance(content, Mapping) and {"nodes", "k3s"} <= set(content)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:  # noqa: FBT001, FBT002 - Ansible's signature
        """Fill the inventory.

        Raises:
            SystemExit: after telling every mistake in the file, one sentence each. An AnsibleError would be
                told twice: as this plugin's warning, and as the error of a source that nothing could parse.
        """
        super().parse(inventory, loader, path, cache)
        source = Path(path).resolve()
        try:
            definition = load_definition(source)
        except HomeostatError as error:
            Display().error(str(error), wrap_text=False)
            sys.exit(ExitCode.PARSER_ERROR)
        for group in GROUPS.values():
            inventory.add_group(group)
        inventory.add_group("k3s_cluster")
        for group in GROUPS.values():
            inventory.add_child("k3s_cluster", group)
        for node in definition.nodes:
            inventory.add_host(node.name, group=GROUPS[node.role])
            for name, value in _of_host(definition, node, source.parent).items():
                inventory.set_variable(node.name, name, value)
        for name, value in _of_all(definition, source.parent).items():
            inventory.set_variable("all", name, value)


def _of_host(definition: Definition, node: Node, folder: Path) -> dict[str, object]:
    taints = [_taint(taint) for taint in node.taints]
    return {
        "ansible_host": str(node.address),
        "ansible_user": definition.ssh.user,
        "ansible_ssh_private_key_file": str(_path(definition.ssh.key_file, folder)),
        "node_labels": dict(node.labels),
        "node_taints": taints,
        # K3s reads them when a node registers, and never again
        "node_registration": " ".join(
            [
                *(f"--node-label={key}={value}" for key, value in node.labels.items()),
                *(f"--node-taint={taint}" for taint in taints),
            ]
        ),
        "k3s_version": node.k3s_version or definition.k3s.version,
        "virtual_machine": node.model_dump(mode="json"),
    }


def _taint(taint: Taint) -> str:
    """As kubectl writes it."""
    return f"{taint.key}={taint.value}:{taint.effect}" if taint.value else f"{taint.key}:{taint.effect}"


def _of_all(definition: Definition, folder: Path) -> dict[str, object]:
    plain = definition.model_dump(mode="json")
    if definition.k3s.airgap_folder is not None:
        plain["k3s"]["airgap_folder"] = str(_path(definition.k3s.airgap_folder, folder))
    return {
        "homeostat": plain,
        "k3s_api_endpoint": str(definition.api_address),
        "k3s_first_server": definition.servers[0].name,
        "ssh_public_keys": _public_keys(definition, folder),
        **_ssh_arguments(),
    }


def _path(path: Path, folder: Path) -> Path:
    """A path in the file is meant from where the file lies."""
    return folder / path.expanduser()


def _public_keys(definition: Definition, folder: Path) -> list[str]:
    own = Path(f"{_path(definition.ssh.key_file, folder)}.pub")
    keys = [own.read_text(encoding="utf-8").strip()] if own.is_file() else []
    return [*keys, *(key.strip() for key in definition.ssh.authorized_keys if key.strip() not in keys)]


def _ssh_arguments() -> dict[str, str]:
    """A machine's key is believed when it is new and never when it changed; the file is ours."""
    if "ANSIBLE_SSH_COMMON_ARGS" in os.environ:
        # whoever started the run has said it already, and a variable would win
        return {}
    repository = Path(__file__).resolve().parents[3]
    known = place.known_hosts(state_directory(repository))
    known.parent.mkdir(parents=True, exist_ok=True)
    return {"ansible_ssh_common_args": shlex.join(ssh.words(ssh.held_to(known)))}
