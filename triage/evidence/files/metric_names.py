"""Which of triage's own queries a foreign series answers, by its name, its labels and what stood above it.

Nobody else calls their metrics as this platform does. What was measured is told by the field's words instead:
p95 and latency, requests per second, the share of 5xx, up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.evidence.files.measured import Measured


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    pattern: re.Pattern[str]
    #: a label that the series must have
    label: str = ""


def _known(name: str, pattern: str, label: str = "") -> _Known:
    return _Known(name, re.compile(pattern, re.IGNORECASE), label)


_KNOWN: Sequence[_Known] = (
    _known("phase_p95", r"phase|p9\d|quantile|latency", "phase"),
    _known("phase_p95", r"", "phase"),
    _known("out_of_range", r"", "feature"),
    _known("served_version", r"model_info|build_info|served.?version", "version"),
    _known(
        "latency_p50", r"p50|quantile\(0?\.5\b|median.{0,20}(?:latency|duration)|latency.{0,12}(?:p50|median)"
    ),
    _known(
        "latency_p95",
        r"\bp9\d|_p9\d|quantile\(0?\.9|latency|response.?time|request_duration|inference_latency|duration_seconds",
    ),
    _known(
        "error_ratio",
        r"error.{0,3}(?:ratio|rate|share|percent|pct)|fail\w*.{0,3}(?:ratio|rate|share)|5xx|5\.\.|status=~?\"5",
    ),
    _known("volume_free", r"(?:volume|disk|fs|filesystem).{0,24}(?:free|avail)"),
    _known("oom_kills", r"oom"),
    _known("memory", r"memory.{0,30}bytes|working_set|rss|resident"),
    _known("confidence", r"confidence"),
    _known(
        "request_rate",
        r"requests?.{0,12}per.{0,3}s|\brps\b|\bqps\b|request.?rate|throughput|traffic|rate\(.{0,80}requests",
    ),
    _known("request_rate", r"^requests?$|requests?[-_. ]rate|http_requests$"),
    _known("up", r"(?:^|[^a-z])up(?:$|[^a-z])"),
)
_THROTTLED = re.compile(r"throttl", re.IGNORECASE)
#: what a name says, apart from where it stands
_EXTENSION = re.compile(r"\.[a-z0-9]{1,9}$")


def query_of(series: Measured, file: str) -> str | None:
    """The name of the query that the series answers; the metric's own name counts before the file's."""
    texts = [series.metric, series.heading, _EXTENSION.sub("", file.rsplit("/", 1)[-1])]
    labels = series.labels
    for text in texts:
        if not text:
            continue
        for known in _KNOWN:
            if known.label and known.label not in labels:
                continue
            if known.pattern.search(text):
                return known.name
    return None


def is_throttling(series: Measured, file: str) -> bool:
    """Whether it is about CPU that a container was refused."""
    return any(_THROTTLED.search(text) for text in (series.metric, series.heading, file))
