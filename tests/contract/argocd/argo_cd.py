"""Argo CD itself without pods: its programs as plain processes beside a real API server, on loopback.

What it installs (settings, health checks, projects) and what it is started with are those of the local
cluster. No kubelet runs, so a Deployment stays in progress for ever: which is what a broken one does.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from infra.gitops.bootstrap import Bootstrap
from infra.gitops.kubectl import Kubectl
from infra.local.gitops import forge_server, secrets
from infra.process.state.ports import LOOPBACK, any_free_port
from tests.apiserver import ApiServer, api_server
from tests.argo_cd_programs import argo_cd_programs, running_program
from tests.contract.overlays import ROOT


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
        stack.enter_context(running_program("forge", serve, folder, {}))
        stack.enter_context(argo_cd_programs(folder, kubectl, redis))
        yield ArgoCd(api, forge, forge_server.url(forge, LOOPBACK, port))
