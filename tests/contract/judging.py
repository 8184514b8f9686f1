"""The verdict of ``policies/`` on an environment: conftest, which is OPA, over all that it holds."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.contract.overlays import ROOT, Overlay, overlays
from tests.contract.rendering import Object, Workshop, workshop
from tests.programs import find

POLICIES = ROOT / "policies"
#: where own images that were never built are refused
DEPLOYABLE = POLICIES / "deployable"
LIMIT_SECONDS = 120


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What a rule says against an object."""

    #: the overlay that renders the object, or the file with the exceptions
    source: str
    rule: str
    object: str
    field: str
    message: str

    def __str__(self) -> str:
        """The sentence, with the rule that says it."""
        return f"[{self.rule}] {self.message}"


@cache
def verdict(environment: str) -> Sequence[Finding]:
    """What the rules find in ``environment``, exceptions left out."""
    documents = [
        {"source": str(overlay), "object": judged(found)}
        for overlay in overlays(environment)
        for found in workshop().attempt(overlay)
    ]
    return conftest({"environment": environment, "documents": documents}, "homeostat", POLICIES)


def judged(found: Object) -> Object:
    """The part of an object that rules look at: the schema in a definition is long and not theirs."""
    if found["kind"] != "CustomResourceDefinition":
        return found
    return {key: value for key, value in found.items() if key != "spec"}


def never_built(overlay: Overlay, rendered: Workshop) -> Sequence[str]:
    """The sentences against own images of the overlay that have no digest yet."""
    found = (conftest(resource, "homeostat.deployable", DEPLOYABLE) for resource in rendered.render(overlay))
    return [finding.message for findings in found for finding in findings]


def conftest(document: Mapping[str, Any], namespace: str, policies: Path) -> Sequence[Finding]:
    """Evaluate ``data.<namespace>.deny`` of the Rego below ``policies`` for one input document."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        arguments = ["test", "--policy", policies, "--data", policies, "--namespace", namespace]
        ran = _run([*arguments, "--output", "json", "--no-fail", file.name])
    assert ran.returncode == 0, ran.stderr
    return sorted(
        _finding(failure) for result in json.loads(ran.stdout) for failure in result.get("failures") or []
    )


def verify(policies: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests that are written in Rego."""
    return _run(["verify", "--policy", policies, "--output", "json"])


def shown(findings: Iterable[Finding]) -> str:
    """One line each, for an assertion."""
    return "\n".join(str(finding) for finding in findings)


def _run(arguments: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find("go", "conftest"), *arguments],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def _finding(failure: Mapping[str, Any]) -> Finding:
    told = failure["metadata"]
    return Finding(
        source=str(told.get("source", "")),
        rule=str(told.get("rule", "")),
        object=str(told["object"]),
        field=str(told["field"]),
        message=failure["msg"],
    )
