"""What manifests say about secrets: which they name, and whether one stands in them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeostat.redaction import redact

#: shapes that only secrets have; the others that are redacted in logs are ordinary in a manifest
_SURE = re.compile(r"\[redacted:(private-key|jwt|[a-z]+-token|[a-z]+-key|random):")
_AGE = re.compile(r"AGE-SECRET-KEY-1[A-Z0-9]+")
_SECRET_VARIABLE = re.compile(r"(?:PASSWORD|TOKEN|SECRET|API_?KEY)$")


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A key of a Secret that a workload names; ``key`` is None where it takes them all."""

    namespace: str
    secret: str
    key: str | None


def named_by(found: Mapping[str, Any]) -> Iterator[Named]:
    """Every Secret that the object's pods name, with the keys."""
    namespace = found["metadata"].get("namespace", "")
    for node in _mappings(found.get("spec", {})):
        if isinstance(reference := node.get("secretKeyRef"), dict) and "name" in reference:
            yield Named(namespace, reference["name"], reference["key"])
        if isinstance(reference := node.get("secretRef"), dict) and "name" in reference:
            yield Named(namespace, reference["name"], None)
        if isinstance(volume := node.get("secret"), dict) and (
            name := volume.get("secretName", volume.get("name"))
        ):
            items = volume.get("items")
            yield from (Named(namespace, name, item["key"]) for item in items or [{"key": None}])


def made_in_the_cluster(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The Secrets that cert-manager makes for this Certificate: namespace and name."""
    if found["kind"] == "Certificate":
        yield found["metadata"]["namespace"], found["spec"]["secretName"]


def plaintext(documents: list[Any]) -> Iterator[str]:
    """What of the documents of one file is a secret that can be read."""
    for document in documents:
        if not isinstance(document, dict) or _encrypted(document):
            continue
        if document.get("kind") == "Secret":
            yield from _values(document)
        for text in _strings(document):
            yield from (f"a string looks like a secret ({kind}): {text[:8]}..." for kind in suspicious(text))
        for name in filter(None, map(_variable, _mappings(document))):
            yield f"the variable {name} has its value beside it"


def _values(secret: Mapping[str, Any]) -> Iterator[str]:
    for part in ("data", "stringData"):
        for key, value in (secret.get(part) or {}).items():
            if value not in ("", None):
                yield f"the Secret {secret['metadata']['name']} holds a value in {part}.{key}"


def suspicious(text: str) -> Iterator[str]:
    """What kinds of secrets ``text`` seems to hold.

    >>> list(suspicious("redis:7.0.15")), list(suspicious("sha256:" + "0a" * 32))
    ([], [])
    >>> list(suspicious("q9XzLw3nV7bT2k" + "Pd8mRfY5cJ1hG4sA6eU0iO"))
    ['random']
    """
    yield from (match[1] for match in _SURE.finditer(redact(text)))
    if _AGE.search(text):
        yield "age's private key"


def _variable(node: Mapping[str, Any]) -> str | None:
    """The variable of a container that is named like a secret and has its value written beside it."""
    name = node.get("name")
    if isinstance(name, str) and node.get("value") and _SECRET_VARIABLE.search(name):
        return name
    return None


def _encrypted(document: Mapping[str, Any]) -> bool:
    if "sops" not in document:
        return False
    values = [v for part in ("data", "stringData") for v in (document.get(part) or {}).values()]
    return all(str(value).startswith("ENC[") for value in values)


def _mappings(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _mappings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _mappings(value)


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str):
        yield node


def tracked_yaml(root: Path) -> Iterator[Path]:
    """Every YAML file of the repository but the tests' own, whose secrets are made up."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.yaml", "*.yml"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith("tests/") and (root / name).is_file():
            yield root / name
