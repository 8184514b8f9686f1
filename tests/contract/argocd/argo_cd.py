"""Argo CD itself without pods: its programs as plain processes beside a real API server, on loopback.

What it installs (settings, health checks, projects) and what it is started with are those of the local
cluster. No kubelet runs, so a Deployment stays in progress for ever: which is what a broken one does.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from infra.gitops.bootstrap import Bootstrap
from infra.gitops.kubectl import Kubectl
from infra.local.gitops import forge_server, secrets
from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import ApiServer, answers, api_server, await_, end
from tests.contract.overlays import ROOT
from tests.programs import find

#: the variables by which a pod gets its parameters, as Argo CD's manifests pair them
_PARAMETERS = {
    "timeout.reconciliation": "ARGOCD_RECONCILIATION_TIMEOUT",
    "timeout.reconciliation.jitter": "ARGOCD_RECONCILIATION_JITTER",
    "applicationsetcontroller.enable.progressive.syncs": (
        "ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS"
    ),
    "controller.diff.server.side": "ARGOCD_APPLICATION_CONTROLLER_SERVER_SIDE_DIFF",
    "controller.sync.timeout.seconds": "ARGOCD_APPLICATION_CONTROLLER_SYNC_TIMEOUT",
}


@dataclass(frozen=True, slots=True)
class ArgoCd:
    """A running Argo CD that reads one forge."""

    api: ApiServer
    forge: Path
    url: str


@contextmanager
def argo_cd(folder: Path, redis: Path) -> Iterator[ArgoCd]:
    """Run it until the block ends; ``folder`` then holds the logs."""
    forge = folder / "forge" / "homeostat.git"
    forge.parent.mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", str(forge)], check=True)
    with ExitStack() as stack:
        api = stack.enter_context(api_server(folder, controllers=True))
        kubectl = Kubectl(api.kubectl_program, api.kubeconfig)
        given = partial(secrets.manifests, folder / "secrets")
        for step in Bootstrap(kubectl, ROOT, "local", given, folder / "releases").steps()[:3]:
            step.run(lambda what: None)
        port = any_free_port()
        serve = forge_server.argv(forge, LOOPBACK, port)
        stack.enter_context(_running("forge", serve, folder, {}))
        _start_parts(stack, folder, api, redis)
        yield ArgoCd(api, forge, forge_server.url(forge, LOOPBACK, port))


def _start_parts(stack: ExitStack, folder: Path, api: ApiServer, redis: Path) -> None:
    cache, repositories = f"{LOOPBACK}:{any_free_port()}", f"{LOOPBACK}:{any_free_port()}"
    cluster = (f"--kubeconfig={api.kubeconfig}", "--namespace=argocd")
    ports = [str(any_free_port()) for _ in range(6)]
    parts: Mapping[str, Sequence[str]] = {
        "argocd-repo-server": (
            *("--address", LOOPBACK, "--port", repositories.split(":")[1], "--metrics-port", ports[0]),
            *("--metrics-address", LOOPBACK, "--redis", cache),
        ),
        "argocd-application-controller": (
            *("--metrics-port", ports[1], "--redis", cache, "--repo-server", repositories, *cluster),
        ),
        "argocd-applicationset-controller": (
            *("--metrics-addr", f"{LOOPBACK}:{ports[2]}", "--probe-addr", f"{LOOPBACK}:{ports[3]}"),
            *("--webhook-addr", f"{LOOPBACK}:{ports[4]}", "--argocd-repo-server", repositories, *cluster),
        ),
    }
    redis_arguments = ("--bind", LOOPBACK, "--port", cache.split(":")[1], "--save", "", "--dir", str(folder))
    stack.enter_context(_running("redis", (str(redis), *redis_arguments), folder, {}))
    for name, arguments in parts.items():
        argv = (str(find("go", "argocd")), *arguments)
        stack.enter_context(_running(name, argv, folder, _environment(folder, api, name)))
    with httpx.Client(trust_env=False) as http:
        for port, path in ((ports[0], "metrics"), (ports[1], "healthz")):
            address = f"http://{LOOPBACK}:{port}/{path}"
            await_(f"Argo CD answers at {address}", lambda address=address: answers(http, address))


def _environment(folder: Path, api: ApiServer, name: str) -> Mapping[str, str]:
    parameters: dict[str, str] = {}
    for configuration in ("argocd-cm", "argocd-cmd-params-cm"):
        parameters |= api.get("configmap", configuration, "--namespace=argocd")["data"]
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    if not (programs / "kustomize").exists():
        (programs / "kustomize").symlink_to(find("go", "kustomize"))
    return {
        "ARGOCD_BINARY_NAME": name,
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_CONTROLLER_REPLICAS": "1",
        "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
        "KUBECONFIG": str(api.kubeconfig),
        "HOME": str(folder),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "NO_PROXY": LOOPBACK,
        **{variable: parameters[key] for key, variable in _PARAMETERS.items()},
    }


@contextmanager
def _running(name: str, argv: Sequence[str], folder: Path, more: Mapping[str, str]) -> Iterator[None]:
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            argv, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **more}, cwd=folder
        )
    try:
        yield
    finally:
        end(process)
