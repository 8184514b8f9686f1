"""From ``cluster.yaml`` to a cluster that is as git says: one command, on machines that boot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.gitops.kubectl import KubectlError
from tests.apiserver import await_
from tests.argo_cd_programs import argo_cd_programs
from tests.homelab.homelab_scene import NAME, NODES, Scene, config_map, scene
from tests.homelab.hosts import Lab
from tests.homelab.machines import LabMachines
from tests.programs import find
from tests.proxmox_simulator import Simulator
from tests.proxmox_simulator.vms import VirtualMachine

UP = ("cluster", "up", "--provider", "proxmox", "--yes")
PATIENCE_SECONDS = 900.0
WRITES = {"POST", "PUT", "DELETE"}


@pytest.fixture(scope="module")
def home(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with Simulator.start(machines=LabMachines(lab)) as proxmox:
        yield scene(tmp_path_factory.mktemp("home"), lab, proxmox)


class ArgoCd:
    """Its programs, started as soon as it is installed: no kubelet runs its pods here."""

    def __init__(self, home: Scene, folder: Path) -> None:
        self._home = home
        self._folder = folder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="argocd")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._installed():
            if self._ended.wait(0.5):
                return
        redis = find("deb", "redis-server")
        with argo_cd_programs(self._folder, self._home.kubectl, redis, no_proxy="*"):
            self._ended.wait()

    def _installed(self) -> bool:
        if not self._home.kubeconfig.exists():
            return False
        try:
            return self._home.kubectl.get("application", "root", "argocd") is not None
        except KubectlError:
            return False


@pytest.fixture(scope="module")
def argo_cd(home: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(ArgoCd(home, tmp_path_factory.mktemp("argocd")))
        yield


@pytest.fixture(scope="module")
def made(home: Scene, argo_cd: None) -> subprocess.CompletedProcess[str]:
    """The cluster, made by a command that was killed once on its way and then run again."""
    interrupted = subprocess.Popen(
        home.command(*UP),
        cwd=home.root,
        env=dict(home.variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    await_("a machine runs", lambda: running(home) or interrupted.poll() is not None, PATIENCE_SECONDS)
    assert interrupted.poll() is None
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.wait()
    done = home.homeostat(*UP)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def running(home: Scene) -> set[str]:
    return {vm.name for vm in home.proxmox.vms.values() if vm.status == "running"}


def test_nothing_is_changed_before_somebody_agrees(home: Scene):
    refused = home.homeostat("cluster", "up", "--provider", "proxmox")
    assert refused.returncode == 3
    assert "start again with --yes" in refused.stderr
    assert "server-1" in refused.stdout
    assert not {asked[0] for asked in home.proxmox.requests} & WRITES


def test_one_command_goes_on_where_it_was_killed_and_ends_with_a_cluster(
    made: subprocess.CompletedProcess[str], home: Scene
):
    assert running(home) == {name for name, _, _ in NODES}
    nodes = {node["metadata"]["name"]: node for node in home.kubectl.list("nodes")}
    assert nodes.keys() == {name for name, _, _ in NODES}
    root = home.kubectl.get("application", "root", "argocd")
    assert root
    assert (root["status"]["sync"]["status"], root["status"]["health"]["status"]) == ("Synced", "Healthy")
    assert home.kubectl.get("configmap", "greeting", "models")
    assert f"export KUBECONFIG={home.kubeconfig}" in made.stdout
    assert "https://grafana." in made.stdout


def test_the_same_command_again_changes_nothing_and_says_so(
    made: subprocess.CompletedProcess[str], home: Scene
):
    before = len(home.proxmox.requests)
    again = home.homeostat(*UP)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing was changed" in again.stdout
    assert not {asked[0] for asked in home.proxmox.requests[before:]} & WRITES


def test_what_is_pushed_to_git_comes_into_the_cluster(made: subprocess.CompletedProcess[str], home: Scene):
    home.push("second.yaml", config_map("second"))
    await_("the pushed object is there", lambda: home.kubectl.get("configmap", "second", "models"), 120)


def test_the_status_tells_of_machines_nodes_and_applications(
    made: subprocess.CompletedProcess[str], home: Scene
):
    told = json.loads(home.homeostat("cluster", "status", "--provider", "proxmox", "--json").stdout)
    assert told["healthy"], told
    parts = {part["name"] for part in told["parts"]}
    assert {"machine server-1", "node agent-2", "root"} <= parts


def test_a_stopped_cluster_comes_back_with_all_that_it_had(
    made: subprocess.CompletedProcess[str], home: Scene
):
    stopped = home.homeostat("cluster", "stop", "--provider", "proxmox")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert running(home) == set()
    back = home.homeostat(*UP)
    assert back.returncode == 0, back.stdout + back.stderr
    assert home.kubectl.get("configmap", "greeting", "models")


def test_a_removal_wants_the_name_of_the_cluster_and_spares_what_is_not_its_own(
    made: subprocess.CompletedProcess[str], home: Scene
):
    foreign = VirtualMachine(
        900, "pve1", {"name": "router", "tags": "homeostat", "cores": "1", "memory": "512"}
    )
    home.proxmox.vms[foreign.vmid] = foreign
    refused = home.homeostat("cluster", "down", "--provider", "proxmox", "--confirm", "yes")
    assert refused.returncode == 3
    assert running(home)
    gone = home.homeostat("cluster", "down", "--provider", "proxmox", "--confirm", NAME)
    assert gone.returncode == 0, gone.stdout + gone.stderr
    assert {vm.name for vm in home.proxmox.vms.values()} == {"homeostat-debian-12", "router"}
    assert not home.kubeconfig.exists()
