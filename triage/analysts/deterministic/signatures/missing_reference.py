"""A pod refers to a Secret or a ConfigMap that is not there, or lacks a key: told alike, mended apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from triage.analysts.analysis import Cause, Remedy
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS, waiting_for
from triage.analysts.deterministic.facts import Fact, Facts
from triage.analysts.deterministic.places import history, look, namespace_of, pod_of
from triage.analysts.deterministic.signature import Signature

_WAITING = frozenset({"CreateContainerConfigError", "ContainerCreating", "PodInitializing"})


@dataclass(frozen=True, slots=True)
class Reference:
    """One kind of object that pods refer to."""

    kind: str
    #: as Kubernetes writes it in objects, and in commands
    object: str
    resource: str
    #: what a reader must know of looking at it
    caution: str
    #: how one is added where git is the only way to change a cluster
    added: str

    @property
    def patterns(self) -> tuple[re.Pattern[str], ...]:
        """The kubelet's complaints: a missing key, a missing object, and a mount that finds no key."""
        word = self.resource
        return (
            re.compile(
                rf"(?i)couldn't find key (?P<key>\S+) in {word} (?:(?P<namespace>[\w-]+)/)?(?P<name>[\w.-]+)"
            ),
            re.compile(rf"(?i)\b{word}s?\s+\\?[\"'`]?(?P<name>[a-z0-9][\w.-]*)\\?[\"'`]? (?:was )?not found"),
            re.compile(rf"(?i)references non-existent {word.removesuffix('map')} key:? (?P<key>[\w.-]+)"),
        )


def _judge(facts: Facts, reference: Reference) -> Cause | None:
    """Look for the kubelet's complaint that names the object."""
    found = complaints(facts, *reference.patterns)
    if not found:
        return None
    first = found[0]
    name, key = first.text("name").rstrip(".,;"), first.text("key").rstrip(".,;:")
    of = f"{reference.object} '{name}'" if name else f"a {reference.object}"
    pod = pod_of(facts, first)
    return claimed(
        Claim(
            kind=reference.kind,
            title=(f"Key '{key}' is missing from {of}" if key else f"{of} is missing")
            + (f": pod {pod} can't start" if pod else ""),
            explanation=(
                (
                    f"The pod refers to key '{key}' of {of}, which has no such key"
                    if key
                    else f"The pod refers to {of}, which does not exist in its namespace"
                )
                + ", so the container can't be created (CreateContainerConfigError or FailedMount): "
                + said(first)
            ),
            remediation=_remediation(facts, first, reference, name, key),
        ),
        found,
        waiting_for(facts, _WAITING),
    )


def _remediation(facts: Facts, first: Fact, reference: Reference, name: str, key: str) -> tuple[Remedy, ...]:
    of = f"{reference.object} '{name}'" if name else f"a {reference.object}"
    resource, namespace = reference.resource, namespace_of(facts, first)
    which = f"which keys the {reference.object} has" if key else f"which {reference.object}s there are"
    see = f"describe {resource} {name}" if key and name else f"get {resource}s"
    return (
        look(facts, first),
        Remedy(text=f"See {which}{reference.caution}.", command=f"kubectl -n {namespace} {see}"),
        Remedy(text=f"Add {f'the key to {of}' if key else of} {reference.added}."),
        history(facts),
    )


def _signature(reference: Reference) -> Signature:
    return Signature(
        kind=reference.kind,
        looks_for=f"a {reference.object}, or a key of one, that is missing",
        symptoms=SYMPTOMS,
        judge=partial(_judge, reference=reference),
        needs_cluster=True,
    )


SIGNATURES = (
    _signature(
        Reference(
            kind="missing-secret",
            object="Secret",
            resource="secret",
            caution="; values are not shown",
            added="by the way that secrets take into this cluster, or mend the reference in git",
        )
    ),
    _signature(
        Reference(
            kind="missing-config",
            object="ConfigMap",
            resource="configmap",
            caution="",
            added="in git, or mend the reference, and push",
        )
    ),
)
