"""What is deployed where: every overlay, model and Argo CD object that an environment consists of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("homelab", "local")
#: a model that no hand-off has made: it stands for each that one will make
EXAMPLE_MODEL = "example_model"
MODELS = Path("manifests/models")
#: these overlays are kustomize Components, which every model of an environment adds
MODEL_OVERLAYS = Path("manifests/inference-service/overlays")


@dataclass(frozen=True, slots=True, order=True)
class Overlay:
    """One folder that kustomize renders, or one file that a person applies."""

    environment: str
    #: relative to the repository
    path: Path
    #: kustomize Components that Argo CD adds, relative to the repository
    components: tuple[Path, ...] = ()

    def __str__(self) -> str:
        """How tests and findings name it: the path, and for models the environment."""
        return f"{self.path} in {self.environment}" if self.components else str(self.path)


def overlays(environment: str) -> tuple[Overlay, ...]:
    """All that make up ``environment``, in a fixed order."""
    found = [path.relative_to(ROOT) for path in ROOT.glob(f"manifests/*/overlays/{environment}")]
    found += [path.relative_to(ROOT) for path in ROOT.glob(f"argocd/*/overlays/{environment}")]
    found += [path.relative_to(ROOT) for path in ROOT.glob(f"argocd/root/{environment}/application.yaml")]
    plain = (Overlay(environment, path) for path in found if path.parent != MODEL_OVERLAYS)
    return tuple(sorted([*plain, *(_model(environment, name) for name in model_names())]))


def every_overlay() -> tuple[Overlay, ...]:
    """The overlays of all environments."""
    return tuple(overlay for environment in ENVIRONMENTS for overlay in overlays(environment))


def model_names() -> tuple[str, ...]:
    """The models that hand-offs have made, and the example."""
    made = {path.parent.name for path in (ROOT / MODELS).glob("*/kustomization.yaml")}
    return tuple(sorted(made | {EXAMPLE_MODEL}))


def _model(environment: str, name: str) -> Overlay:
    return Overlay(environment, MODELS / name, (MODEL_OVERLAYS / environment,))
