"""The Applications that the tiers of an environment make, evaluated as far as their templates go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.overlays import Overlay, overlays
from tests.contract.rendering import Object, workshop

TIERS = ("crds", "platform", "observability", "models")


@dataclass(frozen=True, slots=True)
class Generated:
    """One Application."""

    name: str
    project: str
    repository: str
    namespace: str
    overlay: Overlay


def rendered(environment: str, kind: str) -> dict[str, Object]:
    """The ApplicationSets or AppProjects of an environment, by name."""
    found = workshop().render(Overlay(environment, Path(f"argocd/tiers/overlays/{environment}")))
    return {item["metadata"]["name"]: item for item in found if item["kind"] == kind}


def generated(environment: str) -> Sequence[Generated]:
    """Every Application of an environment, the example model's among them."""
    tiers = rendered(environment, "ApplicationSet")
    lists = [tier for name, tier in tiers.items() if name != "models"]
    components = [
        _from_element(tier, element, environment)
        for tier in lists
        for element in tier["spec"]["generators"][0]["list"]["elements"]
    ]
    models = [
        _application(tiers["models"], {".metadata.name": overlay.path.name.replace("_", "-")}, overlay)
        for overlay in overlays(environment)
        if overlay.components
    ]
    return [*components, *models]


def _from_element(tier: Object, element: dict[str, str], environment: str) -> Generated:
    parameters = {f".{name}": value for name, value in element.items()}
    path = _filled(tier["spec"]["template"]["spec"]["source"]["path"], parameters)
    return _application(tier, parameters, Overlay(environment, Path(path)))


def _application(tier: Object, parameters: dict[str, str], overlay: Overlay) -> Generated:
    template: Any = tier["spec"]["template"]
    return Generated(
        name=_filled(template["metadata"]["name"], parameters),
        project=template["spec"]["project"],
        repository=template["spec"]["source"]["repoURL"],
        namespace=_filled(template["spec"]["destination"]["namespace"], parameters),
        overlay=overlay,
    )


def _filled(text: str, parameters: dict[str, str]) -> str:
    for name, value in parameters.items():
        text = text.replace("{{ " + name + " }}", value)
    assert "{{" not in text, f"{text} names what the generator does not give"
    return text
