"""What role k3s_release does with a folder and with a registry, run by Ansible itself on this machine."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from homeostat.yaml_text import parse_yaml, to_yaml
from tests.unit.ansible.conftest import ANSIBLE, Ansible

VERSION = "v1.34.4+k3s1"


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    made = Ansible(tmp_path)
    release(made, VERSION)
    write(made, "images.sha256", kube_vip=b"image")
    return made


def release(ansible: Ansible, version: str) -> None:
    write(ansible, "sha256sum-amd64.txt", k3s=b"\x7fELF" + version.encode() + b"\x00")


def write(ansible: Ansible, listed: str, **files: bytes) -> None:
    folder = ansible.folder / "release"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    (folder / listed).write_text("".join(f"{digest} *{name}\n" for name, digest in sums.items()))


def looked_at(ansible: Ansible) -> tuple[int, str]:
    """The exit code and the words of the task file that looks at the folder, before any host is changed."""
    tasks = [
        {"ansible.builtin.include_role": {"name": "k3s_release", "tasks_from": "folder"}},
        {"ansible.builtin.debug": {"msg": "{{ k3s_release_files | sort | to_json }}"}},
    ]
    play = {"hosts": "k3s_server", "connection": "local", "tasks": tasks}
    path = ansible.folder / "look.yml"
    path.write_text(to_yaml([play | {"vars": {"ansible_python_interpreter": sys.executable}}]))
    done = ansible.run("ansible-playbook", str(path), ANSIBLE_ROLES_PATH=str(ANSIBLE / "roles"))
    return done.returncode, " ".join(f"{done.stdout} {done.stderr}".split())


def test_the_release_and_further_images_are_what_hosts_get(ansible: Ansible) -> None:
    code, told = looked_at(ansible)
    assert code == 0, told
    assert json.dumps(["k3s", "kube_vip"]).replace('"', "") in told.replace('"', "").replace("\\", "")


def test_a_folder_of_another_version_is_refused(ansible: Ansible) -> None:
    release(ansible, "v1.34.5+k3s1")
    code, told = looked_at(ansible)
    assert code != 0
    assert f"holds another version of K3s than {VERSION}" in told


def test_further_images_that_are_lacking_are_told(ansible: Ansible) -> None:
    (ansible.folder / "release" / "kube_vip").unlink()
    code, told = looked_at(ansible)
    assert code != 0
    assert "(it is not there)" in told


def test_an_address_that_moves_needs_the_image_of_kube_vip_or_a_mirror_of_it(ansible: Ansible) -> None:
    (ansible.folder / "release" / "images.sha256").unlink()
    code, told = looked_at(ansible)
    assert code != 0
    assert "network.api_vip needs the image of kube-vip" in told

    mirrors = {"ghcr.io": ["https://registry.home.arpa"]}
    ansible.content["registry"] = {"host": "registry.home.arpa", "mirrors": mirrors}
    ansible.write()
    code, told = looked_at(ansible)
    assert code == 0, told


def test_the_registry_is_entered_with_the_words_that_were_given(
    ansible: Ansible, monkeypatch: pytest.MonkeyPatch
) -> None:
    ansible.content["registry"] = {"host": "registry.home.arpa:5000"}
    ansible.write()
    monkeypatch.setenv("HOMEOSTAT_REGISTRY_USERNAME", "home")
    monkeypatch.setenv("HOMEOSTAT_REGISTRY_PASSWORD", "a: 'b' \"c\" {{ d }} \\")
    target = ansible.folder / "registries.yaml"
    source = ANSIBLE / "roles" / "k3s_release" / "templates" / "registries.yaml.j2"
    task = {"ansible.builtin.template": {"src": str(source), "dest": str(target), "mode": "0600"}}
    play = {"hosts": "agent-1", "connection": "local", "tasks": [task]}
    (ansible.folder / "render.yml").write_text(
        to_yaml([play | {"vars": {"ansible_python_interpreter": sys.executable}}])
    )
    done = ansible.run("ansible-playbook", str(ansible.folder / "render.yml"))
    assert done.returncode == 0, done.stdout
    content = parse_yaml(target.read_text(), "registries.yaml")
    auth = {"username": "home", "password": "a: 'b' \"c\" {{ d }} \\"}
    assert content["configs"] == {"registry.home.arpa:5000": {"auth": auth}}
