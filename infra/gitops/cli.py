"""``homeostat gitops``: bring Argo CD into a cluster that answers, and hand the cluster over to git."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from homeostat.paths import repository_root, state_directory
from homeostat.progress import step as shown_step
from infra.gitops.bootstrap import Bootstrap
from infra.gitops.environment_secrets import environment_secrets
from infra.gitops.kubectl import Kubectl
from infra.gitops.repository_secret import repository_secret
from infra.gitops.root_application import followed
from infra.programs.obtain import cache_folder, standard_programs
from infra.secret_store.store import Secrets

app = typer.Typer(help="Argo CD, and the git repository that it follows.", no_args_is_help=True)


@app.callback()
def gitops() -> None:
    """Argo CD, and the git repository that it follows."""


@app.command()
def bootstrap(
    environment: Annotated[str, typer.Option(help="Which of argocd/root/ is followed.", metavar="NAME")],
    kubeconfig: Annotated[Path, typer.Option(help="How the cluster is reached.", dir_okay=False)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Make namespaces and Secrets, install Argo CD, apply the root Application once; git does the rest.

    Example: homeostat gitops bootstrap --environment homelab --kubeconfig .homeostat/homelab/home/kubeconfig
    """
    root = repository_root()
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    programs = standard_programs(root, state_directory(root) / "programs")
    with shown_step(console, "obtain kubectl and sops") as shown:
        kubectl = Kubectl(programs.get("kubectl", shown.doing).path, kubeconfig)
        sops = programs.get("sops", shown.doing).path

    def secrets() -> str:
        entrance = repository_secret(followed(root, environment).repository, Secrets.open(root, os.environ))
        manifests = environment_secrets(root, environment, sops, os.environ)
        return f"{manifests}\n---\n{entrance}" if entrance else manifests

    releases = cache_folder().parent / "releases"
    steps = Bootstrap(kubectl, root, environment, secrets, releases).steps()
    changed: list[str] = []
    for one in steps:
        with shown_step(console, one.title) as shown:
            changed += one.run(shown.doing)
    if as_json:
        typer.echo(json.dumps({"changed": changed}))
    else:
        typer.echo(f"changed: {', '.join(changed)}" if changed else "Nothing was changed.")
