"""Every rendered object is one that each supported Kubernetes takes without dropping a field."""

from __future__ import annotations

from functools import cache

import pytest

from tests.contract.not_rendered import UNDEFINED_KINDS
from tests.contract.overlays import Overlay, every_overlay
from tests.contract.rendering import workshop
from tests.contract.schemas import KUBERNETES_VERSIONS, Definitions, closed, mistakes

pytestmark = pytest.mark.go


@cache
def definitions() -> Definitions:
    """Those of every overlay: the homelab's charts bring the same ones that lie in the local overlays."""
    return Definitions.among(found for overlay in every_overlay() for found in workshop().render(overlay))


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("overlay", every_overlay(), ids=str)
def test_the_overlay_is_valid(overlay: Overlay, version: str) -> None:
    judged = (found for found in workshop().render(overlay) if _kind(found) not in UNDEFINED_KINDS)
    assert [line for found in judged for line in mistakes(found, version, definitions())] == []


def test_every_kind_without_a_definition_is_listed_and_no_more() -> None:
    kinds = {_kind(found) for overlay in every_overlay() for found in workshop().render(overlay)}
    assert set(UNDEFINED_KINDS) <= kinds
    assert not {key for key in UNDEFINED_KINDS if key in definitions().validators}


def deployment(**container: object) -> dict[str, object]:
    template = {
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "main", "image": "redis:7.4.1", **container}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "example", "namespace": "mlops"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
def test_a_right_object_has_no_mistakes(version: str) -> None:
    right = deployment(ports=[{"containerPort": 8080}], resources={"limits": {"cpu": 1, "memory": "1Gi"}})
    assert mistakes(right, version, Definitions({})) == []


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize(
    ("container", "part"),
    [
        ({"livenesProbe": {}}, "'livenesProbe' was unexpected"),
        ({"ports": [{"containerPort": "8080"}]}, "'8080' is not of type 'integer'"),
        ({"ports": [{"name": "http"}]}, "'containerPort' is a required property"),
        ({"securityContext": {"capabilities": {"dropp": ["ALL"]}}}, "'dropp' was unexpected"),
        ({"image": ["redis"]}, "is not of type 'string'"),
    ],
)
def test_a_mistake_is_refused_with_its_path(version: str, container: dict[str, object], part: str) -> None:
    (line,) = mistakes(deployment(**container), version, Definitions({}))
    assert "Deployment mlops/example: spec.template.spec.containers.0" in line
    assert part in line


def test_a_misspelt_field_of_a_custom_resource_is_refused() -> None:
    service = next(
        found
        for overlay in every_overlay()
        for found in workshop().render(overlay)
        if found["kind"] == "InferenceService"
    )
    assert mistakes(service, KUBERNETES_VERSIONS[0], definitions()) == []
    misspelt = {**service, "spec": {**service["spec"], "predicter": {}}}
    (line,) = mistakes(misspelt, KUBERNETES_VERSIONS[0], definitions())
    assert "'predicter' was unexpected" in line


def test_a_field_that_is_called_like_a_keyword_stays_a_field() -> None:
    schema = {
        "type": "object",
        "properties": {"nullable": {"type": "string"}, "properties": {"type": "string"}},
    }
    assert closed(schema)["properties"] == schema["properties"]


def _kind(found: dict[str, str]) -> tuple[str, str]:
    return found["apiVersion"], found["kind"]
