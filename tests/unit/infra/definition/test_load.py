"""Reading the file: paths, warnings, the example and the repository around it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from homeostat.config import all_warnings
from homeostat.errors import ConfigError
from homeostat.yaml_text import read_yaml, to_yaml
from infra.definition.document import Definition
from infra.definition.load import EXAMPLE_NAME, config_files, load_definition
from infra.definition.warn import warnings
from tests.unit.infra.definition.models import keys_in, keys_of
from tests.unit.infra.definition.wanted import content, parsed

ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / EXAMPLE_NAME
#: a key that is commented out, after the indentation that it has when it is not
COMMENTED = re.compile(r"^(\s*)# ((?:\s*)[a-z_0-9]+:.*)$", re.MULTILINE)


@pytest.fixture
def written(tmp_path):
    """Writes what it is given as cluster.yaml of an otherwise empty folder."""

    def write(found: dict) -> Path:
        path = tmp_path / "cluster.yaml"
        path.write_text(to_yaml(found))
        return path

    return write


def test_paths_on_this_machine_are_relative_to_the_file_wherever_one_stands(written, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", "/srv/me")
    found = content()
    found["proxmox"]["ca_file"] = "certificates/pve.pem"
    found["k3s"]["airgap_folder"] = "/srv/k3s"
    definition = load_definition(written(found))
    assert definition.proxmox.ca_file == tmp_path / "certificates/pve.pem"
    assert definition.k3s.airgap_folder == Path("/srv/k3s")
    assert definition.ssh.key_file == Path("/srv/me/.ssh/id_ed25519")
    assert definition.backups
    assert definition.backups.path == Path("/var/backups/k3s")


def test_an_environment_that_the_repository_does_not_have_is_told(written, tmp_path):
    (tmp_path / "argocd/root/homelab").mkdir(parents=True)
    found = content()
    assert load_definition(written(found)).git.environment == "homelab"
    found["git"]["environment"] = "office"
    with pytest.raises(ConfigError, match="'office': argocd/root has homelab; name one"):
        load_definition(written(found))


def test_the_example_holds_but_a_copy_of_it_waits_for_its_owner(tmp_path):
    assert load_definition(EXAMPLE).name == "home"
    shutil.copy(EXAMPLE, tmp_path / "cluster.yaml")
    with pytest.raises(ConfigError) as raised:
        load_definition(tmp_path / "cluster.yaml")
    assert [told.split(":")[0] for told in raised.value.mistakes] == [
        "'proxmox.template.checksum.value' is still the example's zeros",
        "'git.repository' is 'https",
    ]


def test_the_example_shows_every_key(tmp_path):
    path = tmp_path / EXAMPLE_NAME
    path.write_text(COMMENTED.sub(r"\1\2", EXAMPLE.read_text()))
    with pytest.raises(ConfigError) as raised:
        load_definition(path)
    # it shows two alternatives and half a key, and is right in everything else
    assert [told.split("'")[1] for told in raised.value.mistakes] == ["ssh.authorized_keys.0", "backups"]
    assert set(keys_of(Definition)) - set(keys_in(read_yaml(path))) == set()


def test_the_owners_file_warns_and_the_example_does_not(written, tmp_path):
    shutil.copy(EXAMPLE, tmp_path / EXAMPLE_NAME)
    assert all_warnings(tmp_path) == []
    found = content()
    del found["backups"]
    written(found)
    assert [file.path.name for file in config_files(tmp_path)] == ["cluster.yaml", EXAMPLE_NAME]
    assert [told[: len("cluster.yaml: 'backups' is missing")] for told in all_warnings(tmp_path)] == [
        "cluster.yaml: 'backups' is missing"
    ]


def test_a_definition_without_a_weakness_has_no_warning():
    assert warnings(parsed(content())) == []


def _one_host(found):
    for node in found["nodes"]:
        node["host"] = "pve1"


@pytest.mark.parametrize(
    ("told", "weaken"),
    [
        ("all 3 servers are on 'pve1'", _one_host),
        ("'backups' is missing", lambda found: found.pop("backups")),
        ("'network.api_vip' is missing", lambda found: found["network"].pop("api_vip")),
        ("'proxmox.clone' is linked", lambda found: found["proxmox"].update(clone="linked")),
        ("a token of root@pam", lambda found: found["proxmox"]["token"].update(id="root@pam!platform")),
        ("without a port 443 is asked", lambda found: found["proxmox"].update(endpoints=["https://pve1"])),
        ("'nodes' has one server", lambda found: found.update(nodes=content(servers=1)["nodes"])),
        ("open to everyone", lambda found: found.update(firewall={"administrators": ["0.0.0.0/0"]})),
        (
            "may grow to",
            lambda found: found["nodes"][3].update(memory="200GiB", memory_minimum="4GiB"),
        ),
        (
            "only run together when the mapping has 2 devices",
            lambda found: [found["nodes"][place].update(gpu={"mapping": "tesla"}) for place in (0, 3)],
        ),
        (
            "memory_minimum' does nothing",
            lambda found: found["nodes"][3].update(memory_minimum="2GiB", gpu={"mapping": "tesla"}),
        ),
    ],
)
def test_a_weakness_is_a_warning_and_no_mistake(told, weaken):
    found = content()
    weaken(found)
    (warning,) = warnings(parsed(found))
    assert told in warning
