"""Root cause over symptom: what a found cause explains is not told beside it as a cause of its own.

A crash loop because a key of a ConfigMap is missing is one trouble, not two. Some findings only say that
something is not well; a finding that says why replaces them, or goes before them where they add what a
reader needs, such as which revision still serves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from triage.analysts.analysis import Cause

_REFERENCES = frozenset({"missing-secret", "missing-config"})
#: what keeps a program from running at all
_STARTUP = _REFERENCES | {
    "oom-killed",
    "image-pull",
    "bad-configuration",
    "init-failed",
    "model-bytes",
    "port-in-use",
    "forbidden",
    "permission-denied",
    "credentials",
    "out-of-memory",
    "disk-full",
    "volume-full",
    "too-many-files",
    "database-locked",
    "pool-exhausted",
    "dns",
    "certificate",
    "dependency",
    "schema-mismatch",
    "evicted",
    "storage-pending",
    "unschedulable",
    "quota",
    "node-not-ready",
    "pod-sandbox",
    "volume-mount",
    "lifecycle-hook",
    "not-created",
}
#: what makes a program that runs fail on requests, or answer late
_SERVICE = frozenset(
    {
        "dns",
        "certificate",
        "dependency",
        "pool-exhausted",
        "rate-limited",
        "database-locked",
        "too-many-files",
        "disk-full",
        "volume-full",
        "forbidden",
        "permission-denied",
        "credentials",
        "out-of-memory",
        "oom-killed",
        "throttling",
        "model-bytes",
        "schema-mismatch",
        "clock-skew",
        "input-schema",
        "gc-pause",
        "cpu-saturated",
        "hung",
    }
)

#: what ends a program, or keeps it from coming up, so that no probe of it can pass
_CRASHES = _REFERENCES | {
    "oom-killed", "image-pull", "bad-configuration", "model-bytes", "port-in-use", "permission-denied",
    "disk-full", "volume-full",
}  # fmt: skip

#: what a controller or the kubelet notes of an object, where no rule knows why
_NOTED = frozenset({"job-failed", "autoscaler", "cluster-warning"})

#: the finding says nothing that these don't say better
_REPLACED_BY: Mapping[str, AbstractSet[str]] = {
    "crash-loop": _STARTUP | {"failing-probe"},
    "process-died": _STARTUP | {"hung"},
    "target-down": _STARTUP | {"crash-loop", "failing-probe", "init-failed", "process-died"},
    "bad-configuration": _REFERENCES
    | {
        "volume-mount",
        "lifecycle-hook",
        "storage-pending",
        "model-bytes",
        "forbidden",
        "permission-denied",
        "certificate",
        "dns",
    },
    "init-failed": _STARTUP - {"init-failed"},
    "failing-probe": _CRASHES,
    "server-errors": frozenset({"dependency", "dns", "certificate", "credentials", "database-locked"}),
    "dependency": frozenset({"dns", "certificate", "pool-exhausted", "credentials", "rate-limited"}),
    "restart": _STARTUP | {"release", "change"},
    "volume-mount": _REFERENCES | {"storage-pending", "permission-denied", "forbidden", "dns"},
    "lifecycle-hook": _REFERENCES,
    "pod-sandbox": frozenset({"quota"}),
    "not-created": _REFERENCES | {"quota", "forbidden", "certificate", "dependency", "dns"},
    "job-failed": (_STARTUP | _SERVICE | {"crash-loop"}),
    "cluster-warning": (_STARTUP | _SERVICE | _NOTED | {"crash-loop", "failing-probe", "rollout-hangs"})
    - {"cluster-warning", "dependency"},
    "hung": frozenset({"pool-exhausted", "database-locked", "dependency", "out-of-memory", "oom-killed"}),
    "credentials": frozenset({"clock-skew"}),
    # a surge or a release is why the processors are busy
    "cpu-saturated": frozenset({"throttling", "traffic", "release"}),
}

#: the finding adds something, but these come first
_EXPLAINED_BY: Mapping[str, AbstractSet[str]] = {
    "rollout-hangs": _STARTUP | {"crash-loop", "failing-probe"},
    "application-degraded": _STARTUP | {"crash-loop", "failing-probe", "rollout-hangs"},
    "failing-probe": _STARTUP | _SERVICE,
    "unschedulable": frozenset({"storage-pending", "node-not-ready", "node-pressure"}),
    "server-errors": _SERVICE,
    "predict": frozenset({"throttling", "node-pressure", "release", "change"}),
    "evicted": frozenset({"node-pressure"}),
    "change": _STARTUP | _SERVICE | {"release"},
    # a release may bring slow answers of others along, so a dependency does not explain it
    "release": (_STARTUP | _SERVICE) - {"dependency"},
    "dependency": frozenset({"oom-killed", "image-pull", "evicted", "node-not-ready"}),
}
#: how far below its explanation an explained finding ranks, at least
_STEP = 0.05
_WEAKER = 0.2


def ordered(causes: Sequence[Cause]) -> Sequence[Cause]:
    """The causes by falling confidence, without those that others replace."""
    kinds = {cause.kind for cause in causes}
    kept = [one for one in causes if not _REPLACED_BY.get(one.kind, frozenset()) & (kinds - {one.kind})]
    return sorted((_below(one, kept) for one in kept), key=lambda cause: -cause.confidence)


def _below(cause: Cause, causes: Sequence[Cause]) -> Cause:
    """The cause, stated no higher than what explains it."""
    explaining = _EXPLAINED_BY.get(cause.kind, frozenset())
    found = [one.confidence for one in causes if one.kind in explaining and one is not cause]
    # what is itself much weaker explains nothing
    better = [confidence for confidence in found if confidence >= cause.confidence - _WEAKER]
    if not better or cause.confidence < max(better):
        return cause
    return cause.model_copy(update={"confidence": round(max(0.0, max(better) - _STEP), 2)})
