"""A model's folder as its first hand-off makes it, rendered as Argo CD renders it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from delivery.model_folder import write_folder
from homeostat.release import Release, release_path, to_yaml
from tests.programs import find
from tests.unit.delivery.small_platform import a_release

ROOT = Path(__file__).parents[3]
MODEL, NAME = "toy_model", "toy-model"
DIGEST = "sha256:" + "ab" * 32
RELEASE = a_release(MODEL, 3, image_digest=DIGEST)

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a cluster gets, by kind."""

    objects: tuple[Object, ...]

    def one(self, kind: str) -> Object:
        (found,) = (of for of in self.objects if of["kind"] == kind)
        return found

    @property
    def predictor(self) -> Object:
        return self.one("InferenceService")["spec"]["predictor"]

    @property
    def container(self) -> Object:
        (found,) = self.predictor["containers"]
        return found


def made(root: Path, release: Release) -> Path:
    """The folder of the released model in a copy of the manifests below ``root``."""
    shutil.copytree(ROOT / "manifests/inference-service", root / "manifests/inference-service")
    write_folder(root, release.model)
    path = release_path(root, release.model)
    path.write_text(to_yaml(release), encoding="utf-8")
    return path.parent


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """What kustomize says."""
    return subprocess.run(
        [find("go", "kustomize"), "build", folder], capture_output=True, text=True, check=False
    )


def rendered(root: Path, environment: str, release: Release = RELEASE) -> Rendered:
    """The model in the ``environment``, whose Component Argo CD adds as is done here."""
    folder = made(root, release)
    overlay = f"../../inference-service/overlays/{environment}"
    subprocess.run([find("go", "kustomize"), "edit", "add", "component", overlay], cwd=folder, check=True)
    ran = build(folder)
    assert ran.returncode == 0, ran.stderr
    return Rendered(tuple(YAML(typ="safe", pure=True).load_all(ran.stdout)))
