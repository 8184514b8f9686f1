"""Every Secret that the local overlays need is made by the provider, with the keys that they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.gitops.secrets import all_secrets
from tests.contract.argocd.deployed import generated
from tests.contract.rendering import workshop

pytestmark = pytest.mark.go


#: where a pod names a Secret: the field of the source, and the one in it that holds the name
SOURCES = (("secretKeyRef", "name"), ("secretRef", "name"), ("secret", "secretName"), ("secret", "name"))


def references(node: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of Secrets below ``node`` that must be there, each with the keys that are asked of it."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict) and node.get("kind") != "CustomResourceDefinition":
        for field, name in SOURCES:
            source = node.get(field)
            if isinstance(source, dict) and name in source and not source.get("optional"):
                yield source[name], keys_of(source)
        yield from references(list(node.values()))


def keys_of(source: dict[str, Any]) -> tuple[str, ...]:
    if "key" in source:
        return (source["key"],)
    return tuple(item["key"] for item in source.get("items", []))


def test_the_provider_makes_every_secret_that_a_pod_needs(tmp_path: Path):
    made = {(secret.namespace, secret.name): set(secret.values) for secret in all_secrets(tmp_path)}
    missing = [
        f"{application.name} needs {', '.join(keys) or 'all'} of Secret {namespace}/{name}"
        for application in generated("local")
        for found in workshop().attempt(application.overlay)
        for namespace in [found["metadata"].get("namespace", application.namespace)]
        for name, keys in references(found)
        if not set(keys) <= made.get((namespace, name), set()) or (namespace, name) not in made
    ]
    assert not missing, "\n".join(missing)


def test_references_in_environment_and_volumes_are_found_and_optional_ones_let_be():
    pod = {
        "containers": [
            {"env": [{"valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}}]},
            {"envFrom": [{"secretRef": {"name": "b"}}, {"secretRef": {"name": "x", "optional": True}}]},
        ],
        "volumes": [
            {"secret": {"secretName": "c", "items": [{"key": "i", "path": "p"}]}},
            {"projected": {"sources": [{"secret": {"name": "d"}}]}},
            {"secret": {"secretName": "y", "optional": True}},
        ],
    }
    assert sorted(references(pod)) == [("a", ("k",)), ("b", ()), ("c", ("i",)), ("d", ())]
