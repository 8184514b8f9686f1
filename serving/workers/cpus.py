"""How many workers there are, and how many threads each of them may compute with.

More processes than CPUs only take memory and each other's time; fewer leave CPUs idle, since one Python
process decodes and encodes on one CPU at a time.
"""

from __future__ import annotations

import math
import os

from serving.workers.cgroup import quota_cpus


def available_cpus() -> int:
    """CPUs that this process may keep busy, by its affinity and its control group; at least 1."""
    return usable_cpus(_affinity(), quota_cpus())


def usable_cpus(affinity: int, quota: float | None) -> int:
    """The smaller of both; half a CPU of quota or more counts as one, and there is always one.

    Rounding to the nearest: a quota of 2.1 is no reason for a third process, one of 1.5 is for a second.

    >>> usable_cpus(8, 1.5), usable_cpus(8, 0.2), usable_cpus(2, None), usable_cpus(2, 16.0)
    (2, 1, 2, 2)
    """
    allowed = affinity if quota is None else min(affinity, math.floor(quota + 0.5))
    return max(1, allowed)


def worker_count(asked: int | None, cpus: int) -> int:
    """How many workers to start: what was asked for, else one for each of ``cpus``."""
    return cpus if asked is None else asked


def threads_per_worker(cpus: int, workers: int) -> int:
    """Threads with which the libraries of one worker compute, so that all together fill ``cpus``.

    >>> threads_per_worker(8, 8), threads_per_worker(8, 3), threads_per_worker(2, 16)
    (1, 2, 1)
    """
    return max(1, cpus // workers)


def threads_asked(value: str | None) -> int | None:
    """What ``OMP_NUM_THREADS`` asks for; None where it says no number of threads.

    >>> threads_asked("4"), threads_asked(None), threads_asked("4,2"), threads_asked("0")
    (4, None, None, None)
    """
    return int(value) if value and value.isascii() and value.isdecimal() and int(value) > 0 else None


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # macOS knows no affinity
