"""What the cluster's programs are started with."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from homeostat.yaml_text import read_yaml
from infra.local import addons, control_plane, node, node_images
from infra.local.certificates import Certificates
from infra.local.component import Component
from infra.local.kubeconfig import kubeconfig
from infra.local.place import Place
from infra.local.toolbox import Toolbox
from tests.unit.infra.local.bare_place import bare_place


@pytest.fixture
def bare(tmp_path: Path) -> tuple[Place, Toolbox, Certificates]:
    return bare_place(tmp_path)


def option(component: Component, name: str) -> str:
    [value] = [word.partition("=")[2] for word in component.argv if word.startswith(f"--{name}=")]
    return value


def test_the_api_server_authorises_by_role_and_node_and_restricts_nodes(bare) -> None:
    api_server = control_plane.api_server(*bare)
    assert option(api_server, "authorization-mode") == "Node,RBAC"
    assert "NodeRestriction" in option(api_server, "enable-admission-plugins")


def test_strangers_may_ask_the_api_server_for_its_health_and_nothing_else(bare, tmp_path: Path) -> None:
    [text] = control_plane.api_server(*bare).files.values()
    (tmp_path / "file").write_text(text)
    anonymous = read_yaml(tmp_path / "file")["anonymous"]
    assert {condition["path"] for condition in anonymous["conditions"]} == {"/livez", "/readyz", "/healthz"}


def test_etcd_answers_only_those_whom_the_authority_knows(bare) -> None:
    etcd = control_plane.etcd(*bare)
    assert option(etcd, "client-cert-auth") == "true"
    assert option(etcd, "listen-client-urls").startswith("https://127.0.0.1")


def test_all_that_containerd_writes_lies_in_the_cluster_s_folder(bare) -> None:
    place, tools, _ = bare
    told = tomllib.loads(node.containerd_configuration(place, tools))
    assert told["version"] == 2
    cri = told["plugins"]["io.containerd.grpc.v1.cri"]
    runc = cri["containerd"]["runtimes"]["runc"]["options"]
    paths = (told["root"], told["state"], cri["cni"]["conf_dir"], runc["Root"], told["grpc"]["address"])
    assert all(Path(path).is_relative_to(place.folder) for path in paths)


def test_containerd_does_not_lower_the_score_of_the_oom_killer(bare) -> None:
    place, tools, _ = bare
    told = tomllib.loads(node.containerd_configuration(place, tools))
    assert told["plugins"]["io.containerd.grpc.v1.cri"]["restrict_oom_score_adj"] is True


def test_a_folder_with_quotes_in_its_name_breaks_no_configuration(bare) -> None:
    _, tools, _ = bare
    odd = Place(Path("/root"), Path('/a "quoted" folder'))
    told = tomllib.loads(node.containerd_configuration(odd, tools))
    assert told["root"] == '/a "quoted" folder/containerd'


def test_pods_get_addresses_of_the_pods_network(bare) -> None:
    network = json.loads(node.pod_network(bare[0]))
    kinds = [plugin["type"] for plugin in network["plugins"]]
    assert kinds == ["ptp", "portmap"]
    assert network["plugins"][0]["ipam"]["ranges"] == [[{"subnet": "10.42.0.0/16"}]]


def test_the_kubelet_lets_nobody_in_without_a_name(bare) -> None:
    place, _, certificates = bare
    told = node.kubelet_configuration(place, certificates)
    assert told["authentication"]["anonymous"] == {"enabled": False}
    assert told["authorization"] == {"mode": "Webhook"}
    assert told["readOnlyPort"] == 0


def test_the_kubelet_never_removes_an_image(bare) -> None:
    place, _, certificates = bare
    assert node.kubelet_configuration(place, certificates)["imageGCHighThresholdPercent"] == 100


def test_a_component_has_the_same_revision_until_something_of_it_changes(bare) -> None:
    place, tools, certificates = bare
    before = node.kubelet(place, tools, certificates)
    assert node.kubelet(place, tools, certificates).revision == before.revision
    assert replace(before, argv=(*before.argv, "--v=2")).revision != before.revision
    assert replace(before, files={Path("x"): "y"}).revision != before.revision


def test_a_renewed_certificate_is_another_revision(bare) -> None:
    before = control_plane.scheduler(*bare)
    revision = before.revision
    before.reads[0].write_text("renewed")
    assert before.revision != revision


def test_a_kubeconfig_needs_no_other_file(bare, tmp_path: Path) -> None:
    _, _, certificates = bare
    authority = certificates.authority
    (tmp_path / "file").write_text(kubeconfig("https://10.99.0.1:6443", authority.certificate, authority))
    told = read_yaml(tmp_path / "file")
    assert told["clusters"][0]["cluster"]["server"] == "https://10.99.0.1:6443"
    assert set(told["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}


def test_the_add_ons_use_only_images_that_the_node_brings(bare) -> None:
    _, tools, _ = bare
    text = addons.manifests({**tools.versions, "dns_address": "10.43.0.10", "volumes": "/volumes"})
    named = {line.split("image: ")[1].strip() for line in text.splitlines() if "image: " in line}
    brought = {image.name.removeprefix("docker.io/") for image in node_images.node_images(tools)}
    assert named <= brought
    assert "@" not in text


def test_a_socket_s_path_is_short_enough_wherever_the_folder_lies() -> None:
    deep = Place(Path("/root"), Path("/" + "deep/" * 30))
    assert len(str(deep.containerd_socket)) < 100
    assert Place(Path("/root"), Path("/short")).containerd_socket == Path("/short/run/containerd.sock")
