"""Labels and taints, by the syntax of Kubernetes and by what a kubelet may say of its own node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from infra.definition.draft import Draft
from infra.definition.machines import Taint

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_RESERVED = ("kubernetes.io", "k8s.io")
#: the exceptions of the admission plugin NodeRestriction (k8s.io/kubelet/pkg/apis/well_known_labels.go)
_FREE_PREFIXES = ("kubelet.kubernetes.io", "node.kubernetes.io")
_FREE = {
    *("kubernetes.io/hostname", "kubernetes.io/os", "kubernetes.io/arch"),
    *("topology.kubernetes.io/region", "topology.kubernetes.io/zone"),
    *("failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone"),
    *("beta.kubernetes.io/instance-type", "beta.kubernetes.io/os", "beta.kubernetes.io/arch"),
}
_KEY_FORM = "must be a name such as 'pool' or 'example.org/pool' (letters, digits, '-', '_' and '.')"
_VALUE_FORM = (
    "must be at most 63 letters, digits, '-', '_' and '.', beginning and ending with one of the first"
)


def labels(draft: Draft) -> Iterator[str]:
    """Labels that Kubernetes takes, from a kubelet."""
    for node_label, node in draft.nodes.items():
        for key, value in node.labels.items():
            field = f"nodes.{node_label}.labels.{key}"
            if not _is_key(key):
                yield f"'{field}': {_KEY_FORM}."
            elif not _may_set(key):
                yield (
                    f"'{field}': a kubelet may not set labels of kubernetes.io and k8s.io on its own node; "
                    "choose another prefix, such as homeostat.dev/."
                )
            if not _is_value(value):
                yield f"'{field}' is '{value}': {_VALUE_FORM}."


def taints(draft: Draft) -> Iterator[str]:
    """Taints that Kubernetes takes, each once."""
    for label, node in draft.nodes.items():
        for place, taint in enumerate(node.taints):
            field = f"nodes.{label}.taints.{place}"
            if not _is_key(taint.key):
                yield f"'{field}.key' is '{taint.key}': {_KEY_FORM}."
            if not _is_value(taint.value):
                yield f"'{field}.value' is '{taint.value}': {_VALUE_FORM}."
        for one, other in pairwise(sorted(node.taints, key=_identity)):
            if _identity(one) == _identity(other):
                yield (
                    f"'nodes.{label}.taints' has the key '{one.key}' with the effect {one.effect} twice: "
                    "a node can have it once."
                )


def _identity(taint: Taint) -> tuple[str, str]:
    return taint.key, taint.effect


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return bool(_NAME.fullmatch(name)) and (not slash or bool(_PREFIX.fullmatch(prefix)))


def _is_value(value: str) -> bool:
    return not value or bool(_NAME.fullmatch(value))


def _may_set(key: str) -> bool:
    prefix = key.rpartition("/")[0]
    if key in _FREE or _is_below(prefix, _FREE_PREFIXES):
        return True
    return not _is_below(prefix, _RESERVED)


def _is_below(prefix: str, domains: tuple[str, ...]) -> bool:
    return any(prefix == domain or prefix.endswith(f".{domain}") for domain in domains)
