"""Strict schemas, offline: of Kubernetes' own kinds and of the resources that the repository defines.

The API server drops fields that it does not know, so a misspelt one is an error here. Kubernetes' schemas
come with the package kubernetes-validate, one set a minor version; those of custom resources are read from
their definitions, closed in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import schema_contents
from referencing import Registry, Resource

from tests.contract.rendering import Object

#: the minor versions that the manifests are for: the local cluster's, and the one before it
KUBERNETES_VERSIONS = ("1.33", "1.34")


class UnknownKindError(AssertionError):
    """No schema is at hand for a kind."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """Validators of custom resources by apiVersion and kind."""

    validators: Mapping[tuple[str, str], Draft202012Validator]

    @classmethod
    def among(cls, objects: Iterable[Object]) -> Definitions:
        """Those of the CustomResourceDefinitions among the objects."""
        found: dict[tuple[str, str], Draft202012Validator] = {}
        for definition in objects:
            if definition["kind"] != "CustomResourceDefinition":
                continue
            spec = definition["spec"]
            for version in spec["versions"]:
                key = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
                found[key] = Draft202012Validator(closed_root(version["schema"]["openAPIV3Schema"]))
        return cls(found)


def mistakes(found: Object, version: str, definitions: Definitions) -> Sequence[str]:
    """What is wrong with an object for one version of Kubernetes: a line each, with the path of the field."""
    key = (found["apiVersion"], found["kind"])
    validator = definitions.validators.get(key) or _kubernetes(version, *key)
    name = f"{found['kind']} {found['metadata'].get('namespace', '')}/{found['metadata']['name']}"
    return [
        f"{name}: {'.'.join(str(step) for step in error.absolute_path)}: {error.message[:300]}"
        for error in validator.iter_errors(found)
    ]


def closed_root(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a whole custom resource, whose head the definition leaves to the API server."""
    head = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    inner = closed(schema)
    return {**inner, "properties": {**inner.get("properties", {}), **head}}


def closed(schema: Any) -> Any:
    """A structural schema in which fields that it does not name are errors, as strict JSON Schema.

    >>> closed({"type": "object", "properties": {"a": {"type": "string", "nullable": True}}})
    {'type': 'object', 'properties': {'a': {'type': ['string', 'null']}}, 'additionalProperties': False}
    """
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items() if key not in {"nullable", "properties"}}
    # properties are named freely: one may be called 'nullable'
    if "properties" in schema:
        made["properties"] = {name: closed(inner) for name, inner in schema["properties"].items()}
    if schema.get("nullable") and isinstance(schema.get("type"), str):
        made["type"] = [schema["type"], "null"]
    is_open = schema.get("x-kubernetes-preserve-unknown-fields") or schema.get(
        "x-kubernetes-embedded-resource"
    )
    if made.get("type") == "object" and "properties" in made and not is_open:
        made.setdefault("additionalProperties", False)
    return made


@cache
def _kubernetes(version: str, api_version: str, kind: str) -> Draft202012Validator:
    # how the package names its files: rbac.authorization.k8s.io/v1 is rbac-v1
    name = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    try:
        schema = schema_contents(f"{_folder(version)}/{kind.lower()}-{name}.json", version)
    except FileNotFoundError:
        raise UnknownKindError(f"no schema for {api_version} {kind} in Kubernetes {version}") from None
    return Draft202012Validator(schema, registry=_registry(version))


@cache
def _registry(version: str) -> Registry[Any]:
    definitions = schema_contents(f"{_folder(version)}/_definitions.json", version)
    return Resource.from_contents(definitions) @ Registry()


def _folder(version: str) -> str:
    return f"kubernetes-json-schema/v{version}.0-local-strict"
