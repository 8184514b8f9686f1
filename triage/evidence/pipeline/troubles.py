"""What befalls any step whatever it does: no space, memory, time, network or right, or no newest branch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from triage.evidence.item import Observation
from triage.evidence.pipeline.parser import Parser, observation
from triage.evidence.pipeline.run_line import RunLine

#: kind -> how programs say it
_SAYINGS: Mapping[str, re.Pattern[str]] = {
    "dependency-down": re.compile(r"(?P<who>MLflow) at (?P<url>\S+) did not do what training needs"),
    "disk-full": re.compile(
        r"[Nn]o space left on device|ENOSPC|[Dd]isk quota exceeded|You are running out of disk space"
    ),
    "out-of-memory": re.compile(
        r"\bMemoryError\b|Cannot allocate memory|Out of memory: Killed|JavaScript heap out of memory"
        r"|std::bad_alloc|\bOOMKilled\b|Process completed with exit code 137|Killed\s*$"
    ),
    "timeout": re.compile(
        r"exceeded the maximum execution time|has timed out after \d+|Timeout: .*exceeded"
        r"|timed out after \d+(?:\.\d+)? ?(?:s|seconds|minutes)\b|context deadline exceeded"
    ),
    "cancelled": re.compile(
        r"The operation was canceled|The run was canceled by|higher priority waiting request"
    ),
    "runner-lost": re.compile(
        r"runner has received a shutdown signal|hosted runner lost communication|runner .*lost communication"
    ),
    "coverage": re.compile(
        r"Required test coverage of [\d.]+% not reached|coverage threshold for .+ not met"
        r"|[Cc]overage (?:check failed|[\d.]+% is (?:below|less than))|Coverage failure: total of"
    ),
    "git-conflict": re.compile(
        r"! \[rejected\]\s+\S+ -> \S+|CONFLICT \(\w[\w/ ]*\): |Automatic merge failed"
        r"|Updates were rejected because|others pushed to the branch|the branch kept moving"
    ),
    "push-forbidden": re.compile(
        r"! \[remote rejected\]|Permission to \S+ denied to|GH006: Protected branch"
        r"|GH013: Repository rule violations|Resource not accessible by integration"
        r"|Write access to repository not granted|could not read Username for"
    ),
    "registry-denied": re.compile(
        r"denied: (?:requested access|permission_denied|installation not allowed)"
        r"|unauthorized: (?:authentication|incorrect|access)|no basic auth credentials|toomanyrequests"
        r"|insufficient_scope"
    ),
    "network": re.compile(
        r"Could not resolve host|Temporary failure in name resolution|Name or service not known|no such host"
        r"|Failed to establish a new connection|[Cc]onnection (?:refused|reset by peer|timed out)"
        r"|TLS handshake timeout|Read timed out|i/o timeout|Failed to fetch:? |RPC failed; |early EOF"
        r"|ECONNRESET|ETIMEDOUT|Network is unreachable|Could not connect to|certificate verify failed"
        r"|50[234] (?:Bad Gateway|Service Unavailable|Gateway Time-?out)"
    ),
    "missing-configuration": re.compile(
        r"(?i)Input required and not supplied: |Credentials could not be loaded|no credentials? (?:found"
        r"|provided)|\bunbound variable\b"
        r"|(?:secret|environment variable|variable) \S+ (?:is )?(?:not set|missing|required)"
    ),
}
_MARKS = (
    "did not do what training needs",
    *("o space left", "ENOSPC", "quota exceeded", "out of disk"),
    *("MemoryError", "allocate memory", "ut of memory", "bad_alloc", "OOMKilled", "exit code 137", "Killed"),
    *("imed out", "imeout", "maximum execution", "deadline exceeded", "canceled", "higher priority"),
    *("shutdown signal", "lost communication"),
    *("rejected", "CONFLICT", "Automatic merge", "others pushed", "kept moving"),
    *("denied", "GH006", "GH013", "not accessible", "not granted", "could not read"),
    *("unauthorized", "auth credentials", "toomanyrequests", "insufficient_scope"),
    *("resolve host", "name resolution", "service not known", "no such host", "onnection", "Failed to fetch"),
    *("RPC failed", "early EOF", "ECONNRESET", "ETIMEDOUT", "unreachable", "Could not connect"),
    *("verify failed", "Bad Gateway", "Service Unavailable", "Gateway T"),
    *("overage",),
    *("ould not be loaded", "redential"),
    *("not supplied", "unbound variable", "ot set", "ariable ", "ecret "),
)
_HOST = re.compile(r"(?:https?://|host:? '?|host=')(?P<host>[\w.-]+)")
_MOST_OF_A_KIND = 3


def observe(lines: Sequence[RunLine]) -> Iterable[Observation]:
    """``trouble`` with its kind; of one kind the first few lines suffice."""
    counts: dict[str, int] = {}
    for line in lines:
        # the cheap test first: a log has many lines
        kind = _kind(line.text) if any(mark in line.text for mark in _MARKS) else None
        if kind and counts.get(kind, 0) < _MOST_OF_A_KIND:
            counts[kind] = counts.get(kind, 0) + 1
            host = _HOST.search(line.text)
            yield observation(
                "trouble", line, {"began": float(line.began)}, what=kind, error=line.text.strip(),
                host=host["host"] if host else "", step=line.step,
            )  # fmt: skip


def _kind(text: str) -> str | None:
    return next((kind for kind, saying in _SAYINGS.items() if saying.search(text)), None)


PARSER = Parser(marks=_MARKS, observe=observe)
