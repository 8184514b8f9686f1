from __future__ import annotations

from pathlib import Path

import pytest

from homeostat.errors import ConfigError
from homeostat.yaml_text import parse_yaml
from infra.definition.document import Definition
from infra.definition.load import load_definition
from infra.homelab.kubeconfig import KubeconfigError, usable

ROOT = Path(__file__).parents[4]

#: as K3s writes it
OF_A_SERVER = """\
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: Q0E=
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: Q0VSVA==
    client-key-data: S0VZ
"""


@pytest.fixture(scope="module")
def definition() -> Definition:
    return load_definition(ROOT / "cluster.example.yaml")


def test_the_kubeconfig_of_a_server_is_aimed_at_the_address_that_outlives_it(definition: Definition):
    made = parse_yaml(usable(OF_A_SERVER, definition), "made")
    assert made["clusters"] == [
        {
            "name": "homeostat-home",
            "cluster": {"certificate-authority-data": "Q0E=", "server": "https://192.168.20.10:6443"},
        }
    ]


def test_it_is_named_after_its_cluster_so_that_it_can_stand_beside_others(definition: Definition):
    made = parse_yaml(usable(OF_A_SERVER, definition), "made")
    assert made["current-context"] == "homeostat-home"
    assert made["contexts"][0]["context"] == {"cluster": "homeostat-home", "user": "homeostat-home"}
    assert made["users"][0]["user"]["client-key-data"] == "S0VZ"


def test_without_a_vip_it_names_the_first_server(definition: Definition):
    network = definition.network.model_copy(update={"api_vip": None})
    made = usable(OF_A_SERVER, definition.model_copy(update={"network": network}))
    assert "https://192.168.20.11:6443" in made


@pytest.mark.parametrize("text", ["", "kind: Config\n", "clusters: []\nusers: []\n", "just words\n"])
def test_what_is_no_kubeconfig_is_refused(definition: Definition, text: str):
    with pytest.raises(KubeconfigError, match="one cluster and one user"):
        usable(text, definition)


def test_what_is_no_yaml_is_refused(definition: Definition):
    with pytest.raises(ConfigError, match="not valid YAML"):
        usable("a: [", definition)
