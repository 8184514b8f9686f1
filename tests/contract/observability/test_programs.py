"""The lists of exported metrics and our reading of PromQL, held against the real programs on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from homeostat.yaml_text import read_yaml
from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import ApiServer, api_server, await_
from tests.contract.go_modules import local_copy
from tests.contract.observability.asked import expressions, metric_names
from tests.contract.observability.exporters import exposed, listed
from tests.contract.overlays import ROOT
from tests.programs import BUILD_SECONDS, find

pytestmark = [pytest.mark.go, pytest.mark.timeout(BUILD_SECONDS)]


@contextmanager
def running(argv: Sequence[str | Path], folder: Path, address: str, ready: str) -> Iterator[str]:
    """Run the program until the block ends; yields ``address`` once ``ready`` answers there."""
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(argv, stdout=stream, stderr=subprocess.STDOUT, cwd=folder)

    def answers() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        try:
            return httpx.get(address + ready, trust_env=False).is_success
        except httpx.TransportError:
            return False

    try:
        await_(f"{address} answers", answers)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def here() -> str:
    return f"{LOOPBACK}:{any_free_port()}"


def scraped(address: str) -> set[str]:
    return exposed(httpx.get(f"{address}/metrics", trust_env=False).raise_for_status().text)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory) -> Iterator[str]:
    folder, address = tmp_path_factory.mktemp("prometheus"), here()
    (folder / "prometheus.yml").write_text("{}\n", encoding="utf-8")
    argv = [
        *(find("go", "prometheus"), f"--config.file={folder}/prometheus.yml"),
        *(f"--storage.tsdb.path={folder}/data", f"--web.listen-address={address}"),
    ]
    with running(argv, folder, f"http://{address}", "/-/ready") as url:
        yield url


def selected(tree: Any) -> set[str]:
    """The metrics in a syntax tree of Prometheus."""
    if isinstance(tree, list):
        return set().union(*map(selected, tree))
    if not isinstance(tree, dict):
        return set()
    own = {tree["name"]} if tree.get("type") in {"vectorSelector", "matrixSelector"} else set()
    return own.union(*(selected(value) for value in tree.values()))


@pytest.mark.parametrize("place", expressions())
def test_prometheus_parses_an_expression_and_finds_the_same_metrics(prometheus, place):
    expression = expressions()[place]
    answer = httpx.get(f"{prometheus}/api/v1/parse_query", params={"query": expression}, trust_env=False)
    assert answer.is_success, f"{place}: {answer.json()['error']}"
    assert selected(answer.json()["data"]) == metric_names(expression)


def test_prometheus_exports_what_its_list_says(prometheus):
    assert listed("prometheus") <= scraped(prometheus)


def test_alertmanager_exports_what_its_list_says(tmp_path):
    config, address = tmp_path / "alertmanager.yml", here()
    config.write_text("{route: {receiver: nobody}, receivers: [{name: nobody}]}\n", encoding="utf-8")
    argv = [
        *(find("go", "alertmanager"), f"--config.file={config}", f"--storage.path={tmp_path}/data"),
        *(f"--web.listen-address={address}", "--cluster.listen-address="),
    ]
    with running(argv, tmp_path, f"http://{address}", "/-/ready") as url:
        assert listed("alertmanager") <= scraped(url)


def test_node_exporter_exports_what_its_list_says_with_the_arguments_of_its_manifest(tmp_path):
    manifest: Any = read_yaml(ROOT / "manifests/node-exporter/base/daemon-set.yaml")
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    arguments = [argument for argument in container["args"] if not argument.startswith("--path.")]
    address = here()
    argv = [find("go", "node_exporter"), *arguments, f"--web.listen-address={address}"]
    with running(argv, tmp_path, f"http://{address}", "/") as url:
        assert listed("node-exporter") <= scraped(url)


def test_the_api_server_exports_what_its_list_says(apiserver):
    with apiserver.client() as client:
        assert listed("apiserver") <= exposed(client.get("/metrics").raise_for_status().text)


APPLICATION = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Application",
    "metadata": {"name": "mlflow", "namespace": "argocd"},
    "spec": {
        "project": "platform",
        "source": {"repoURL": "https://example.com/homeostat.git", "path": "."},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "mlops"},
    },
    # it can only fail here, which ends it as well
    "operation": {"sync": {}, "retry": {"limit": 0}},
}
PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "platform", "namespace": "argocd"},
    "spec": {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]},
}


def install_argocd(server: ApiServer) -> None:
    """Its definitions, its own settings, and one Application that is told to sync."""
    definitions = local_copy("https://github.com/argoproj/argo-cd//manifests/crds?ref=v3.2.6")
    server.kubectl("create", "namespace", "argocd")
    server.kubectl("apply", "--server-side", "-k", str(definitions))
    server.kubectl("create", "configmap", "argocd-cm", "-n", "argocd")
    server.kubectl(
        "create", "secret", "generic", "argocd-secret", "-n", "argocd", "--from-literal=server.secretkey=x"
    )
    for name in ("configmap/argocd-cm", "secret/argocd-secret"):
        server.kubectl("label", name, "-n", "argocd", "app.kubernetes.io/part-of=argocd")
    await_(
        "the definitions are served",
        lambda: server.try_kubectl("get", "applications,appprojects", "-n", "argocd").returncode == 0,
    )
    server.apply(PROJECT, APPLICATION)


def test_argo_cds_controller_exports_what_its_list_says(tmp_path):
    # one program, which is what its name says
    controller = tmp_path / "argocd-application-controller"
    controller.symlink_to(find("go", "argocd"))
    port, nobody = any_free_port(), here()
    with api_server(tmp_path) as server:
        install_argocd(server)
        argv = [
            *(controller, f"--kubeconfig={server.kubeconfig}", "--namespace=argocd"),
            *(f"--metrics-port={port}", f"--redis={nobody}", f"--repo-server={nobody}"),
        ]
        with running(argv, tmp_path, f"http://{LOOPBACK}:{port}", "/metrics") as url:
            await_("a sync has ended", lambda: listed("argocd") <= scraped(url))
