"""Cuts KServe's own CRD of InferenceServices down to the one that the local cluster has.

The real one describes every predictor that KServe knows, in two megabytes. The stand-in of the local cluster
knows custom predictors alone, so its CRD keeps the fields that our manifests write and has, as rules, what
KServe's webhooks would refuse. A field that was cut off is refused, rather than accepted and then ignored.

    python scripts/prune_kserve_crd.py serving.kserve.io_inferenceservices.yaml \
        >manifests/kserve-crds/overlays/local/inferenceservices.yaml
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from homeostat.yaml_text import read_yaml, to_yaml

HEADER = """\
# The CRD of InferenceServices of KServe 0.20 (Apache-2.0, The KServe Authors), cut down by
# scripts/prune_kserve_crd.py to what the local cluster's stand-in knows. The homelab has the real one.
# yamllint disable rule:line-length
"""
ALL: Mapping[str, Any] = {}


def _fields(names: str, **deeper: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields with these names as a whole, and of others what is said."""
    return dict.fromkeys(names.split(), ALL) | deeper


_PROBE = _fields(
    "httpGet tcpSocket initialDelaySeconds periodSeconds timeoutSeconds successThreshold failureThreshold"
)
_CONTAINER = _fields(
    "name image imagePullPolicy command args env ports resources securityContext volumeMounts workingDir"
    " terminationMessagePath terminationMessagePolicy",
    startupProbe=_PROBE,
    readinessProbe=_PROBE,
    livenessProbe=_PROBE,
    lifecycle=_fields("", preStop=_fields("sleep")),
)
_PREDICTOR = _fields(
    "annotations labels minReplicas maxReplicas scaleTarget scaleMetric canaryTrafficPercent timeout"
    " deploymentStrategy securityContext serviceAccountName automountServiceAccountToken enableServiceLinks"
    " terminationGracePeriodSeconds topologySpreadConstraints nodeSelector tolerations priorityClassName",
    containers=_CONTAINER,
    volumes=_fields("name configMap secret emptyDir"),
)
_STATUS = _fields("address conditions modelStatus observedGeneration url components deploymentMode")
KEPT = _fields("apiVersion kind metadata", spec=_fields("", predictor=_PREDICTOR), status=_STATUS)

#: what KServe's webhooks refuse: the place in the schema -> the rule in CEL and the sentence
_NAME = ("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", "the name must begin with a letter")
_REPLICAS = (
    "!has(self.minReplicas) || !has(self.maxReplicas) || self.minReplicas <= self.maxReplicas",
    "minReplicas must not be above maxReplicas",
)
_FIRST = (
    "size(self.containers) == 1 || self.containers[0].name == 'kserve-container'",
    "of several containers the first must be named kserve-container",
)
_PROTOCOL = (
    "self.name != 'PROTOCOL' || (has(self.value) && self.value in ['v1', 'v2'])",
    "PROTOCOL must be v1 or v2",
)


def main() -> None:
    """Read the real CRD, whose path is the argument, and write the small one to standard output."""
    print(HEADER + to_yaml(pruned(cast("dict[str, Any]", read_yaml(Path(sys.argv[1]))))), end="")


def pruned(crd: dict[str, Any]) -> dict[str, Any]:
    """The small CRD of the real one."""
    version: dict[str, Any] = crd["spec"]["versions"][0]
    schema = _keep(version["schema"]["openAPIV3Schema"], KEPT)
    spec = schema["properties"]["spec"]
    predictor = spec["properties"]["predictor"]
    containers = predictor["properties"]["containers"]
    env = containers["items"]["properties"]["env"]
    schema["required"], spec["required"], predictor["required"] = ["spec"], ["predictor"], ["containers"]
    # the API server bounds what a rule may cost, so lists and texts that rules read need bounds
    containers.update(minItems=1, maxItems=8)
    env["maxItems"] = 100
    env["items"]["properties"]["name"]["maxLength"] = 253
    env["items"]["properties"]["value"]["maxLength"] = 4096
    _rules(schema, _NAME)
    _rules(predictor, _REPLICAS, _FIRST)
    _rules(env["items"], _PROTOCOL)
    metadata = {"name": crd["metadata"]["name"]}
    small = {**version, "schema": {"openAPIV3Schema": schema}}
    spec = {**crd["spec"], "versions": [small]}
    return {"apiVersion": crd["apiVersion"], "kind": crd["kind"], "metadata": metadata, "spec": spec}


def _rules(schema: dict[str, Any], *rules: tuple[str, str]) -> None:
    schema["x-kubernetes-validations"] = [{"rule": rule, "message": message} for rule, message in rules]


def _keep(schema: dict[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with the fields in ``kept`` alone, at any depth, and without descriptions."""
    bare = cast("dict[str, Any]", _without_descriptions(schema))
    if not kept:
        return bare
    if bare["type"] == "array":
        return {**bare, "items": _keep(bare["items"], kept)}
    properties = {name: _keep(bare["properties"][name], below) for name, below in kept.items()}
    return {**bare, "properties": properties}


def _without_descriptions(schema: object) -> object:
    if isinstance(schema, dict):
        found = cast("dict[str, object]", schema)
        return {
            key: _without_descriptions(value)
            for key, value in found.items()
            if key != "description" or not isinstance(value, str)
        }
    if isinstance(schema, list):
        return [_without_descriptions(item) for item in cast("list[object]", schema)]
    return schema


if __name__ == "__main__":
    main()
