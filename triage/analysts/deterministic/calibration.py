"""How sure a signature is to begin with: one table, so that it can be held against what came true.

A base is the share of right causes that is expected of a signature when its weakest sufficient ground holds;
further grounds add to it in code, none takes it to certainty. Measured on the scenarios that the rules
were written with (first causes, in bins of a tenth of the confidence that was stated for them): 42 at 0.9 and
above, all right; 35 at 0.8, one wrong; three below, all right. That flatters, since the rules had seen them:
the bases stay below those shares, and only the held-out scenarios may move them. A kind whose stated
confidence and hit rate there differ by more than a tenth gets a new base here, nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: what is less likely than not is told as a guess and never claimed
LEAST_CLAIMED = 0.45

BASES: Mapping[str, float] = MappingProxyType(
    {
        # Kubernetes' own word about its own doing
        "oom-killed": 0.85,
        "image-pull": 0.85,
        "missing-secret": 0.85,
        "missing-config": 0.85,
        "unschedulable": 0.85,
        "storage-pending": 0.8,
        "evicted": 0.8,
        "quota": 0.85,
        "node-not-ready": 0.75,
        "node-pressure": 0.7,
        "init-failed": 0.7,
        "bad-configuration": 0.75,
        "failing-probe": 0.6,
        "rollout-hangs": 0.6,
        "crash-loop": 0.5,
        "pod-sandbox": 0.85,
        "volume-mount": 0.75,
        "lifecycle-hook": 0.75,
        "autoscaler": 0.75,
        "job-failed": 0.65,
        "not-created": 0.7,
        "cluster-warning": 0.55,
        "disruption-budget": 0.75,
        "etcd": 0.75,
        "kernel-fault": 0.7,
        # a program's own word about what stopped it: specific, but it may have said so for another reason
        "model-bytes": 0.85,
        "certificate": 0.8,
        "dns": 0.75,
        "port-in-use": 0.8,
        "too-many-files": 0.75,
        "database-locked": 0.75,
        "disk-full": 0.75,
        "forbidden": 0.75,
        "permission-denied": 0.7,
        "credentials": 0.7,
        "pool-exhausted": 0.75,
        "rate-limited": 0.65,
        "dependency": 0.6,
        "out-of-memory": 0.7,
        "schema-mismatch": 0.7,
        "clock-skew": 0.7,
        "input-schema": 0.7,
        "hung": 0.65,
        "process-died": 0.6,
        # measured
        "throttling": 0.7,
        "gc-pause": 0.7,
        "cpu-saturated": 0.6,
        "change": 0.55,
    }
)
