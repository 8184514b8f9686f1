"""A whole homelab: a Proxmox whose machines boot, a git repository, and a clone with an owner."""

from __future__ import annotations

import base64
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeostat import digest
from homeostat.yaml_text import to_yaml
from infra.definition.load import load_definition
from infra.gitops.kubectl import Kubectl
from infra.proxmox.privileges import by_path
from tests.homelab.hosts import Lab
from tests.homelab.k3s_stand_in.build import build
from tests.homelab.k3s_stand_in.parts import CURRENT
from tests.programs import find
from tests.proxmox_simulator import Simulator

ROOT = Path(__file__).parents[2]
NAME = "home"
TOKEN = "homeostat@pve!platform"
ENVIRONMENT = "lab"
_SERVER = "https://kubernetes.default.svc"
#: name, role, last number of the address
NODES = (
    ("server-1", "server", 11),
    ("server-2", "server", 12),
    ("server-3", "server", 13),
    ("agent-1", "agent", 21),
    ("agent-2", "agent", 22),
)
#: what the root Application deploys, and what that deploys in turn
_TIERS, _OBJECTS = "lab/tiers", "lab/objects"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tests look at and act on."""

    lab: Lab
    proxmox: Simulator
    #: the owner's clone
    root: Path
    state: Path
    #: the repository that the cluster follows
    forge: Path
    variables: Mapping[str, str]

    @property
    def kubeconfig(self) -> Path:
        """What ``make cluster`` leaves."""
        return self.state / "homelab" / "kubeconfig"

    @property
    def kubectl(self) -> Kubectl:
        """The cluster's API, by that."""
        return Kubectl(find("go", "kubectl"), self.kubeconfig)

    def command(self, *arguments: str) -> Sequence[str]:
        """The owner's ``homeostat ARGUMENTS``."""
        return [sys.executable, "-m", "homeostat", *arguments]

    def homeostat(self, *arguments: str, limit_seconds: float = 900.0) -> subprocess.CompletedProcess[str]:
        """Run it to its end, with nobody at the keyboard."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=dict(self.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit_seconds,
            check=False,
        )

    def push(self, name: str, content: Mapping[str, Any]) -> None:
        """Commit a manifest to what the cluster follows, and push it."""
        (self.root / _OBJECTS / name).write_text(to_yaml(content))
        commit(self.root, f"Add {name}")
        git(self.root, "push", "--quiet", str(self.forge), "HEAD:main")


def scene(folder: Path, lab: Lab, proxmox: Simulator) -> Scene:
    """Make the clone with its definition, secrets and repository; nothing is started."""
    root, state, forge = folder / "clone", folder / "state", folder / "forge" / "home.git"
    git(folder, "clone", "--quiet", str(ROOT), str(root))
    forge.parent.mkdir()
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(forge))
    release = build(CURRENT, folder / "release", folder / "parts")
    lab.parts = folder / "parts"
    repository = lab.git_url(forge)
    _environment(root, repository)
    definition = _definition(root, lab, proxmox, release, repository)
    variables = _secrets(folder, root) | {
        "HOMEOSTAT_ROOT": str(root),
        "HOMEOSTAT_STATE": str(state),
        "HOMEOSTAT_PROXMOX_TOKEN": proxmox.create_token(TOKEN, by_path(load_definition(definition))),
        "NO_PROXY": "*",
    }
    commit(root, "Describe the home's cluster")
    git(root, "push", "--quiet", str(forge), "HEAD:main")
    return Scene(lab, proxmox, root, state, forge, {**os.environ, **variables})


def _definition(root: Path, lab: Lab, proxmox: Simulator, release: Path, repository: str) -> Path:
    image = lab.files / "debian-12.qcow2"
    # the head of a qcow2 of 2 GiB: magic, version, backing file, cluster bits, size
    image.write_bytes(struct.pack(">4sIQIIQ", b"QFI\xfb", 3, 0, 0, 16, 2 * 2**30) + os.urandom(4096))
    content = {
        "version": 1,
        "name": NAME,
        "proxmox": {
            "endpoints": [proxmox.url],
            "token": {"id": TOKEN},
            "ca_file": str(proxmox.ca_file),
            "template": {
                "image": f"{lab.files_url}/{image.name}",
                "checksum": {"algorithm": "sha256", "value": digest.of_file(image)},
            },
        },
        "network": {
            "cidr": str(lab.network),
            "gateway": str(lab.gateway),
            "dns": [str(lab.gateway)],
        },
        "nodes": [_node(lab, *node) for node in NODES],
        "ssh": {"key_file": str(lab.key)},
        "k3s": {"version": CURRENT, "airgap_folder": str(release)},
        "git": {"repository": repository, "environment": ENVIRONMENT},
    }
    path = root / "cluster.yaml"
    path.write_text(to_yaml(content))
    return path


def _node(lab: Lab, name: str, role: str, number: int) -> Mapping[str, Any]:
    return {
        "name": name,
        "role": role,
        "host": "pve1",
        "vmid": 200 + number,
        "address": str(lab.network[number]),
        "memory": "4GiB",
        "disk": "32GiB",
    }


def _environment(root: Path, repository: str) -> None:
    """An environment with one tier of one small component; Argo CD itself is as elsewhere."""
    for folder in ("argocd/install/overlays", "manifests/namespaces/overlays"):
        shutil.copytree(root / folder / "local", root / folder / ENVIRONMENT)
    files: Mapping[str, Mapping[str, Any]] = {
        f"argocd/root/{ENVIRONMENT}/application.yaml": {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "root", "namespace": "argocd"},
            "spec": _application("root", repository, _TIERS, "argocd"),
        },
        f"{_TIERS}/project.yaml": {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "AppProject",
            "metadata": {"name": "things", "namespace": "argocd"},
            "spec": {
                "sourceRepos": [repository],
                "destinations": [{"server": _SERVER, "namespace": "models"}],
                "namespaceResourceWhitelist": [{"group": "", "kind": "ConfigMap"}],
            },
        },
        f"{_TIERS}/tier.yaml": {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "ApplicationSet",
            "metadata": {"name": "things", "namespace": "argocd"},
            "spec": {
                "goTemplate": True,
                "generators": [{"list": {"elements": [{"component": "objects"}]}}],
                "template": {
                    "metadata": {"name": "{{.component}}"},
                    "spec": _application("things", repository, _OBJECTS, "models"),
                },
            },
        },
        f"{_OBJECTS}/greeting.yaml": config_map("greeting"),
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(to_yaml(content))


def _application(project: str, repository: str, path: str, namespace: str) -> Mapping[str, Any]:
    return {
        "project": project,
        "source": {"repoURL": repository, "targetRevision": "main", "path": path},
        "destination": {"server": _SERVER, "namespace": namespace},
        "syncPolicy": {"automated": {"selfHeal": True}, "syncOptions": ["ServerSideApply=true"]},
    }


def config_map(name: str) -> Mapping[str, Any]:
    """A manifest that needs nothing else."""
    metadata = {"name": name, "namespace": "models"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"hello": "world"}}


def _secrets(folder: Path, root: Path) -> dict[str, str]:
    """The Secrets of the environment, encrypted to a key of this scene."""
    key, path = folder / "age.txt", root / "secrets" / f"{ENVIRONMENT}.sops.yaml"
    made = subprocess.run(
        [find("go", "age-keygen"), "-o", key], check=True, capture_output=True, text=True, timeout=60
    )
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "argocd-secret", "namespace": "argocd"},
                "stringData": {"server.secretkey": base64.b64encode(os.urandom(32)).decode()},
            }
        )
    )
    recipient = made.stderr.strip().removeprefix("Public key: ")
    subprocess.run(
        [find("go", "sops"), "--encrypt", "--age", recipient, "--in-place", path],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return {"SOPS_AGE_KEY_FILE": str(key)}


def git(folder: Path, *arguments: str) -> None:
    """Git as nobody in particular."""
    who = ("-c", "user.name=Owner", "-c", "user.email=owner@home.example")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, timeout=120)


def commit(folder: Path, message: str) -> None:
    """Commit all that there is."""
    git(folder, "add", "--all", "--force", "--", ".")
    git(folder, "commit", "--quiet", "--message", message)
