"""A repository with playbooks of a test's own, run by the real ansible-playbook on this machine alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from homeostat.paths import repository_root
from infra.playbooks.command import Run
from infra.playbooks.recap import Recap
from infra.playbooks.running import perform

_ROOT = repository_root(Path(__file__))
#: two hosts that are both this machine, so that no test needs another
HOSTS = """\
- name: Two hosts
  hosts: localhost
  connection: local
  tasks:
    - name: Add them
      ansible.builtin.add_host:
        name: "{{ item }}"
        groups: [pair]
        ansible_connection: local
        ansible_python_interpreter: "{{ ansible_playbook_python }}"
      loop: [one, two]
      changed_when: false
"""


class Playground:
    """A clone whose ansible/ holds what a test wrote."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "clone"
        self.state = folder / "state"
        self.definition = self.root / "cluster.yaml"
        self.said: list[str] = []
        ansible = self.root / "ansible"
        (ansible / "playbooks").mkdir(parents=True)
        shutil.copytree(_ROOT / "ansible" / "plugins", ansible / "plugins")
        (ansible / "ansible.cfg").write_text(
            "[defaults]\ngathering = explicit\ninventory_plugins = plugins/inventory\n"
            "[inventory]\nenable_plugins = homeostat\n"
        )
        example = (_ROOT / "cluster.example.yaml").read_text(encoding="utf-8")
        # what the owner of a clone has to replace
        self.definition.write_text(example.replace("0" * 128, "ab" * 64).replace("/example/", "/someone/"))

    def write(self, tasks: str, header: str = "  hosts: pair\n") -> None:
        """Make the playbook "play" of two hosts and the tasks, which are indented by four blanks."""
        text = f"{HOSTS}\n- name: The play\n{header}  tasks:\n{tasks}"
        (self.root / "ansible" / "playbooks" / "play.yml").write_text(text)

    def run(self, **settings: object) -> Recap:
        """Run it; what is said on the way is kept."""
        run = Run("play", self.definition, **settings)  # type: ignore[arg-type]  # a test's own word
        return perform(run, self.root, self.state, self.said.append)

    @property
    def log(self) -> Path:
        """The log of the only run."""
        (found,) = (self.state / "logs").iterdir()
        return found


@pytest.fixture
def playground(tmp_path: Path) -> Playground:
    return Playground(tmp_path)
