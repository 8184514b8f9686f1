"""A ConfigMap that a pod refers to is not there, or lacks a key."""

from __future__ import annotations

import re

from triage.analysts.analysis import Cause, Remedy, RuledOut
from triage.analysts.deterministic.claims import Claim, claimed, said
from triage.analysts.deterministic.complaints import complaints
from triage.analysts.deterministic.containers import SYMPTOMS, waiting_for
from triage.analysts.deterministic.facts import Facts
from triage.analysts.deterministic.places import history, look, namespace_of, pod_of
from triage.analysts.deterministic.signature import Signature

_GONE = re.compile(r"(?i)\bconfigmaps?\s+\\?[\"'`]?(?P<name>[a-z0-9][\w.-]*)\\?[\"'`]? (?:was )?not found")
_NO_KEY = re.compile(
    r"(?i)couldn't find key (?P<key>\S+) in configmap (?:(?P<namespace>[\w-]+)/)?(?P<name>[\w.-]+)"
)
_NO_SUCH_KEY = re.compile(r"(?i)references non-existent config key:? (?P<key>[\w.-]+)")


def judge(facts: Facts) -> Cause | RuledOut | None:
    """Look for the kubelet's complaint that names the ConfigMap."""
    found = complaints(facts, _NO_KEY, _GONE, _NO_SUCH_KEY)
    if not found:
        return None
    first = found[0]
    name, key = first.text("name").rstrip(".,;"), first.text("key").rstrip(".,;:")
    namespace = namespace_of(facts, first)
    pod = pod_of(facts, first)
    of = f"ConfigMap '{name}'" if name else "a ConfigMap"
    waits = waiting_for(facts, {"CreateContainerConfigError", "ContainerCreating", "PodInitializing"})
    return claimed(
        Claim(
            kind="missing-config",
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
            remediation=(
                look(facts, first),
                Remedy(
                    text="See which keys the ConfigMap has." if key else "See which ConfigMaps there are.",
                    command=f"kubectl -n {namespace} describe configmap {name}"
                    if key and name
                    else f"kubectl -n {namespace} get configmaps",
                ),
                Remedy(
                    text=f"Add {f'the key to {of}' if key else of} in git, or mend the reference, and push."
                ),
                history(facts),
            ),
        ),
        found,
        waits,
    )


SIGNATURE = Signature(
    kind="missing-config",
    looks_for="a ConfigMap, or a key of one, that is missing",
    symptoms=SYMPTOMS,
    judge=judge,
    needs_cluster=True,
)
